// The cell of the photo under the pointer, a finger or the cursor of keys: every word of the sentence is
// tinted by its attention there, and the strongest words are listed.

import { make } from "../../shared/elements.js";
import { percent } from "../../shared/format.js";
import { peakOf } from "../../shared/maps/maps.js";

const LISTED = 3;
const LEAST = 0.5; // of the share that every cell would have if attention were even

export function addPointed(explorer) {
  const { root, part, sentence, look } = explorer;
  let cell = null; // [row, column]

  const leave = () => at(null);
  explorer.add({ show: leave, choose: write, clear: leave });

  function at(place) {
    cell = place;
    write();
  }

  function write() {
    root.toggleAttribute("data-pointed", Boolean(cell));
    part("readout").textContent = cell ? weightAt(...cell) : "";
    part("strongest").replaceChildren();
    if (!cell || explorer.blind) return;
    const { maps, words } = explorer;
    const shares = maps.map((map) => map[cell[0]][cell[1]]);
    const peak = Math.max(...maps.map(peakOf));
    [...sentence.children].forEach((node, i) => node.style.setProperty("--here", (shares[i] / peak).toFixed(3)));
    const strongest = shares.map((share, i) => [share, words[i].text])
      .filter(([share]) => share >= LEAST / explorer.cellCount)
      .sort((a, b) => b[0] - a[0]).slice(0, LISTED);
    part("strongest").append(...(strongest.length ? strongest.flatMap(([share, text], i) =>
      [i ? " · " : "Strongest: ", make("b", {}, text), ` ${percent(share)}`])
      : ["Hardly any word attends here"]));
  }

  function weightAt(r, c) {
    const whose = look.sentence ? "at most" : `of “${explorer.word.text}”`;
    return `${percent(explorer.photoView.current().map[r][c], 1)} ${whose} · row ${r + 1}, ` +
      `column ${c + 1}${explorer.occlusion.textAt(r, c)}`;
  }

  return { at, text: () => `${part("readout").textContent}. ${part("strongest").textContent}` };
}
