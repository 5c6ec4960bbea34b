// The similarity of the words of the sentence: two matrices, words x words, of their vectors and of
// their maps. A pair that is pointed at is marked in both, in the sentence and in the strip.

import { make } from "../../shared/elements.js";
import { score } from "../../shared/format.js";
import { overlap } from "../../shared/maps/maps.js";

const FEW_WORDS = 10; // up to this many there is room for numbers in the cells

export function addSimilarity(explorer) {
  const { root, look, colours, sentence, strip } = explorer;
  const panel = explorer.panels.add("similarity", open);
  const pairText = make("p", { class: "pair", "aria-live": "polite" });
  let matrices = []; // on show: {name, title, values}
  let palette = null; // of the colours on show
  let isPointed = false; // whether the marks are those of a mouse

  explorer.add({
    draw() { if (explorer.panels.isOpen("similarity") && palette !== look.palette) colour(); },
  });

  function open() {
    unmark();
    const { shown, words, texts, blind } = explorer;
    if (words.length === 1) {
      matrices = [];
      panel.replaceChildren(make("p", {}, "Similarity compares words, and this sentence has only one."));
      return;
    }
    const hasVectors = shown.vectors?.length === words.length;
    matrices = blind ? []
      : [{ name: "maps", title: "Attention maps", values: overlaps(explorer.maps) }];
    const mostSimilar = blind ? "" : mostSimilarText(matrices[0].values, texts);
    if (hasVectors) matrices.unshift({ name: "vectors", title: "Word vectors", values: shown.vectors });
    panel.replaceChildren(
      make("p", {}, "Vectors: the cosine of the trained vectors of two words, whatever the " +
        "photo." + (blind ? "" : " Maps: the overlap of the attention of two words on this photo, as the " +
        "Bhattacharyya coefficient (1 = the same cells).")),
      make("p", {}, [hasVectors ? "" : "This caption came without word vectors: caption the photo again to see them.",
        mostSimilar].filter(Boolean).join(" ")),
      make("div", { class: "matrices" }, ...matrices.map((matrix) => figureOf(matrix, texts))),
      make("div", { class: "pair-line" }, pairText, make("p", { class: "hint" },
        make("span", { class: "with-keys" }, "Point at a cell, or move with the arrow keys."),
        make("span", { class: "with-touch" }, "Tap a cell."))),
    );
    colour();
  }

  // From the lowest to the highest value off the diagonal, which are written beneath. The diagonal,
  // each word with itself, has no colour.
  function colour() {
    palette = look.palette;
    for (const { name, values } of matrices) {
      const others = values.flatMap((row, i) => row.filter((_, j) => i !== j));
      const [low, high] = [Math.min(...others), Math.max(...others)];
      const figure = panel.querySelector(`[data-matrix="${name}"]`);
      for (const cell of figure.querySelectorAll("[role=gridcell]")) {
        const [i, j] = pairOf(cell);
        if (i === j) continue;
        const share = high > low ? (values[i][j] - low) / (high - low) : 0.5;
        const found = colours.at(palette, share);
        cell.style.backgroundColor = found.colour;
        cell.style.color = found.dark ? "#000" : "#fff";
      }
      const [least, ramp, most] = figure.querySelector(".range").children;
      [least.textContent, most.textContent] = [score(low), score(high)];
      ramp.style.background = colours.gradient(palette);
    }
  }

  // Marks two words wherever they appear, and writes how similar they are.
  function mark([i, j]) {
    unmark();
    const marked = [sentence, strip].flatMap((list) => [list.children[i], list.children[j]]);
    for (const grid of panel.querySelectorAll("[role=grid]")) {
      const row = grid.children[i + 1];
      marked.push(grid.children[0].children[j + 1], row.children[0], row.children[j + 1]);
    }
    for (const node of marked) node.toggleAttribute("data-linked", true);
    const [one, other] = [explorer.words[i].text, explorer.words[j].text];
    const values = matrices.map(({ name, values: rows }) => `${name} ${score(rows[i][j])}`).join(", ");
    pairText.textContent = i === j ? `“${one}” with itself: always 1` : `“${one}” and “${other}”: ${values}`;
  }

  function unmark() {
    for (const node of root.querySelectorAll("[data-linked]")) node.removeAttribute("data-linked");
    pairText.textContent = "";
  }

  const cellOf = (event) => event.target.closest("[role=gridcell]");

  // A finger may only be scrolling: its tap is a click. Where the page scrolls beneath a mouse at rest,
  // as arrow keys make it do, the mouse points at nothing.
  panel.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const cell = cellOf(event);
    if (cell) mark(pairOf(cell));
    else unmark();
    isPointed = Boolean(cell);
  });
  panel.addEventListener("pointerleave", () => { if (isPointed) unmark(); });
  panel.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    cell.focus({ preventScroll: true }); // so that a tap elsewhere removes the marks
    mark(pairOf(cell));
  });
  panel.addEventListener("focusin", (event) => {
    isPointed = false;
    if (cellOf(event)) mark(pairOf(cellOf(event)));
  });
  panel.addEventListener("focusout", unmark);

  // One cell of each matrix is reached by Tab, and the others from it by arrow keys.
  panel.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    const [i, j] = pairOf(cell);
    const last = explorer.words.length - 1;
    const goal = {
      ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1],
      Home: [i, 0], End: [i, last],
    }[event.key];
    if (!goal) return;
    const [row, column] = goal.map((at) => Math.min(Math.max(at, 0), last));
    const next = cell.closest("[role=grid]").children[row + 1].children[column + 1];
    [cell.tabIndex, next.tabIndex] = [-1, 0];
    next.focus();
    event.preventDefault();
  });

  // Whichever panel opens or closes: no pair is pointed at any more.
  root.addEventListener("click", (event) => { if (event.target.closest("[data-more]")) unmark(); });
}

