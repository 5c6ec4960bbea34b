// The six pages of the tour of a recurrent decoder: how a word came about, with its own numbers. A page's
// `write(explorer, i)` returns the nodes of its text about word i.
// `look` is the look of the photo meanwhile; `outlined` outlines the cells that hold half of the word's
// map; `next` shows the next word, after the last one the whole sentence.

import { make, meter } from "../../shared/elements.js";
import { counted, percent } from "../../shared/format.js";
import { cellsHolding, overlap, peakOf, whereabouts } from "../../shared/maps/maps.js";
import { toward } from "../state.js";
import { END, ranked } from "../sentence/word_card.js";

export const RECURRENT = [
  { title: "Grid", write: writeGrid, look: { strength: 0, cells: true } },
  { title: "Attention", write: writeAttention, look: { overlay: "heat", smooth: false } },
  { title: "Weighted sum", write: writeSum, look: { smooth: false }, outlined: true },
  { title: "Memory", write: writeMemory },
  { title: "Choice", write: writeChoice },
  { title: "Next word", write: writeNext, next: true },
];

export function halfHolding(word) {
  return cellsHolding(word.attention, 0.5);
}

const quoted = (text) => (text === END ? "the end of the sentence" : `“${text}”`);
export const phrase = ({ texts }, from, to) => `“${texts.slice(from, to).join(" ")}”`;
export const paragraph = (text) => make("p", {}, text.replaceAll(" %", "\u00a0%"));
const facts = (...pairs) => make("dl", {},
  ...pairs.map(([name, fact]) => make("div", {}, make("dt", {}, name), make("dd", {}, fact))));

// Rows of [label, share, whether it is highlighted]; the longest bar is `most`.
export function bars(rows, digits, most = 1) {
  return make("ol", {}, ...rows.map(([label, share, isChosen]) => {
    const row = make("li", {}, make("span", { class: "alternative", title: label }, label),
      meter(share / most), make("span", { class: "number" }, percent(share, digits)));
    row.toggleAttribute("data-chosen", Boolean(isChosen));
    return row;
  }));
}

export function writeGrid({ grid, shown, words, cellCount }) {
  const hidden = shown.covered?.length;
  return [
    paragraph("The network does not read the photo as a whole, but as a grid of cells. It describes each " +
      "cell by a list of numbers: what is to be seen there and around it."),
    facts(["the grid", `${counted(grid.y.length, "row")} × ${counted(grid.x.length, "column")} = ${counted(cellCount, "cell")}`],
      ["made", `once, for ${words.length === 1 ? "the one word" : `all ${words.length} words`}`],
      ...(hidden ? [["covered", `${counted(hidden, "cell")}, which the network does not see`]] : [])),
  ];
}

function writeAttention(explorer, i) {
  const map = explorer.words[i].attention;
  const total = map.flat().reduce((sum, weight) => sum + weight, 0);
  const largest = cellsHolding(map, 1).slice(0, 3);
  const known = i === 0 ? "Before the first word it knows only the photo as a whole. From that"
    : `With ${phrase(explorer, Math.max(0, i - 3), i)} just said,`;
  return [
    paragraph(`${known} every cell got a score: how much does it matter now? A softmax turned the scores ` +
      `into ${explorer.cellCount} weights, which sum to ${percent(total)}. The largest:`),
    bars(largest.map(([r, c]) => [`row ${r + 1}, column ${c + 1}`, map[r][c]]), 1, peakOf(map)),
    paragraph(`An even share would be ${percent(1 / explorer.cellCount, 1)}. The brighter a cell, the larger its weight.`),
  ];
}

function writeSum(explorer, i) {
  return sum(explorer, i, "The numbers of all cells were added up, those of each cell times its weight. The sum is what " +
    "this word got to see of the photo; a cell without weight adds nothing to it.");
}

