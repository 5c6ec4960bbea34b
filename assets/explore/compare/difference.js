// The difference between the maps of the chosen words of both captions, over the photo.

import { Colours } from "../../shared/maps/colours.js";
import { partsOf } from "../../shared/elements.js";
import { percent } from "../../shared/format.js";
import { difference, peakOf, resampled, shared } from "../../shared/maps/maps.js";
import { Painter } from "../../shared/maps/painter.js";

const HEIGHT = 300; // CSS pixels at most
const LEAST = 0.01; // smaller differences do not get the full colour

export function addDifference(box, style) {
  const part = partsOf(box);
  const colours = new Colours(style);
  const button = part("show-difference");
  const canvas = part("difference-map");
  let panes = { first: {}, second: {} }; // see columns.js
  let painter = null;
  let painted = null; // the photo of the painter
  let look = { smooth: true, common: false };
  let isWanted = false;

  part("difference-ramp").style.background = colours.gradientOf(style.difference);

  function draw() {
    const { first: one, second: other } = panes;
    // A captioner without attention has no maps.
    const areKnown = Boolean(one.maps && other.maps && one.photo === other.photo);
    button.hidden = !areKnown;
    part("difference").hidden = !areKnown || !isWanted;
    if (part("difference").hidden) return;
    const map = one.maps[one.chosen];
    const theirs = resampled(other.maps[other.chosen], other.grid, one.grid);
    const differences = difference(theirs, map);
    // The largest difference, or what the largest weight is: equal for all words.
    const peak = look.common ? Math.max(...[...one.maps, ...other.maps].map(peakOf))
      : Math.max(LEAST, ...differences.flat().map(Math.abs));
    fit(one.image);
    painter.paintDifference(canvas, differences, one.grid, peak, look.smooth);
    const words = `“${one.texts[one.chosen]}” and “${other.texts[other.chosen]}”`;
    part("difference-words").textContent = words;
    part("difference-shared").textContent = percent(shared(map, theirs));
    part("difference-peak").textContent = (100 * peak).toFixed(1);
    canvas.setAttribute("aria-label", `The photo and where the attention of ${words} differs`);
  }

  function fit(image) {
    const scale = Math.min(box.clientWidth / image.naturalWidth, HEIGHT / image.naturalHeight, 1);
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [image.naturalWidth, image.naturalHeight].map((side) => Math.max(1, Math.round(side * scale)));
    if (painted === image && painter.width === Math.round(width * ratio)) return;
    [painter, painted] = [new Painter(image, Math.round(width * ratio), Math.round(height * ratio), colours), image];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }

  button.onclick = () => {
    isWanted = !isWanted;
    button.setAttribute("aria-pressed", isWanted);
    draw();
  };
  new ResizeObserver(draw).observe(box);

  return {
    show(shown) {
      panes = shown;
      draw();
    },
    look(theirs) {
      look = theirs;
      draw();
    },
  };
}
