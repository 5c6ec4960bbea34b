// The heads of a transformer beside the photo: the map of each for the chosen word. Pointing at one shows it on the
// photo; a click shows it everywhere until another, or the mean of all, is chosen.

import { make } from "../../shared/elements.js";
import { peakOf, whereabouts } from "../../shared/maps/maps.js";
import { Painter } from "../../shared/maps/painter.js";
import { headsOf, headText, MEAN, wordsOf } from "./of_head.js";

const SIDE = 64; // CSS pixels of the longer side of a small map

export function addHeads(explorer) {
  const { root, part, look } = explorer;
  const box = part("heads");
  const tiles = part("head-tiles");
  let built = ""; // the heads that have tiles
  let painter = null;
  let drawn = null; // {photo, width} of the painter

  explorer.add({ show: build, choose: draw, draw });

  function build() {
    const rows = headsOf(explorer.shown);
    const names = rows.flat();
    box.hidden = names.length < 2;
    if (built !== names.join()) {
      built = names.join();
      tiles.style.setProperty("--heads", Math.max(1, ...rows.map((row) => row.length)));
      tiles.replaceChildren(...rows.flatMap((row, layer) => [make("span", { class: "layer" }, `Layer ${layer + 1}`),
        ...row.map((name) => tile(name, make("canvas", { "aria-hidden": "true" })))]));
      part("head-mean").replaceChildren(tile(MEAN, make("span", {}, "Mean of all heads")));
    }
  }

  function tile(name, content) {
    const label = name === MEAN ? "Mean of all heads" : headText(name);
    const input = make("input", { type: "radio", name: "head", value: name, "aria-label": label });
    return make("label", { title: name === MEAN ? label : label[0].toUpperCase() + label.slice(1) }, input, content);
  }

  function mark() {
    for (const input of box.querySelectorAll("input")) input.checked = input.value === explorer.head;
  }

  function draw() {
    if (box.hidden || !explorer.shown) return;
    mark();
    const { width, height } = size();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    if (drawn?.photo !== explorer.photo || drawn.width !== width * ratio) {
      drawn = { photo: explorer.photo, width: width * ratio };
      painter = new Painter(explorer.photo, Math.round(width * ratio), Math.round(height * ratio), explorer.colours);
    }
    for (const input of tiles.querySelectorAll("input")) {
      const map = mapOf(input.value);
      const canvas = input.nextElementSibling;
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
      painter.paint(canvas, map, explorer.grid, peakOf(map), look);
      input.setAttribute("aria-label", `${headText(input.value)}, ${whereabouts(map, explorer.grid)}`);
    }
  }

  function size() {
    const { width, height } = explorer.shown;
    const scale = SIDE / Math.max(width, height);
    return { width: Math.round(width * scale), height: Math.round(height * scale) };
  }

  const mapOf = (name) => wordsOf(explorer.shown, name)[explorer.chosen].attention;

  // The map of a head on the photo, for as long as it is pointed at.
  function preview(name) {
    const map = mapOf(name);
    explorer.photoView.paint(root.querySelector("[data-stage]"), map, peakOf(map));
  }

  box.addEventListener("pointerover", (event) => {
    const input = event.target.closest("label")?.querySelector("input");
    if (input && event.pointerType === "mouse") preview(input.value);
  });
  box.addEventListener("pointerleave", () => explorer.shown && explorer.photoView.drawPhoto());

  // From the switches: another head is chosen.
  function choose(name) {
    look.head = name;
    if (!explorer.shown || box.hidden) return;
    refresh();
    const { head } = explorer; // an address may name one that is not here
    explorer.announce(head === MEAN ? "Mean of all heads" : headText(head));
  }

  // All maps are others now.
  function refresh() {
    explorer.notify("show");
    explorer.choose(explorer.chosen);
  }

  return { choose, refresh };
}
