// The sentence and the strip of tiles beneath it.

import { make, meter } from "../../shared/elements.js";
import { counted, percent } from "../../shared/format.js";
import { shareOn } from "../../shared/maps/maps.js";

export function addSentence(explorer) {
  const { root, part, sentence, strip } = explorer;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  explorer.add({ show: write, choose: markChosen, pick: lightWords });

  function write() {
    const { shown, words } = explorer;
    sentence.replaceChildren(...words.flatMap(({ text }, i) =>
      [i ? " " : "", make("button", { type: "button", "data-word": i }, text)]));
    part("confidence").textContent = percent(shown.confidence);
    const time = shown.milliseconds ? ` · ${Math.round(shown.milliseconds)} ms` : ""; // the opening result has none
    part("facts").replaceChildren(counted(words.length, "word"), make("span", { class: "time" }, time));
    strip.replaceChildren(...words.map(({ text, probability }, i) => make(
      "div", { class: "tile", role: "option", "data-word-index": i },
      make("span", { class: "tile-word" }, text),
      make("canvas", { "aria-hidden": "true" }),
      meter(probability),
      make("span", { class: "tile-number" }, percent(probability)),
    )));
  }

  function markChosen() {
    const withFocus = [sentence, strip].find((list) => list.contains(document.activeElement));
    const mark = (list, attribute) => [...list.children].forEach((node, i) => {
      node.setAttribute(attribute, i === explorer.chosen);
      node.toggleAttribute("data-chosen", i === explorer.chosen);
      node.tabIndex = i === explorer.chosen ? 0 : -1;
    });
    mark(sentence, "aria-current");
    mark(strip, "aria-selected");
    withFocus?.children[explorer.chosen].focus({ preventScroll: true });
    requestAnimationFrame(bringIntoView); // its place is known after layout
  }

  function bringIntoView() {
    const tile = strip.children[explorer.chosen];
    if (!tile) return;
    const left = tile.offsetLeft - (strip.clientWidth - tile.offsetWidth) / 2;
    strip.scrollTo({ left, behavior: calm.matches ? "auto" : "smooth" });
  }

  // Words light up by how much of their attention lies on the picked region.
  function lightWords() {
    const { region } = explorer;
    const shares = region && explorer.maps.map((map) => shareOn(map, region));
    const most = shares ? Math.max(...shares) : 1;
    for (const list of [sentence, strip]) {
      [...list.children].forEach((node, i) => {
        if (shares) node.style.setProperty("--lit", (shares[i] / Math.max(most, 1e-9)).toFixed(3));
        else node.style.removeProperty("--lit");
      });
    }
    root.toggleAttribute("data-region", Boolean(shares));
    strip.querySelectorAll(".tile-number").forEach((node, i) => {
      node.textContent = shares ? `${percent(shares[i])} here` : percent(explorer.words[i].probability);
    });
    if (!shares) return;
    const best = explorer.words[shares.indexOf(most)];
    part("region-said").textContent = `${counted(region.flat().filter(Boolean).length, "cell")} picked. ` +
      `“${best.text}” put ${percent(most)} of its attention there, the most of all words.`;
  }
}
