// The sentences of both explorers in columns: words that belong together above each other. What
// they say they hear from the explorers, see beside.js.

const box = element.querySelector(".aligned");
const said = { first: null, second: null }; // texts of each explorer's words
const chosen = { first: null, second: null };

function onExplorer({ detail }) {
  if (!box.isConnected) return document.removeEventListener("explorer", onExplorer);
  const { pane, what } = detail;
  if (!(pane in said)) return;
  if (what === "caption") {
    [said[pane], chosen[pane]] = [detail.texts, detail.chosen];
    writeColumns();
  } else if (what === "word") {
    chosen[pane] = detail.chosen;
    markColumns();
  }
}
document.addEventListener("explorer", onExplorer);

function tell(what, detail) {
  const told = { pane: "columns", what, ...detail };
  document.dispatchEvent(new CustomEvent("explorer", { detail: told }));
}

function writeColumns() {
  const { first, second } = said;
  box.hidden = !first || !second;
  if (box.hidden) return;
  const pairs = align(first, second);
  const alike = ([one, other]) => first[one] === second[other];
  const same = pairs.filter(alike).length;
  box.querySelector("p").textContent = same === pairs.length ? "Both say the same."
    : same === 1 ? "1 word in common" : `${same} words in common`;
  box.querySelector(".columns").replaceChildren(...pairs.map((pair) => make("div", {},
    cell("first", pair[0], !alike(pair)), cell("second", pair[1], !alike(pair)))));
  markColumns();
}

function cell(pane, index, differs) {
  if (index === null) return make("span");
  const word = make("button", { type: "button", "data-row": pane, "data-aligned": index }, said[pane][index]);
  word.toggleAttribute("data-differs", differs);
  return word;
}

function markColumns() {
  for (const word of box.querySelectorAll("button")) {
    const isChosen = chosen[word.dataset.row] === Number(word.dataset.aligned);
    word.toggleAttribute("data-chosen", isChosen);
    word.setAttribute("aria-current", isChosen);
  }
}

box.addEventListener("click", (event) => {
  const word = event.target.closest("button");
  if (word) tell("choose", { of: word.dataset.row, index: Number(word.dataset.aligned) });
});

tell("hello", {});
