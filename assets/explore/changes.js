// What if: another word, a covered region. Every result can be undone.

let past = [];
let future = [];
let original = null; // the caption that the page gave

parts.push({
  show() {
    part("history").hidden = !past.length && !future.length;
    part("undo").disabled = !past.length;
    part("redo").disabled = !future.length;
    part("original").disabled = shown === original;
    writeCovered();
  },
  clear() { past = []; future = []; original = null; },
});

// A new caption came from the page: it is the first of its history.
function begin(value) {
  [past, future, original] = [[], [], value];
}

// Shows a result of the server in place of the caption, in which `at` is the word to look at.
function goTo(result, at = chosen) {
  past.push(shown);
  future = [];
  present({ ...original, ...result }, at);
}

function undo() {
  if (!past.length) return;
  future.push(shown);
  present(past.pop());
}

function redo() {
  if (!future.length) return;
  past.push(shown);
  present(future.pop());
}

function backToOriginal() {
  if (shown === original) return;
  past.push(shown);
  future = [];
  present(original);
}

const texts = (value) => value.words.map((word) => word.text);

// Marks what differs from the caption that the page gave, and the words that were forced.
function markChanges() {
  const [before, now] = [texts(original), texts(shown)];
  const differs = shown === original ? [] : align(before, now)
    .filter(([i, j]) => before[i] !== now[j]).map(([, j]) => j);
  for (const list of [sentence.children, strip.children]) {
    [...list].forEach((node, i) => node.toggleAttribute("data-changed", differs.includes(i)));
  }
}

// The sentence goes on from other words in place of the chosen one.
function sayInstead(words) {
  return goOnFrom([...texts(shown).slice(0, chosen), ...words], chosen);
}

// A sentence that begins with `words`, looked at from word `at` on; with `ends` it is no longer.
function goOnFrom(words, at, { settings = shown.settings, ends = false } = {}) {
  return trying(async (still) => {
    const { result } = await ask("what_if", { words, covered: shown.covered, settings });
    if (still()) goTo(ends ? cutAt(result, words.length) : result, at);
  });
}

// The sentence ends before the chosen word; for this nobody needs to be asked.
function endHere() {
  if (chosen === 0) say("A sentence has at least one word.");
  else goTo(cutAt(shown, chosen));
}

function cutAt(value, count) {
  if (value.words.length <= count) return value;
  const words = value.words.slice(0, count);
  const logs = words.map((word) => Math.log(Math.max(word.probability, 1e-12)));
  return {
    ...value,
    words,
    caption: words.map((word) => word.text).join(" "),
    confidence: Math.exp(logs.reduce((sum, log) => sum + log, 0) / count),
    vectors: value.vectors?.slice(0, count).map((row) => row.slice(0, count)),
    compared: undefined,
  };
}

// Covering

const asPairs = (cells) => cells.flatMap((row, r) => row.flatMap((is, c) => (is ? [[r, c]] : [])));

function cover(cells) {
  const before = shown;
  const key = (cell) => cell.join();
  const all = [...new Map([...before.covered ?? [], ...cells].map((cell) => [key(cell), cell])).values()];
  return trying(async (still) => {
    const { result, kept } = await ask("what_if", {
      words: [], covered: all, settings: before.settings, compare: texts(before),
    });
    if (!still()) return;
    pick(null);
    goTo({ ...result, compared: { before, kept } });
  });
}

// What covering did: the sentence before, and for each of its words how its probability changed.
function writeCovered() {
  const { compared, covered: cells } = shown;
  const box = part("covered");
  box.hidden = !compared;
  if (!compared) return;
  const { before, kept } = compared;
  const count = cells.length === 1 ? "1 cell" : `${cells.length} cells`;
  const same = before.caption === shown.caption;
  part("covered-said").textContent = same
    ? `With ${count} covered the sentence stays the same. Its words became likelier or less likely:`
    : `With ${count} covered it no longer says “${before.caption}”. How likely each of those words ` +
      "would be, before and now:";
  part("covered-words").replaceChildren(...before.words.map((word, i) => {
    const change = kept[i] - word.probability;
    const sign = change > 0.0005 ? "+" : change < -0.0005 ? "−" : "±";
    const row = make("li", {},
      make("span", { class: "alternative" }, word.text),
      make("span", { class: "number" }, `${percent(word.probability)} → ${percent(kept[i])}`),
      make("span", { class: "change" }, `${sign}${(100 * Math.abs(change)).toFixed(1)}`));
    row.dataset.change = change > 0.0005 ? "up" : change < -0.0005 ? "down" : "none";
    return row;
  }));
}

root.addEventListener("click", (event) => {
  const hit = event.target.closest("button");
  if (!hit || !shown) return;
  const { alternative, part: name } = hit.dataset;
  if (alternative === "<end>" && shown.words[chosen].text !== "<end>") endHere();
  else if (alternative !== undefined && alternative !== shown.words[chosen].text) sayInstead([alternative]);
  else if (name === "undo") undo();
  else if (name === "redo") redo();
  else if (name === "original") backToOriginal();
  else if (name === "cover-word") cover(cellsHolding(shown.words[chosen].attention, 0.5));
  else if (name === "cover-region" && region) cover(asPairs(region));
  else if (name === "clear-region") pick(null);
});

part("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = part("typed");
  const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length || !shown) return;
  sayInstead(words).then(() => { if (part("notice").hidden) field.value = ""; });
});