const pairOf = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];

// How much each map overlaps with each other: words x words.
function overlaps(maps) {
  return maps.map((one) => maps.map((other) => overlap(one, other)));
}

// The two different words that attended to the most similar places, in a sentence.
function mostSimilarText(values, texts) {
  let best = null;
  texts.forEach((one, i) => texts.slice(0, i).forEach((other, j) => {
    if (one !== other && (!best || values[i][j] > values[best[0]][best[1]])) best = [i, j];
  }));
  if (!best) return "";
  const [i, j] = best;
  return `Of all different words “${texts[j]}” and “${texts[i]}” attended to the most similar places ` +
    `(${score(values[i][j])}).`;
}

function figureOf({ name, title, values }, texts) {
  const header = (role, text) => make("span", { role, title: text }, make("span", {}, text));
  const grid = make("div", { role: "grid", "aria-label": `${title}: words by words` },
    make("div", { role: "row" }, make("span", { role: "presentation" }),
      ...texts.map((text) => header("columnheader", text))),
    ...values.map((row, i) => make("div", { role: "row" }, header("rowheader", texts[i]),
      ...row.map((value, j) => cellFor(value, i, j)))));
  grid.style.setProperty("--words", texts.length);
  grid.style.setProperty("--longest", Math.max(...texts.map((text) => text.length)));
  const figure = make("figure", { class: "matrix", "data-matrix": name }, make("figcaption", {}, title), grid,
    make("p", { class: "range" }, make("span"), make("span", { class: "ramp" }), make("span")));
  figure.toggleAttribute("data-few", texts.length <= FEW_WORDS);
  return figure;
}

function cellFor(value, i, j) {
  const cell = make("span", {
    role: "gridcell", tabindex: i === 1 && j === 0 ? 0 : -1, "data-row": i, "data-column": j,
  }, i === j ? "itself" : score(value));
  cell.toggleAttribute("data-self", i === j);
  return cell;
}
