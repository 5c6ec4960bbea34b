// Gradio's stream of answers, which goes on after an interruption: what was asked and not answered is asked
// again, and the answers get the numbers that Gradio knows.

const END = "\n\n"; // of a message
const FAILURE = "The connection to the server was lost: please try again.";
// Events that only read. Others might have been carried out already: a training is not started twice.
const READING = ["ask", "change", "choose", "load", "open", "recaption", "select", "tick", "wanted"];

export class Stream {
  #pending = new Map(); // Gradio's number of an event -> {input, init, number: the server's}
  #early = new Set(); // numbers of events that were answered before they were known here
  #server;

  // server: {native: the browser's fetch, send: one that waits, reconnected: resolves when the server answers}
  constructor(server) {
    this.#server = server;
  }

  // Sends an event.
  async join(input, init) {
    const response = await this.#server.send(input, init);
    if (response.ok) {
      const { event_id: number } = await response.clone().json();
      if (!this.#early.delete(number)) this.#pending.set(number, { input, init, number });
    }
    return response;
  }

  // Opens the stream of answers.
  async open(request) {
    const messages = this.#messages(request);
    const encoder = new TextEncoder();
    const body = new ReadableStream({
      async pull(controller) {
        try {
          const { value, done } = await messages.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(`data: ${value}${END}`));
        } catch (error) {
          controller.error(error); // Gradio has closed it
        }
      },
      cancel: () => messages.return(),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  async *#messages(request) {
    for (;;) {
      try {
        const response = await this.#server.send(request.clone());
        for await (const text of read(response)) {
          const message = JSON.parse(text);
          if (message.session_not_found) break; // the server was started again
          yield this.#known(message) ?? text;
          if (message.msg === "close_stream") return;
        }
      } catch (error) {
        if (request.signal.aborted) throw error;
      }
      await this.#server.reconnected();
      yield* this.#askAgain();
      if (!this.#pending.size) { // Gradio opens another one with the next event
        yield JSON.stringify({ msg: "close_stream", event_id: null });
        return;
      }
    }
  }

  // The message with the number that Gradio knows, if that is another one.
  #known(message) {
    const { event_id: number, msg } = message;
    const [known, event] = [...this.#pending].find(([, one]) => one.number === number) ?? [];
    if (!event) {
      if (number && msg === "process_completed") this.#early.add(number);
      return null;
    }
    if (msg === "process_completed") this.#pending.delete(known);
    return known === number ? null : JSON.stringify({ ...message, event_id: known });
  }

  async *#askAgain() {
    for (const [known, event] of this.#pending) {
      const response = isReading(event) ? await this.#server.send(event.input, event.init) : null;
      if (response?.ok) {
        event.number = (await response.json()).event_id;
        continue;
      }
      this.#pending.delete(known);
      const output = { error: FAILURE, visible: true, duration: 10 };
      yield JSON.stringify({ msg: "process_completed", event_id: known, output, success: false });
    }
  }
}

function isReading({ init }) {
  const { fn_index: index } = JSON.parse(init.body);
  const { targets } = window.gradio_config.dependencies.find(({ id }) => id === index);
  return targets.length > 0 && targets.every(([, event]) => READING.includes(event));
}

// The messages of a stream, as JSON.
async function* read(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split(END);
    rest = parts.pop();
    for (const part of parts) if (part.startsWith("data:")) yield part.slice(5).trim();
  }
}
