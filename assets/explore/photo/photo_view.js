// The photo under the map of the chosen word, large and as tiles, at the size there is room for.

import { make } from "../../shared/elements.js";
import { headText, MEAN } from "../heads/of_head.js";
import { coverage, peakOf, whereabouts } from "../../shared/maps/maps.js";
import { Painter } from "../../shared/maps/painter.js";

const TILE = { least: 72, most: 96, height: 72, around: 24 }; // CSS pixels of a tile's picture
const PHONE = 580; // CSS pixels of the explorer's width at most
const BETWEEN = 12; // CSS pixels between attention and occlusion

export function addPhotoView(explorer) {
  const { root, part, strip, look } = explorer;
  const canvas = root.querySelector("[data-stage]");
  const box = part("stage");
  const painters = {}; // "stage" and "tile": each holds the photo at one size
  let masks = new WeakMap(); // of both: made for the tiles, they are ready when the word is chosen
  let commonPeak = 1; // the largest weight of any word
  let sentenceMap = null; // the coverage of all words

  explorer.add({
    show() {
      for (const name in painters) delete painters[name];
      masks = new WeakMap();
      commonPeak = Math.max(...explorer.maps.map(peakOf));
      sentenceMap = coverage(explorer.maps);
      const { x, y } = explorer.grid;
      part("clue").textContent = `${y.length} × ${x.length} cells: light can fall beside the thing. Attention is a clue, not a reason.`;
      layOut();
    },
    choose: drawPhoto,
    draw,
  });

  // Sizes follow the room there is, the photo's own shape and the screen's pixel ratio.
  function layOut() {
    if (!explorer.shown || !box.clientWidth) return;
    const changed = fit("stage", box.querySelectorAll("canvas"), photoRoom());
    if (fit("tile", strip.querySelectorAll("canvas"), tileRoom()) || changed) explorer.notify("draw");
  }

  function photoRoom() {
    const count = explorer.occlusion.isShown() && box.clientWidth > 460 ? 2 : 1;
    const share = root.clientWidth > PHONE ? 0.5 : 0.36; // on a phone, controls stand beneath the photo
    const height = Math.max(240, Math.min(520, share * document.documentElement.clientHeight));
    return { width: (box.clientWidth - BETWEEN * (count - 1)) / count, height };
  }

  // All tiles side by side where that leaves them large enough; else the strip scrolls.
  function tileRoom() {
    const share = strip.clientWidth / explorer.words.length - TILE.around;
    return { width: Math.max(TILE.least, Math.min(TILE.most, share)), height: TILE.height };
  }

  function fit(name, canvases, room) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const { shown } = explorer;
    const scale = Math.min(room.width / shown.width, room.height / shown.height);
    const width = Math.max(1, Math.round(shown.width * scale));
    const height = Math.max(1, Math.round(shown.height * scale));
    const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
    for (const one of canvases) {
      one.style.width = `${width}px`;
      one.style.height = `${height}px`;
    }
    if (painters[name]?.width === pixels[0] && painters[name].height === pixels[1]) return false;
    painters[name] = new Painter(explorer.photo, ...pixels, explorer.colours, masks);
    return true;
  }

  // The map on the photo, and the weight that is drawn brightest.
  function current() {
    const map = look.sentence ? sentenceMap : explorer.mapOf(explorer.chosen);
    return { map, peak: look.common || look.sentence ? commonPeak : peakOf(map) };
  }

  function paint(target, map, peak) {
    painters.stage?.paint(target, map, explorer.grid, peak, look);
  }

  function drawPhoto() {
    const { map, peak } = current();
    paint(canvas, map, peak);
    describe(whereabouts(map, explorer.grid));
  }

  // What the light on the photo means, as a sentence above it and for screen readers.
  function describe(place) {
    const { blind, word } = explorer;
    const whose = look.sentence ? "the whole caption" : `the word ${word.text}`;
    canvas.setAttribute("aria-label", blind ? `The photo and what ${whose} depends on: ${place}`
      : `The photo and where ${whose} attended: ${place}`);
    part("lead").replaceChildren("While saying ",
      make("strong", {}, look.sentence ? "the whole caption" : word.text),
      `, ${explorer.head === MEAN ? "the network" : headText(explorer.head)} looked ` +
        `${place === "everywhere" ? "at the whole photo" : "mostly here"}.`);
  }

  function draw() {
    drawPhoto();
    strip.querySelectorAll("canvas").forEach((tile, i) => {
      const map = explorer.mapOf(i);
      painters.tile?.paint(tile, map, explorer.grid, look.common ? commonPeak : peakOf(map), look);
    });
  }

  new ResizeObserver(layOut).observe(box);
  addEventListener("resize", function onResize() {
    if (root.isConnected) layOut();
    else removeEventListener("resize", onResize);
  });

  const size = () => painters.stage && [painters.stage.width, painters.stage.height];
  return { layOut, current, paint, drawPhoto, size };
}
