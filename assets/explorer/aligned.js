// Two sentences side by side: which of their words belong together. The explorers of a page tell
// each other what they show, so that words can be compared and stepped through together.

const pane = element.closest("#second") ? "second" : "first";
let beside = null; // texts of the other explorer's words, while there is one
let besidePhoto = null;

parts.push({
  show() { tellBeside("caption", { texts: texts(shown), photo: shown.photo }); writeAligned(); },
  choose() { tellBeside("word", { chosen }); markAligned(); },
  clear() { tellBeside("caption", { texts: null }); },
});

// Pairs of indices of words that belong together: those of the longest common subsequence, and
// between them words in the same place; a word without a partner is paired with null.
function align(one, other) {
  const length = Array.from({ length: one.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      length[i][j] = one[i] === other[j] ? length[i + 1][j + 1] + 1
        : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const pairs = [];
  let [i, j] = [0, 0];
  let [fromI, fromJ] = [0, 0]; // since the last common word
  const close = () => {
    for (; fromI < i || fromJ < j; fromI++, fromJ++) {
      pairs.push([fromI < i ? fromI : null, fromJ < j ? fromJ : null]);
    }
  };
  while (i < one.length && j < other.length) {
    if (one[i] === other[j]) {
      close();
      pairs.push([i++, j++]);
      [fromI, fromJ] = [i, j];
    } else if (length[i + 1][j] >= length[i][j + 1]) i += 1;
    else j += 1;
  }
  [i, j] = [one.length, other.length];
  close();
  return pairs;
}

function tellBeside(what, detail) {
  document.dispatchEvent(new CustomEvent("explorer", { detail: { pane, what, ...detail } }));
}

function onBeside({ detail }) {
  if (!root.isConnected) return document.removeEventListener("explorer", onBeside);
  if (detail.pane === pane) return;
  if (detail.what === "caption") {
    [beside, besidePhoto] = [detail.texts, detail.photo];
    if (shown) writeAligned();
    wantIfMissing();
  } else if (detail.what === "hello") {
    if (shown) tellBeside("caption", { texts: texts(shown), photo: shown.photo });
  } else if (detail.what === "choose") {
    if (shown) step(detail.index);
  } else if (shown && beside) {
    const [, partner] = align(beside, texts(shown)).find(([theirs]) => theirs === detail.chosen) ?? [];
    if (typeof partner === "number" && partner !== chosen) choose(partner);
  }
}
document.addEventListener("explorer", onBeside);
const greet = () => tellBeside("hello", {}); // once all of this script has run

// The second pane captions the photo of the first.
function wantIfMissing() {
  if (pane === "second" && beside && shown?.photo !== besidePhoto) trigger("wanted");
}

// Both sentences in columns, words that belong together above each other; in the second pane.
function writeAligned() {
  const box = part("aligned");
  box.hidden = pane !== "second" || !beside;
  if (box.hidden) return;
  const pairs = align(beside, texts(shown));
  const now = texts(shown);
  const alike = ([one, other]) => beside[one] === now[other];
  const same = pairs.filter(alike).length;
  const cell = (row, index, list, differs) => {
    const node = make(index === null ? "span" : "button", { "data-row": row }, list[index] ?? "");
    if (index !== null) [node.type, node.dataset.aligned] = ["button", index];
    node.toggleAttribute("data-differs", differs && index !== null);
    return node;
  };
  box.replaceChildren(
    make("p", {}, same === pairs.length ? "Both say the same." : `${same} words in common:`),
    make("div", { class: "columns" }, ...pairs.map(([one, other]) => make("div", {},
      cell("first", one, beside, !alike([one, other])),
      cell("second", other, now, !alike([one, other]))))));
  markAligned();
}

function markAligned() {
  for (const node of root.querySelectorAll('[data-row="second"][data-aligned]')) {
    node.toggleAttribute("data-chosen", Number(node.dataset.aligned) === chosen);
  }
}

part("aligned").addEventListener("click", (event) => {
  const hit = event.target.closest("[data-aligned]");
  if (!hit) return;
  const index = Number(hit.dataset.aligned);
  if (hit.dataset.row === "second") step(index);
  else tellBeside("choose", { index });
});
