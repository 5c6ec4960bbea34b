// The sentences of both explorers in columns, corresponding words above each other. They arrive as
// messages of the explorers, see compare.js.

import { make } from "../../shared/elements.js";
import { align } from "./alignment.js";

export function mount({ element }) {
  const box = element.querySelector(".aligned");
  const texts = { first: null, second: null }; // of each explorer's words
  const chosen = { first: null, second: null };

  function send(what, detail) {
    document.dispatchEvent(new CustomEvent("explorer", { detail: { pane: "columns", what, ...detail } }));
  }

  document.addEventListener("explorer", function onMessage({ detail }) {
    if (!box.isConnected) return document.removeEventListener("explorer", onMessage);
    const { pane, what } = detail;
    if (!(pane in texts)) return;
    if (what === "caption") {
      [texts[pane], chosen[pane]] = [detail.texts, detail.chosen];
      write();
    } else if (what === "word") {
      chosen[pane] = detail.chosen;
      markChosen();
    }
  });

  function write() {
    const { first, second } = texts;
    box.hidden = !first || !second;
    if (box.hidden) return;
    const pairs = align(first, second);
    const areEqual = ([one, other]) => first[one] === second[other];
    const same = pairs.filter(areEqual).length;
    box.querySelector("p").textContent = same === pairs.length ? "Both say the same."
      : same === 1 ? "1 word in common" : `${same} words in common`;
    box.querySelector(".columns").replaceChildren(...pairs.map((pair) => make("div", {},
      cell("first", pair[0], !areEqual(pair)), cell("second", pair[1], !areEqual(pair)))));
    markChosen();
  }

  function cell(pane, index, differs) {
    if (index === null) return make("span");
    const word = make("button", { type: "button", "data-row": pane, "data-aligned": index }, texts[pane][index]);
    word.toggleAttribute("data-differs", differs);
    return word;
  }

  function markChosen() {
    for (const word of box.querySelectorAll("button")) {
      const isChosen = chosen[word.dataset.row] === Number(word.dataset.aligned);
      word.toggleAttribute("data-chosen", isChosen);
      word.setAttribute("aria-current", isChosen);
    }
  }

  box.addEventListener("click", (event) => {
    const word = event.target.closest("button");
    if (word) send("choose", { of: word.dataset.row, index: Number(word.dataset.aligned) });
  });

  send("hello");
}
