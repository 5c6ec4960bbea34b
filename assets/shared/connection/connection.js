// The connection to the server. When a request fails, Gradio stops working and reloads the page once the server
// is back. Here the request waits instead: one sentence says why, and what was asked is asked again.

import { make } from "../elements.js";
import { makeToast } from "../toast.js";
import { Stream } from "./stream.js";

const POLL = 1000; // milliseconds between two looks whether the server is back
const DELAY = 600; // milliseconds until the sentence appears: most interruptions are shorter
const TRIES = 2; // of a request that fails although the server answers others
const GATEWAY = [502, 503, 504]; // what a proxy answers in place of a server that is away
const SENTENCE = "The connection to the server is lost. The page goes on by itself as soon as it is back.";
const OURS = "/gradio_api/";

let native = null; // the browser's own fetch
let say = null; // shows a sentence
let lost = null; // while the connection is lost: a promise of its end

export function keepConnected() {
  if (native) return;
  native = window.fetch.bind(window);
  say = makeToast({ role: "status", id: "connection" });
  const events = new Stream({ send, reconnected, native });
  window.fetch = (input, init) => {
    const { pathname } = new URL(input.url ?? input, document.baseURI);
    if (!pathname.includes(OURS)) return native(input, init);
    if (pathname.endsWith("/queue/data")) return events.open(new Request(input, init));
    if (pathname.includes("/heartbeat/")) return heartbeat(new Request(input, init));
    if (pathname.endsWith("/queue/join")) return events.join(input, init);
    return send(input, init);
  };
}

// Like fetch, but while the server is away it waits.
async function send(input, init) {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await native(input, init);
      if (!isFromProxy(response)) return response;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      const wasAway = await reconnected();
      if (!wasAway && tries >= TRIES) throw error;
      continue;
    }
    await reconnected();
  }
}

// The server itself answers Gradio's requests with JSON.
function isFromProxy({ status, headers }) {
  return GATEWAY.includes(status) && !headers.get("content-type")?.includes("json");
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL));

// Resolves as soon as the server answers, to whether it did not at first.
function reconnected() {
  lost ??= (async () => {
    const timer = setTimeout(() => say(make("span", { class: "pulse" }), SENTENCE), DELAY);
    let wasAway = false;
    while (!(await answers())) {
      wasAway = true;
      await pause();
    }
    clearTimeout(timer);
    say();
    lost = null;
    return wasAway;
  })();
  return lost;
}

// Asks for this very file, whose name changes with its content.
async function answers() {
  try {
    const { ok, status } = await native(import.meta.url, { method: "HEAD", cache: "no-store" });
    if (status === 404) { // another version of the page
      location.reload();
      return false;
    }
    return ok;
  } catch {
    return false;
  }
}

// The server knows by it who has left. When it breaks, the server may be away.
async function heartbeat(request) {
  const response = await native(request);
  watchEnd(request, response);
  return new Response(new ReadableStream(), { headers: { "Content-Type": "text/event-stream" } });
}

async function watchEnd(request, response) {
  let current = response;
  while (!request.signal.aborted) {
    try {
      for (const reader = current.body.getReader(); !(await reader.read()).done;);
    } catch {
      // It broke, as it does when the server stops, or could not be opened.
    }
    if (request.signal.aborted) return;
    await reconnected();
    // A server that is about to stop may answer and fail in turn: nobody else would notice its end.
    current = await send(request).catch(pause);
  }
}
