// The sentences of both explorers in columns, corresponding words above each other, and the difference of
// their maps. They arrive as messages of the explorers, see compare.js.

import { make } from "../../shared/elements.js";
import { align } from "./alignment.js";
import { addDifference } from "./difference.js";

export function mount({ element, style }) {
  const box = element.querySelector(".aligned");
  const columns = box.querySelector(".columns");
  const panes = { first: {}, second: {} }; // what each explorer shows: {texts, chosen, maps, grid, photo, image}
  const difference = addDifference(box, style);

  function send(what, detail) {
    document.dispatchEvent(new CustomEvent("explorer", { detail: { pane: "columns", what, ...detail } }));
  }

  document.addEventListener("explorer", function onMessage({ detail }) {
    if (!box.isConnected) return document.removeEventListener("explorer", onMessage);
    const { pane, what } = detail;
    if (!(pane in panes)) return;
    if (what === "caption") {
      panes[pane] = detail;
      write();
    } else if (what === "word") {
      panes[pane].chosen = detail.chosen;
      markChosen();
    } else if (what === "look") difference.look(detail.look);
  });

  function write() {
    const [first, second] = [panes.first.texts, panes.second.texts];
    box.hidden = !first || !second;
    if (box.hidden) return difference.show(panes);
    const pairs = align(first, second);
    const areEqual = ([one, other]) => first[one] === second[other];
    const same = pairs.filter(areEqual).length;
    box.querySelector("p").textContent = same === pairs.length ? "Both say the same."
      : same === 1 ? "1 word in common" : `${same} words in common`;
    columns.replaceChildren(...pairs.map((pair) => make("div", {},
      cell("first", pair[0], !areEqual(pair)), cell("second", pair[1], !areEqual(pair)))));
    markChosen();
  }

  function cell(pane, index, differs) {
    if (index === null) return make("span");
    const word = make("button", { type: "button", "data-row": pane, "data-aligned": index }, panes[pane].texts[index]);
    word.toggleAttribute("data-differs", differs);
    return word;
  }

  function markChosen() {
    difference.show(panes);
    for (const word of columns.querySelectorAll("button")) {
      const isChosen = panes[word.dataset.row].chosen === Number(word.dataset.aligned);
      word.toggleAttribute("data-chosen", isChosen);
      word.setAttribute("aria-current", isChosen);
    }
  }

  columns.addEventListener("click", (event) => {
    const word = event.target.closest("button");
    if (word) send("choose", { of: word.dataset.row, index: Number(word.dataset.aligned) });
  });

  send("hello");
}
