// Numbers of the chosen word: its alternatives, the extent of its attention, and the legend.

import { make, meter } from "../../shared/elements.js";
import { percent } from "../../shared/format.js";
import { effectiveCells, whereabouts } from "../../shared/maps/maps.js";

export const END = "<end>"; // the alternative that ends the sentence

export function addWordCard(explorer) {
  const { part, look, colours } = explorer;

  explorer.add({ choose: write, draw: writeLegend });

  function write() {
    const { word, words, chosen } = explorer;
    part("text").textContent = word.text;
    part("rank").textContent = `${percent(word.probability)} · word ${chosen + 1} of ${words.length}`;
    part("alternatives").replaceChildren(...ranked(word).map(alternativeItem));
    part("cells").textContent = `about ${Math.round(effectiveCells(word.attention))} of ${explorer.cellCount} cells`;
    part("centre").textContent = whereabouts(word.attention, explorer.grid);
    writeLegend();
  }

  function alternativeItem({ text, label, probability, isChosen }) {
    const { silent } = explorer.shown;
    const button = make("button", { type: "button", "data-alternative": text },
      make("span", { class: "alternative" }, label),
      meter(probability),
      make("span", { class: "number" }, percent(probability, 1)));
    button.toggleAttribute("data-chosen", isChosen);
    button.disabled = Boolean(silent) && !isChosen;
    if (isChosen) button.setAttribute("aria-current", "true");
    else if (!silent) button.title = text === END ? "End the sentence before this word" : `Use “${label}” here`;
    return make("li", {}, button);
  }

  function writeLegend() {
    if (!explorer.shown) return;
    part("ramp").style.background = look.overlay === "spotlight" ? "" : colours.gradient(look.palette);
    const { map, peak } = explorer.photoView.current();
    part("legend").textContent = explorer.blind ? explorer.occlusion.legend()
      : look.sentence ? coverageText(map)
      : `Brightest: ${percent(peak, 1)} of the attention on one cell, the most that ` +
        `${look.common ? "any word" : `“${explorer.word.text}”`} gave.`;
  }

  // A cell counts as attended to if some word gave it at least the share that every cell would have if
  // that word's attention were even.
  function coverageText(map) {
    const { cellCount } = explorer;
    const even = 1 / cellCount;
    const attended = map.flat().filter((weight) => weight >= even).length;
    const rest = map.map((row) => row.map((weight) => (weight < even ? 1 : 0)));
    const others = cellCount - attended;
    return `The most that any word gave to each cell. Its words attended to ${attended} of ` +
      `${cellCount} cells with more than an even share` +
      (others ? `, and hardly to the ${others} others (${whereabouts(rest, explorer.grid)}).` : ".");
  }
}

// What could have stood in place of a word, with the word itself, most probable first.
export function ranked(word) {
  const others = word.alternatives.filter(([text]) => text !== word.text);
  return [...others, [word.text, word.probability]].sort((a, b) => b[1] - a[1])
    .map(([text, probability]) => ({
      text,
      label: text === END ? "end of sentence" : text,
      probability,
      isChosen: text === word.text,
    }));
}
