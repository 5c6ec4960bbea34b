// Beam search with its tree: what was kept at every word, and the best of what was dropped.

const COLUMN = 136; // CSS pixels from word to word
const ROW = 34;
const WIDTH = 110; // of a word

const beamPanel = part("more-beam");
let beams = 3;
let tree = null; // the one on show

more.beam = { open: searchBeams };

// The tree depends on the photo and on what is covered, not on the sentence on show.
const treeKey = () => JSON.stringify([beams, shown.covered]);

function searchBeams() {
  const key = treeKey();
  const known = (original.trees ??= new Map());
  if (known.has(key)) return drawBranches(known.get(key));
  beamPanel.replaceChildren(make("p", {}, "Searching …"), beamControl());
  trying(async (still) => {
    const answer = await ask("beam", { beams, words: [], covered: shown.covered });
    known.set(key, answer.tree);
    if (still() && opened === "beam" && key === treeKey()) drawBranches(answer.tree);
  });
}

function beamControl() {
  const choice = make("select", { "aria-label": "Sentences kept" });
  for (let count = 2; count <= 8; count++) choice.append(new Option(count, count, false, count === beams));
  choice.addEventListener("change", () => { beams = Number(choice.value); searchBeams(); });
  return make("label", { class: "inline" }, "Sentences kept at every word: ", choice);
}

// Nodes as columns of one word each: kept sentences above, best first, dropped ones beneath them.
function drawBranches(found) {
  tree = found;
  const { nodes, best } = tree;
  const columns = [];
  const places = nodes.map((_, i) => {
    const column = depthOf(nodes, i);
    (columns[column] ??= []).push(i);
    return column;
  });
  const rows = new Array(nodes.length);
  for (const column of columns) {
    column.sort((a, b) => nodes[b].kept - nodes[a].kept || nodes[b].score - nodes[a].score);
    column.forEach((i, row) => { rows[i] = row; });
  }
  const height = Math.max(...columns.map((column) => column.length)) * ROW;
  const field = make("div", { class: "branches" });
  field.style.width = `${columns.length * COLUMN}px`;
  field.style.height = `${height}px`;
  const lines = drawLines(nodes, places, rows, best, columns.length * COLUMN, height);
  field.append(lines, ...nodes.map((node, i) => branch(node, i, places[i], rows[i])));
  for (const i of best) field.querySelector(`[data-branch="${i}"]`).toggleAttribute("data-best", true);
  const words = best.map((i) => nodes[i].text).filter((text) => text !== "<end>").join(" ");
  beamPanel.replaceChildren(
    make("p", {}, `Of ${beams} sentences the one most probable per word wins: `,
      make("strong", {}, words), ". Faint words were dropped. The number is the logarithm of the " +
      "probability of all words so far: the higher, the better. Click a word to go on from it."),
    beamControl(),
    make("div", { class: "scroll", role: "group", "aria-label": "Branches", tabindex: "0" }, field),
  );
}

function depthOf(nodes, i) {
  let depth = 0;
  for (let at = nodes[i].parent; at >= 0; at = nodes[at].parent) depth += 1;
  return depth;
}

function branch(node, i, column, row) {
  const text = node.text === "<end>" ? "end" : node.text;
  const button = make("button", {
    type: "button",
    "data-branch": i,
    title: `${text}: ${percent(node.probability, 1)} here, ${score(node.score)} so far`,
  }, make("span", {}, text), make("small", {}, score(node.score, 1)));
  button.toggleAttribute("data-dropped", !node.kept);
  button.toggleAttribute("data-ended", node.ended);
  button.style.left = `${column * COLUMN}px`;
  button.style.top = `${row * ROW}px`;
  return button;
}

function drawLines(nodes, places, rows, best, width, height) {
  const SVG = "http://www.w3.org/2000/svg";
  const lines = document.createElementNS(SVG, "svg");
  lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
  lines.setAttribute("aria-hidden", "true");
  nodes.forEach((node, i) => {
    if (node.parent < 0) return;
    const [x0, y0] = [places[node.parent] * COLUMN + WIDTH, (rows[node.parent] + 0.42) * ROW];
    const [x1, y1] = [places[i] * COLUMN, (rows[i] + 0.42) * ROW];
    const middle = (x0 + x1) / 2;
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`);
    line.setAttribute("class", best.includes(i) ? "best" : node.kept ? "kept" : "dropped");
    lines.append(line);
  });
  return lines;
}

beamPanel.addEventListener("click", (event) => {
  const hit = event.target.closest("[data-branch]");
  if (!hit) return;
  const { nodes } = tree;
  const words = [];
  for (let i = Number(hit.dataset.branch); i >= 0; i = nodes[i].parent) words.unshift(nodes[i].text);
  const ends = words.at(-1) === "<end>";
  const said = words.filter((text) => text !== "<end>");
  goOnFrom(said, said.length - 1, { ends });
});
