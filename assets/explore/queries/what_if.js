// What-ifs: another word, a covered region. Every result can be undone.

import { make } from "../../shared/elements.js";
import { counted, percent } from "../../shared/format.js";
import { cellsHolding } from "../../shared/maps/maps.js";
import { align } from "../compare/alignment.js";
import { textsOf } from "../state.js";
import { END } from "../sentence/word_card.js";

const LEAST_CHANGE = 0.0005; // of a probability

export function addWhatIf(explorer) {
  const { root, part, sentence, strip, queries } = explorer;
  let past = [];
  let future = [];

  explorer.add({
    show() {
      part("history").hidden = !past.length && !future.length;
      part("undo").disabled = !past.length;
      part("redo").disabled = !future.length;
      part("original").disabled = explorer.shown === explorer.original;
      markChanges();
      writeCovered();
    },
    clear() { begin(null); },
  });

  // The page gave a caption: it is the first of its history, or a stored one has a history already.
  function begin(value, stored = { past: [], future: [] }) {
    [past, future, explorer.original] = [[...stored.past], [...stored.future], value];
  }

  const history = () => ({ past, future });

  function replaceBy(value, index) {
    past.push(explorer.shown);
    future = [];
    explorer.present(value, index);
  }

  // Shows a result of the server in place of the caption, with the word `index` chosen.
  const showResult = (result, index) => replaceBy({ ...explorer.original, ...result }, index);

  function undo() {
    if (!past.length) return;
    future.push(explorer.shown);
    explorer.present(past.pop());
  }

  function redo() {
    if (!future.length) return;
    past.push(explorer.shown);
    explorer.present(future.pop());
  }

  function backToOriginal() {
    if (explorer.shown !== explorer.original) replaceBy(explorer.original);
  }

  // Marks the words that differ from the caption that the page gave.
  function markChanges() {
    const { original, shown } = explorer;
    const [before, now] = [textsOf(original), explorer.texts];
    const changed = shown === original ? [] : align(before, now)
      .filter(([i, j]) => before[i] !== now[j]).map(([, j]) => j);
    for (const list of [sentence, strip]) {
      [...list.children].forEach((node, i) => node.toggleAttribute("data-changed", changed.includes(i)));
    }
  }

  // The sentence continues from other words in place of the chosen one.
  function replaceWord(words) {
    return continueFrom([...explorer.texts.slice(0, explorer.chosen), ...words], explorer.chosen);
  }

  // A sentence that begins with `words`, with word `index` chosen; with `ends` it is no longer.
  function continueFrom(words, index, { settings = explorer.shown.settings, ends = false } = {}) {
    return queries.attempt(async (isCurrent) => {
      const { covered } = explorer.shown;
      const { result } = await queries.query("what_if", { words, covered, settings });
      if (isCurrent()) showResult(ends ? cutAt(result, words.length) : result, index);
    });
  }

  // The edits of an address, in one step.
  function edit({ words, covered, end }, index) {
    return queries.attempt(async (isCurrent) => {
      const { original } = explorer;
      const compare = covered.length ? textsOf(original) : undefined;
      const { settings } = original;
      const { result, kept } = await queries.query("what_if", { words, covered, settings, compare });
      if (!isCurrent()) return;
      const compared = kept && { before: original, after: kept };
      showResult({ ...(end ? cutAt(result, end) : result), compared }, index);
    });
  }

  // The sentence ends before the chosen word; this needs no query.
  function endHere() {
    const { chosen, shown } = explorer;
    if (chosen === 0) explorer.report("A sentence has at least one word.");
    else showResult(cutAt(shown, chosen));
  }

  function cover(cells) {
    const before = explorer.shown;
    const covered = [...new Map([...before.covered ?? [], ...cells].map((cell) => [cell.join(), cell])).values()];
    return queries.attempt(async (isCurrent) => {
      const { result, kept } = await queries.query("what_if", {
        words: [], covered, settings: before.settings, compare: textsOf(before),
      });
      if (!isCurrent()) return;
      explorer.pick(null);
      showResult({ ...result, compared: { before, after: kept } });
    });
  }

  // The effect of covering: the sentence before, and how the probability of each of its words changed.
  function writeCovered() {
    const { compared, covered, caption } = explorer.shown;
    part("covered").hidden = !compared;
    if (!compared) return;
    const { before, after } = compared;
    const cells = counted(covered.length, "cell");
    part("covered-said").textContent = before.caption === caption
      ? `With ${cells} covered the sentence stays the same. Its words became more or less probable:`
      : `With ${cells} covered it no longer says “${before.caption}”. How probable each of those words ` +
        "would be, before and now:";
    part("covered-words").replaceChildren(...before.words.map(({ text, probability }, i) => {
      const change = after[i] - probability;
      const direction = change > LEAST_CHANGE ? "up" : change < -LEAST_CHANGE ? "down" : "none";
      return make("li", { "data-change": direction },
        make("span", { class: "alternative" }, text),
        make("span", { class: "number" }, `${percent(probability)} → ${percent(after[i])}`),
        make("span", { class: "change" },
          `${{ up: "+", down: "−", none: "±" }[direction]}${(100 * Math.abs(change)).toFixed(1)}`));
    }));
  }

  root.addEventListener("click", (event) => {
    const hit = event.target.closest("button");
    if (!hit || !explorer.shown) return;
    const { alternative, part: name } = hit.dataset;
    const { word, region } = explorer;
    if (alternative === END && word.text !== END) endHere();
    else if (alternative !== undefined && alternative !== word.text) replaceWord([alternative]);
    else if (name === "undo") undo();
    else if (name === "redo") redo();
    else if (name === "original") backToOriginal();
    else if (name === "cover-word") cover(cellsHolding(word.attention, 0.5));
    else if (name === "cover-region" && region) cover(pairsOf(region));
    else if (name === "clear-region") explorer.pick(null);
  });

  part("typing").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = part("typed");
    const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length || !explorer.shown) return;
    await replaceWord(words);
    if (part("notice").hidden) field.value = "";
  });

  return { begin, history, undo, redo, continueFrom, edit };
}

// The picked cells as [row, column] pairs.
function pairsOf(region) {
  return region.flatMap((row, r) => row.flatMap((isPicked, c) => (isPicked ? [[r, c]] : [])));
}

// A caption that ends after `count` words.
function cutAt(value, count) {
  if (value.words.length <= count) return value;
  const words = value.words.slice(0, count);
  const logs = words.map((word) => Math.log(Math.max(word.probability, 1e-12)));
  return {
    ...value,
    words,
    caption: textsOf({ words }).join(" "),
    confidence: Math.exp(logs.reduce((sum, log) => sum + log, 0) / count),
    vectors: value.vectors?.slice(0, count).map((row) => row.slice(0, count)),
    compared: undefined,
    ended: true,
  };
}
