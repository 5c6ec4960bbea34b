// How alike the words of the sentence are: two matrices, words x words, of their vectors and of
// their maps. A pair that is pointed at is marked in both, in the sentence and in the strip.

const FEW_WORDS = 10; // so many leave room for numbers within the cells

const likenessPanel = part("more-similarity");
const pairSaid = make("p", { class: "pair", "aria-live": "polite" });
let likenesses = []; // the matrices on show: {name, title, values}
let likenessPalette = null; // in whose colours they are
let pointed = false; // whether the marks are those of a mouse

more.similarity = { open: drawSimilarity };
parts.push({ draw() { if (opened === "similarity" && likenessPalette !== look.palette) colourMatrices(); } });

function drawSimilarity() {
  unlinkWords();
  if (shown.words.length === 1) {
    likenesses = [];
    likenessPanel.replaceChildren(make("p", {}, "Similarity compares words, and this sentence has only one."));
    return;
  }
  const known = shown.vectors?.length === shown.words.length;
  likenesses = blind() ? []
    : [{ name: "maps", title: "Where they looked", values: overlaps(maps()) }];
  if (known) likenesses.unshift({ name: "vectors", title: "Word vectors", values: shown.vectors });
  likenessPanel.replaceChildren(
    make("p", {}, "Vectors: the cosine of what the captioner has learnt about two words, whatever the " +
      "photo." + (blind() ? "" : " Maps: the overlap of where two words looked on this photo, as the " +
      "Bhattacharyya coefficient (1 = the same cells).")),
    make("p", {}, [known ? "" : "This caption came without word vectors: caption the photo again to see them.",
      mostAlike()].filter(Boolean).join(" ")),
    make("div", { class: "matrices" }, ...likenesses.map(matrixOf)),
    make("div", { class: "pair-line" }, pairSaid, make("p", { class: "hint" },
      make("span", { class: "with-keys" }, "Point at a cell, or move with the arrow keys."),
      make("span", { class: "with-touch" }, "Tap a cell."))),
  );
  colourMatrices();
}

// How much each map overlaps with each other: words x words.
function overlaps(all) {
  return all.map((one) => all.map((other) => overlap(one, other)));
}

// The two different words that looked at the most similar places, in a sentence.
function mostAlike() {
  if (blind()) return "";
  const { values } = likenesses.at(-1);
  const words = texts(shown);
  let best = null;
  words.forEach((one, i) => words.slice(0, i).forEach((other, j) => {
    if (one !== other && (!best || values[i][j] > values[best[0]][best[1]])) best = [i, j];
  }));
  if (!best) return "";
  const [i, j] = best;
  return `Of all different words “${words[j]}” and “${words[i]}” looked at the most similar places ` +
    `(${score(values[i][j])}).`;
}

function matrixOf({ name, title, values }) {
  const words = texts(shown);
  const header = (role, text) => make("span", { role, title: text }, make("span", {}, text));
  const grid = make("div", { role: "grid", "aria-label": `${title}: words by words` },
    make("div", { role: "row" }, make("span", { role: "presentation" }),
      ...words.map((text) => header("columnheader", text))),
    ...values.map((row, i) => make("div", { role: "row" }, header("rowheader", words[i]),
      ...row.map((value, j) => cellFor(value, i, j)))));
  grid.style.setProperty("--words", words.length);
  grid.style.setProperty("--longest", Math.max(...words.map((text) => text.length)));
  const matrix = make("figure", { class: "matrix", "data-matrix": name }, make("figcaption", {}, title), grid,
    make("p", { class: "range" }, make("span"), make("span", { class: "ramp" }), make("span")));
  matrix.toggleAttribute("data-few", words.length <= FEW_WORDS);
  return matrix;
}

function cellFor(value, i, j) {
  const cell = make("span", {
    role: "gridcell", tabindex: i === 1 && j === 0 ? 0 : -1, "data-row": i, "data-column": j,
  }, i === j ? "itself" : score(value));
  cell.toggleAttribute("data-self", i === j);
  return cell;
}

const offDiagonal = (values) => values.flatMap((row, i) => row.filter((_, j) => i !== j));

// From the lowest to the highest value of different places of the sentence: both are written
// beneath. The diagonal, each word with itself, has no colour.
function colourMatrices() {
  likenessPalette = look.palette;
  for (const { name, values } of likenesses) {
    const [low, high] = [Math.min, Math.max].map((end) => end(...offDiagonal(values)));
    const matrix = likenessPanel.querySelector(`[data-matrix="${name}"]`);
    for (const cell of matrix.querySelectorAll("[role=gridcell]")) {
      const [i, j] = pairOf(cell);
      if (i === j) continue;
      const { colour, dark } = colourOf(look.palette, high > low ? (values[i][j] - low) / (high - low) : 0.5);
      cell.style.backgroundColor = colour;
      cell.style.color = dark ? "#000" : "#fff";
    }
    const [least, ramp, most] = matrix.querySelector(".range").children;
    [least.textContent, most.textContent] = [score(low), score(high)];
    ramp.style.background = gradient(look.palette);
  }
}

const pairOf = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];

// Marks two words wherever they stand, and says how alike they are.
function linkWords(i, j) {
  unlinkWords();
  const marked = [sentence, strip].flatMap((list) => [list.children[i], list.children[j]]);
  for (const grid of likenessPanel.querySelectorAll("[role=grid]")) {
    const row = grid.children[i + 1];
    marked.push(grid.children[0].children[j + 1], row.children[0], row.children[j + 1]);
  }
  for (const node of marked) node.toggleAttribute("data-linked", true);
  const [one, other] = [shown.words[i].text, shown.words[j].text];
  const said = likenesses.map(({ name, values }) => `${name} ${score(values[i][j])}`).join(", ");
  pairSaid.textContent = i === j ? `“${one}” with itself: always 1` : `“${one}” and “${other}”: ${said}`;
}

function unlinkWords() {
  for (const node of root.querySelectorAll("[data-linked]")) node.removeAttribute("data-linked");
  pairSaid.textContent = "";
}

const cellOf = (event) => event.target.closest("[role=gridcell]");

// A finger may only be scrolling: its tap is a click. And where the page scrolls beneath a mouse at
// rest, as arrow keys make it do, the mouse points at nothing.
likenessPanel.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch") return;
  const cell = cellOf(event);
  if (cell) linkWords(...pairOf(cell));
  else unlinkWords();
  pointed = Boolean(cell);
});
likenessPanel.addEventListener("pointerleave", () => { if (pointed) unlinkWords(); });
likenessPanel.addEventListener("click", (event) => {
  const cell = cellOf(event);
  if (!cell) return;
  cell.focus({ preventScroll: true }); // so that a tap elsewhere takes the marks away
  linkWords(...pairOf(cell));
});
likenessPanel.addEventListener("focusin", (event) => {
  pointed = false;
  if (cellOf(event)) linkWords(...pairOf(cellOf(event)));
});
likenessPanel.addEventListener("focusout", unlinkWords);

// One cell of each matrix can be reached by Tab, and from it the others by arrow keys.
likenessPanel.addEventListener("keydown", (event) => {
  const cell = cellOf(event);
  if (!cell) return;
  const [i, j] = pairOf(cell);
  const last = shown.words.length - 1;
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

// Whichever panel is opened or closed: no pair is pointed at any more.
root.addEventListener("click", (event) => { if (event.target.closest("[data-more]")) unlinkWords(); });
