// What a transformer's self-attention links: arcs beneath the sentence from the chosen word to the words before it,
// the stronger the thicker, and their shares in the word card.

import { make, makeSvg } from "../../shared/elements.js";
import { percent } from "../../shared/format.js";
import { selfAttention } from "./of_head.js";

const LEAST = 0.03; // share of a link that is drawn
const LISTED = 3; // the strongest, in words
const DIP = { least: 7, most: 15 }; // CSS pixels that an arc goes down

export function addLinks(explorer) {
  const { part, sentence } = explorer;
  const row = part("links-row");
  const headline = sentence.parentElement;
  const arcs = makeSvg("svg", { class: "links", "aria-hidden": "true" });
  headline.append(arcs);

  explorer.add({ choose: show, draw: drawArcs, clear: () => arcs.replaceChildren() });
  new ResizeObserver(drawArcs).observe(headline);

  // [{text, index, share}] of the start, whose index is -1, and the words before the chosen one.
  function links() {
    if (!explorer.shown) return [];
    const { shown, chosen, texts, head } = explorer;
    const weights = selfAttention(shown.words[chosen], head);
    if (!weights) return [];
    const first = chosen - weights.length; // index of the first that it reaches; the start is -1
    return weights.map((share, i) => ({ share, index: first + i, text: texts[first + i] ?? "the start" }));
  }

  function show() {
    const strongest = links().sort((a, b) => b.share - a.share).slice(0, LISTED);
    row.hidden = !strongest.length;
    part("links").replaceChildren(...strongest.flatMap(({ text, index, share }, i) =>
      [i ? ", " : "", index < 0 ? text : make("bdi", {}, `“${text}”`), ` ${percent(share)}`]));
    drawArcs();
  }

  function drawArcs() {
    const found = links().filter(({ index, share }) => index >= 0 && share >= LEAST);
    headline.toggleAttribute("data-links", Boolean(links().length));
    if (!found.length) return arcs.replaceChildren();
    const base = headline.getBoundingClientRect();
    const at = (index) => {
      const box = sentence.children[index].getBoundingClientRect();
      return [box.left + box.width / 2 - base.left, box.bottom - base.top - 3];
    };
    const [x, y] = at(explorer.chosen);
    arcs.replaceChildren(...found.map(({ index, share }) => {
      const [toX, toY] = at(index);
      const dip = Math.min(DIP.most, Math.max(DIP.least, Math.abs(toX - x) / 20));
      return makeSvg("path", {
        d: `M${x} ${y}C${x} ${y + dip} ${toX} ${toY + dip} ${toX} ${toY}`,
        "stroke-width": (1 + 5 * share).toFixed(2), "stroke-opacity": (0.25 + 0.75 * share).toFixed(2),
      });
    }));
  }
}
