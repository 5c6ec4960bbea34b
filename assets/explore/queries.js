// Queries to the server: each has an id, which its answer repeats.

export function addQueries(explorer) {
  const { root, props } = explorer;
  const pending = new Map(); // id -> {resolve, reject, progress}
  let count = 0;
  const showPending = () => root.toggleAttribute("data-asking", pending.size > 0);

  // The answer to a query about the caption on show. Rejects with a sentence if there is none.
  // `progress(done, total)` is called for interim reports.
  function query(kind, details = {}, progress = () => {}) {
    const id = `${Date.now()}-${(count += 1)}`;
    const { seen, checkpoint } = explorer.shown;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, progress });
      showPending();
      explorer.trigger("ask", { id, kind, seen, checkpoint, ...details });
    });
  }

  function receive() {
    const { answer } = props;
    if (!answer) return;
    for (const id of answer.id === null ? [...pending.keys()] : [answer.id]) { // null: all have failed
      const waiting = pending.get(id);
      if (!waiting) continue;
      if (answer.total !== undefined) {
        waiting.progress(answer.done, answer.total);
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
  return { query, receive, forget, attempt };
}
