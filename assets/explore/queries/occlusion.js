// Occlusion beside attention: how much less probable the chosen word becomes when a part of the photo is
// covered. Computed once for all words of a sentence.

import { percent, score } from "../../shared/format.js";
import { peakOf } from "../../shared/maps/maps.js";
import { atHead, MEAN } from "../heads/of_head.js";
import { bringIntoView } from "../in_view.js";

export function addOcclusion(explorer) {
  const { root, part, queries } = explorer;
  const canvas = part("cause");
  const buttons = [part("show-cause"), part("clue-cause")];
  const labels = buttons.map((button) => button.textContent);
  const results = new WeakMap(); // caption -> {maps, agreement, of a transformer of_heads}
  const pending = new WeakSet(); // captions whose results are being computed
  let wanted = false;

  explorer.add({ show, choose: draw, draw, clear() { wanted = false; } });

  const isShown = () => wanted && !explorer.blind && results.has(explorer.shown);
  // How much the probability of a word falls, cell by cell.
  const fallsOf = (index) => results.get(explorer.shown).maps[index].map((row) => row.map((value) => Math.max(value, 0)));

  function toggle() {
    wanted = !wanted;
    show();
    explorer.notify("draw");
    bringMapsIntoView();
  }

  function bringMapsIntoView() {
    if (isShown()) bringIntoView([part("head"), part("stage")], part("stage"));
  }

  function show() {
    const { shown, blind } = explorer;
    root.toggleAttribute("data-blind", blind);
    root.toggleAttribute("data-cause", isShown());
    for (const button of buttons) button.setAttribute("aria-pressed", wanted);
    if (!pending.has(shown)) writeProgress();
    explorer.photoView.layOut();
    part("blind-said").textContent = results.has(shown)
      ? "The light shows importance (occlusion): where covering the photo makes the word less probable."
      : shown.silent ? "" : "What mattered for each word is measured by covering the photo part by part …";
    if ((wanted || blind) && !results.has(shown) && !pending.has(shown) && !shown.silent) compute();
    draw();
  }

  function writeProgress(text) {
    buttons.forEach((button, i) => { button.textContent = text ?? labels[i]; });
  }

  function compute() {
    const about = explorer.shown;
    pending.add(about);
    queries.attempt(async (isCurrent) => {
      try {
        results.set(about, await queries.query("cause", { words: explorer.texts, covered: about.covered }, {
          progress(done, total) {
            if (isCurrent()) writeProgress(`Covering the photo, ${percent(done / total)} …`);
          },
        }));
      } finally {
        pending.delete(about);
        if (isCurrent()) writeProgress();
      }
      if (!isCurrent()) return;
      if (explorer.blind) explorer.notify("show"); // all maps have changed
      else show();
      bringMapsIntoView();
    });
  }

  // The falls as shares, like attention; even where there are none.
  function mapOf(index) {
    if (!results.has(explorer.shown)) return null;
    const falls = fallsOf(index);
    const sum = falls.flat().reduce((total, fall) => total + fall, 0);
    return falls.map((row) => row.map((fall) => (sum > 0 ? fall / sum : 1 / explorer.cellCount)));
  }

  function draw() {
    if (!isShown()) return;
    const falls = fallsOf(explorer.chosen);
    explorer.photoView.paint(canvas, falls, Math.max(peakOf(falls), 1e-6));
    canvas.setAttribute("aria-label",
      `The photo and where covering it makes the word ${explorer.word.text} less probable`);
    const found = results.get(explorer.shown);
    const agreement = explorer.head === MEAN ? found.agreement[explorer.chosen]
      : atHead(found.of_heads[explorer.chosen], explorer.head);
    part("agreement").textContent = score(agreement);
    part("agreement-said").textContent = agreement > 0.6 ? "they agree well"
      : agreement > 0.3 ? "they agree in part"
      : agreement > -0.3 ? "they hardly agree" : "they contradict each other";
    part("cause-said").textContent = describe("brightest under “Importance (occlusion)”");
  }

  function describe(place) {
    const { text, probability } = explorer.word;
    const peak = peakOf(fallsOf(explorer.chosen));
    return peak < 0.005
      ? `No covered part makes “${text}” less probable by more than half a percentage point: ` +
        "it follows from the words before it."
      : `Covering the part that is ${place} takes ${(100 * peak).toFixed(1)} percentage points from ` +
        `“${text}” (${percent(probability)}).`;
  }

  const legend = () => (results.has(explorer.shown) ? describe("brightest") : "");

  function textAt(r, c) {
    if (!isShown()) return "";
    const fall = results.get(explorer.shown).maps[explorer.chosen][r][c];
    return ` · covered: ${fall > 0 ? "−" : "+"}${(100 * Math.abs(fall)).toFixed(1)} points`;
  }

  for (const button of buttons) button.addEventListener("click", toggle);

  return {
    isShown, isWanted: () => wanted, toggle, mapOf, legend, textAt,
    isKnown: () => results.has(explorer.shown) || pending.has(explorer.shown),
  };
}
