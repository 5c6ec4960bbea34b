// Queries to the server: each has an id, which its answer repeats.

const UNREACHABLE = "The server cannot be reached: please try again in a moment.";

export function addQueries(explorer) {
  const { root } = explorer;
  const pending = new Map(); // id -> {resolve, reject, progress}
  let count = 0;
  let fetched = null; // what the network saw, where the caption came without it
  const showPending = () => root.toggleAttribute("data-asking", pending.size > 0);

  // The answer to a query about the caption on show, whose photo it only names. Rejects with a sentence if there
  // is none. `progress(done, total)` is called for interim reports; `event` is that of the component; `whole()` has
  // the fields that the message gets where the server does not have the photo.
  function query(kind, details = {}, { progress = () => {}, event = "ask", whole = withSeen } = {}) {
    const id = `${Date.now()}-${(count += 1)}`;
    const { checkpoint, keys } = explorer.shown;
    const message = { id, kind, key: keys?.seen, checkpoint, ...details };
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, progress, event, message, whole });
      showPending();
      explorer.trigger(event, message);
    });
  }

  const withSeen = async () => ({ seen: await seen() }); // what the network saw

  // The server does not have the photo, or not any more: once more, with it.
  async function sendPhoto({ event, message, whole }) {
    try {
      explorer.trigger(event, { ...message, ...await whole() });
    } catch (error) {
      receive({ id: message.id, error });
    }
  }

  // The part of the photo that the network saw, or a promise of it: the result that the page opens on comes
  // without it, because it is as large as all the rest.
  function seen() {
    const { seen: picture, rest } = explorer.shown;
    fetched ??= picture ? null : fetchSeen(rest);
    return picture ?? fetched;
  }

  async function fetchSeen(address) {
    try {
      return (await (await fetch(new URL(address, document.baseURI))).json()).seen;
    } catch {
      fetched = null;
      throw UNREACHABLE;
    }
  }

  function receive(answer = explorer.props.answer) {
    if (!answer) return;
    for (const id of answer.id === null ? [...pending.keys()] : [answer.id]) { // null: all have failed
      const waiting = pending.get(id);
      if (!waiting) continue;
      if (answer.total !== undefined) {
        waiting.progress(answer.done, answer.total);
        continue;
      }
      if (answer.unknown) {
        sendPhoto(waiting);
        continue;
      }
      pending.delete(id);
      if (answer.error) waiting.reject(answer.error);
      else waiting.resolve(answer);
    }
    showPending();
  }

  // Another photo or caption came: answers about the previous one are no longer wanted.
  function forget() {
    const forgotten = [...pending.values()];
    pending.clear();
    for (const { reject } of forgotten) reject("");
    showPending();
  }

  // Runs work that queries the server, and reports an error to the visitor in one sentence. `work` gets a
  // function that says whether the caption on show is still the same.
  async function attempt(work) {
    const about = explorer.shown;
    const isCurrent = () => about === explorer.shown;
    try {
      explorer.report("");
      await work(isCurrent);
    } catch (error) {
      if (typeof error !== "string") throw error;
      if (isCurrent()) explorer.report(error);
    }
  }

  explorer.add({ clear: forget });
  return { query, seen, receive, forget, attempt };
}
