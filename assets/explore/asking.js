// Asking the server: each question gets a number, each answer carries it.

const waiting = new Map(); // number of the ask -> {resolve, reject, progress}
let asks = 0;

// The answer to one question about the caption on show; rejected with a sentence if there is none.
// `progress(done, total)` is called on the way where the server tells.
function ask(kind, details = {}, progress = () => {}) {
  const id = `${Date.now()}-${(asks += 1)}`;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, progress });
    root.toggleAttribute("data-asking", true);
    trigger("ask", { id, kind, seen: shown.seen, checkpoint: shown.checkpoint, ...details });
  });
}

function onAnswer() {
  const answer = props.answer;
  if (!answer) return;
  const whose = answer.id === null ? [...waiting.keys()] : [answer.id]; // null: all have failed
  for (const id of whose) {
    const asked = waiting.get(id);
    if (!asked) continue;
    if (answer.total !== undefined) {
      asked.progress(answer.done, answer.total);
      continue;
    }
    waiting.delete(id);
    if (answer.error) asked.reject(answer.error);
    else asked.resolve(answer);
  }
  root.toggleAttribute("data-asking", waiting.size > 0);
}

// Another photo or caption came: what was asked about the last one is not wanted any more.
function forgetAsks() {
  const forgotten = [...waiting.values()];
  waiting.clear();
  for (const { reject } of forgotten) reject("");
  root.toggleAttribute("data-asking", false);
}

// Runs something that asks; what goes wrong is said to the visitor in one sentence.
async function trying(work) {
  const about = shown;
  try {
    say("");
    await work(() => about === shown);
  } catch (error) {
    if (typeof error !== "string") throw error;
    if (about === shown) say(error);
  }
}

function say(sentence) {
  part("notice").textContent = sentence || (shown?.silent ?? "");
  part("notice").hidden = !part("notice").textContent;
}

watch("answer", onAnswer);
