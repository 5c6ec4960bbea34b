// The six pages of the tour of a transformer: no memory that is carried along, but its own words and several heads.

import { counted, percent } from "../../shared/format.js";
import { peakOf, whereabouts } from "../../shared/maps/maps.js";
import { atHead, headsOf, MEAN, selfAttention } from "../heads/of_head.js";
import { bars, choice, following, paragraph, phrase, sum, writeGrid } from "./pages.js";

const LISTED = 4; // words, or heads

export const TRANSFORMER = [
  { title: "Grid", write: writeGrid, look: { strength: 0, cells: true } },
  { title: "Own words", write: writeWords },
  { title: "Attention", write: writeAttention, look: { overlay: "heat", smooth: false } },
  { title: "Weighted sums", write: writeSums, look: { smooth: false }, outlined: true },
  { title: "Choice", write: writeChoice },
  { title: "Next word", write: writeNext, next: true },
];

function size({ shown }) {
  const rows = headsOf(shown);
  return { layers: rows.length, heads: rows[0].length, all: rows.flat().length };
}

const byShare = (one, other) => other[1] - one[1];

function writeWords(explorer, i) {
  const { layers, heads, all } = size(explorer);
  const weights = selfAttention(explorer.shown.words[i], MEAN);
  const first = i - weights.length;
  const rows = weights.map((share, n) => [first + n < 0 ? "the start" : `“${explorer.texts[first + n]}”`, share]);
  const before = i ? `it reads ${phrase(explorer, 0, i)} anew` : "there is only a mark for the start";
  return [
    paragraph(`A transformer carries no memory from word to word: ${before}. Each layer first looks back at ` +
      `these words (self-attention), with ${counted(heads, "head")} in each of ${counted(layers, "layer")}. ${all > 1 ? "The mean of all" : "Its weights"}:`),
    bars(rows.sort(byShare).slice(0, LISTED), 0),
    paragraph("The arcs beneath the sentence show the same."),
  ];
}

function writeAttention(explorer, i) {
  const { layers, heads, all } = size(explorer);
  const word = explorer.shown.words[i];
  const rows = headsOf(explorer.shown).flat().map((name) => {
    const map = atHead(word.heads, name);
    return [`${name}, ${whereabouts(map, explorer.grid)}`, peakOf(map)];
  });
  const shown = Math.min(LISTED, all);
  return [
    paragraph(`Then each layer looks at the photo (cross-attention): each of its ${counted(heads, "head")} gives the ` +
      `${explorer.cellCount} cells weights of its own, which sum to 100 %. With ${counted(layers, "layer")} this word ` +
      `has ${counted(all, "map")}; the photo shows their mean. ${all > shown ? `The ${shown} sharpest` : "All"} ` +
      "(layer.head), with their largest weight:"),
    bars(rows.sort(byShare).slice(0, LISTED), 0),
    paragraph(`An even share would be ${percent(1 / explorer.cellCount, 1)}.`),
  ];
}

function writeSums(explorer, i) {
  return sum(explorer, i, "Each head added up the numbers of all cells, those of each cell times the head’s weight. The " +
    "sums of a layer’s heads were joined, and the next layer went on from there. In the mean of all heads:");
}

function writeChoice(explorer, i) {
  return choice(explorer, i, "From what the last layer put together");
}

function writeNext(explorer, i) {
  return following(explorer, i, "the same grid, and one more word to look back at");
}