export function sum({ words, cellCount }, i, text) {
  const half = halfHolding(words[i]);
  const held = half.reduce((held, [r, c]) => held + words[i].attention[r][c], 0);
  const others = cellCount - half.length;
  return [
    paragraph(text),
    bars([[`${half.length} outlined`, held, true],
      ...(others ? [[counted(others, "other"), Math.max(0, 1 - held)]] : [])], 0),
  ];
}

function writeMemory(explorer, i) {
  const photo = "the photo as a whole";
  const earlier = i > 1 ? phrase(explorer, 0, i - 1) : i === 1 ? `${photo}, no word yet` : photo;
  return [
    paragraph("A recurrent network, the GRU, carries the sentence so far in its memory. Three things went in:"),
    facts(["its memory until then", earlier],
      ["the last word", i ? phrase(explorer, i - 1, i) : "none yet: a mark for the start"],
      ["the weighted sum", `what was seen ${toward(whereabouts(explorer.words[i].attention, explorer.grid))}`]),
    paragraph(i ? `Out came a new memory: ${phrase(explorer, 0, i)}, and what was seen on the way.`
      : "Out came a new memory, ready for the first word."),
  ];
}

function writeChoice(explorer, i) {
  return choice(explorer, i, "From the memory and the weighted sum");
}

export function choice({ words, shown }, i, source) {
  const rows = ranked(words[i]);
  return [
    paragraph(`${source}, every word of the vocabulary got a probability. The best:`),
    bars(rows.map(({ label, probability, isChosen }) => [label, probability, isChosen]), 1),
    paragraph(choiceText(shown, words[i].text, rows[0].text, i < (shown.forced ?? 0))),
  ];
}

function choiceText({ settings }, text, likeliest, isForced) {
  const { sampler, temperature, top_k: topK, top_p: topP, beams } = settings ?? {};
  const isBest = text === likeliest;
  const though = isBest ? "" : `, though ${quoted(likeliest)} was more probable`;
  if (isForced) {
    return `“${text}” was given, not chosen. ` + (isBest ? "The network found it the most probable, too."
      : `The network found ${quoted(likeliest)} the most probable.`);
  }
  if (sampler === "sampling") {
    return `Sampling draws by chance, and drew “${text}”${isBest ? ", the most probable" : though}.` +
      (temperature > 1 ? ` Temperature ${temperature} gave improbable words more of a chance than is shown.`
        : temperature < 1 ? ` Temperature ${temperature} gave probable words more of a chance than is shown.` : "") +
      (topK > 0 || topP < 1 ? " The least probable words were left out." : "");
  }
  if (sampler === "beam") {
    return `Beam search kept ${beams ? `the ${beams} best` : "several"} sentences at every word. The best of them ` +
      `in the end says “${text}” here${though}.`;
  }
  if (!isBest) return `“${text}” was chosen${though}.`;
  return sampler === "greedy" ? `Greedy decoding takes the largest: “${text}”.` : `“${text}” is the most probable.`;
}

function writeNext(explorer, i) {
  return following(explorer, i, "the same grid, new weights");
}

export function following({ words, shown, grid }, i, again) {
  const [word, next] = words.slice(i, i + 2);
  if (!next) {
    return [
      paragraph(`“${word.text}” is the last word. The end of the sentence is a choice like any word, with a ` +
        "probability of its own; here the sentence ends."),
      facts(["the sentence", `“${shown.caption}”`], ["confidence", percent(shown.confidence)]),
      paragraph("The photo shows what the whole sentence attended to."),
    ];
  }
  return [
    paragraph(`Now “${word.text}” was the last word, and all began again at step 2: ${again}.`),
    facts(["the next word", `“${next.text}”, ${percent(next.probability)}`],
      ["it looked", toward(whereabouts(next.attention, grid))],
      [`overlap with “${word.text}”`, `${overlap(word.attention, next.attention).toFixed(2)} of 1`]),
    paragraph(`The photo shows where “${next.text}” looked.`),
  ];
}
