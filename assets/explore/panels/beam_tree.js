// Beam search as a tree: what was kept at every word, and the best of what was dropped.

import { make, makeSvg } from "../../shared/elements.js";
import { percent, score } from "../../shared/format.js";
import { END } from "../sentence/word_card.js";

const COLUMN = 136; // CSS pixels from word to word
const ROW = 34;
const WIDTH = 110; // of a word
const WIDTHS = [2, 3, 4, 5, 6, 7, 8]; // beam widths to choose from

export function addBeamTree(explorer) {
  const { queries } = explorer;
  const panel = explorer.panels.add("beam", open);
  let beams = 3;
  let tree = null; // on show

  // The tree depends on the photo and on what is covered, not on the sentence on show.
  const key = () => JSON.stringify([beams, explorer.shown.covered]);

  function open() {
    const searched = key();
    const known = (explorer.original.trees ??= new Map());
    if (known.has(searched)) return show(known.get(searched));
    panel.replaceChildren(make("p", {}, "Searching …"), widthChoice());
    queries.attempt(async (isCurrent) => {
      const answer = await queries.query("beam", { beams, words: [], covered: explorer.shown.covered });
      known.set(searched, answer.tree);
      if (!isCurrent() || !explorer.panels.isOpen("beam") || searched !== key()) return;
      show(answer.tree);
      explorer.panels.bringIntoView();
    });
  }

  function widthChoice() {
    const choice = make("select", { "aria-label": "Beam width" },
      ...WIDTHS.map((width) => new Option(width, width, false, width === beams)));
    choice.addEventListener("change", () => {
      beams = Number(choice.value);
      open();
    });
    return make("label", { class: "inline" }, "Beam width: ", choice);
  }

  function show(found) {
    tree = found;
    const { nodes, best } = tree;
    const words = best.map((i) => nodes[i].text).filter((text) => text !== END).join(" ");
    panel.replaceChildren(
      make("p", {}, `Beam search keeps the ${beams} best sentences at every word. The one most probable per word wins: `,
        make("strong", {}, words), ". Faint words were dropped. The number is the logarithm of the " +
        "probability of all words so far: the higher, the better. Click a word to go on from it."),
      widthChoice(),
      make("div", { class: "scroll", role: "group", "aria-label": "Branches", tabindex: "0" }, draw(tree)),
    );
  }

  panel.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-branch]");
    if (!hit) return;
    const words = [];
    for (let i = Number(hit.dataset.branch); i >= 0; i = tree.nodes[i].parent) words.unshift(tree.nodes[i].text);
    const ends = words.at(-1) === END;
    if (ends) words.pop();
    explorer.whatIf.continueFrom(words, words.length - 1, { ends });
  });
}

// Nodes in columns, one for each place in the sentence: kept ones above, best first, dropped ones beneath.
function draw({ nodes, best }) {
  const columns = [];
  const depths = nodes.map((_, i) => {
    const depth = depthOf(nodes, i);
    (columns[depth] ??= []).push(i);
    return depth;
  });
  const rows = new Array(nodes.length);
  for (const column of columns) {
    column.sort((a, b) => nodes[b].kept - nodes[a].kept || nodes[b].score - nodes[a].score);
    column.forEach((i, row) => { rows[i] = row; });
  }
  const [width, height] = [columns.length * COLUMN, Math.max(...columns.map((column) => column.length)) * ROW];
  const field = make("div", { class: "branches" }, drawLines(nodes, depths, rows, best, width, height),
    ...nodes.map((node, i) => branch(node, i, depths[i], rows[i], best.includes(i))));
  field.style.width = `${width}px`;
  field.style.height = `${height}px`;
  return field;
}

function depthOf(nodes, i) {
  let depth = 0;
  for (let at = nodes[i].parent; at >= 0; at = nodes[at].parent) depth += 1;
  return depth;
}

function branch(node, i, column, row, isBest) {
  const text = node.text === END ? "end" : node.text;
  const button = make("button", {
    type: "button",
    "data-branch": i,
    title: `${text}: ${percent(node.probability, 1)} here, ${score(node.score)} so far`,
  }, make("span", {}, text), make("small", {}, score(node.score, 1)));
  button.toggleAttribute("data-dropped", !node.kept);
  button.toggleAttribute("data-ended", node.ended);
  button.toggleAttribute("data-best", isBest);
  button.style.left = `${column * COLUMN}px`;
  button.style.top = `${row * ROW}px`;
  return button;
}

function drawLines(nodes, depths, rows, best, width, height) {
  const lines = makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  nodes.forEach(({ parent, kept }, i) => {
    if (parent < 0) return;
    const [x0, y0] = [depths[parent] * COLUMN + WIDTH, (rows[parent] + 0.42) * ROW];
    const [x1, y1] = [depths[i] * COLUMN, (rows[i] + 0.42) * ROW];
    const middle = (x0 + x1) / 2;
    lines.append(makeSvg("path", {
      d: `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`,
      class: best.includes(i) ? "best" : kept ? "kept" : "dropped",
    }));
  });
  return lines;
}
