// The stage and the tiles: the photo under the maps, at the size there is room for.

const TILE = { least: 72, most: 96, height: 72, around: 24 }; // CSS pixels of a tile's picture

const stage = root.querySelector("[data-stage]");
const stageBox = part("stage");
const painters = {}; // by place: they keep the photo at one size

let commonPeak = 1; // the largest weight of any word
let covered = null; // what the whole sentence looked at

parts.push({
  show() {
    for (const name in painters) delete painters[name];
    smoothMasks = new WeakMap();
    commonPeak = Math.max(...maps().map(peakOf));
    covered = coverage(maps());
    layOut();
  },
  choose() {
    const seen = look.sentence ? "the whole sentence" : `the word ${shown.words[chosen].text}`;
    const where = whereabouts(look.sentence ? covered : mapOf(chosen), shown.grid);
    stage.setAttribute("aria-label", blind() ? `The photo and what ${seen} depends on: ${where}`
      : `The photo and where ${seen} looked: ${where}`);
    drawStage();
  },
  draw,
});

// Sizes follow the room there is, the photo's own shape and the screen's pixel ratio.
function layOut() {
  if (!shown || !stageBox.clientWidth) return;
  const tiles = strip.querySelectorAll("canvas");
  const changed = fit("stage", stageBox.querySelectorAll("canvas"), stageRoom());
  if (fit("tile", tiles, tileRoom()) || changed) tell("draw");
}

function stageRoom() {
  const beside = 12; // CSS pixels between attention and cause
  const count = causeShown() && stageBox.clientWidth > 460 ? 2 : 1;
  const height = Math.max(240, Math.min(520, 0.5 * innerHeight));
  return { width: (stageBox.clientWidth - beside * (count - 1)) / count, height };
}

// All tiles side by side where that leaves them large enough; else the strip scrolls.
function tileRoom() {
  const share = strip.clientWidth / shown.words.length - TILE.around;
  return { width: Math.max(TILE.least, Math.min(TILE.most, share)), height: TILE.height };
}

function fit(name, canvases, room) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const scale = Math.min(room.width / shown.width, room.height / shown.height);
  const width = Math.max(1, Math.round(shown.width * scale));
  const height = Math.max(1, Math.round(shown.height * scale));
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
  for (const canvas of canvases) {
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  if (painters[name]?.width === pixels[0] && painters[name].height === pixels[1]) return false;
  painters[name] = new Painter(photo, ...pixels);
  return true;
}

// The map on the stage, and the weight that is drawn brightest.
function staged() {
  const map = look.sentence ? covered : mapOf(chosen);
  return { map, peak: look.common || look.sentence ? commonPeak : peakOf(map) };
}

function drawStage() {
  if (!painters.stage) return;
  const { map, peak } = staged();
  painters.stage.paint(stage, map, shown.grid, peak, look);
}

function draw() {
  drawStage();
  strip.querySelectorAll("canvas").forEach((canvas, i) => {
    const map = mapOf(i);
    painters.tile.paint(canvas, map, shown.grid, look.common ? commonPeak : peakOf(map), look);
  });
}

new ResizeObserver(layOut).observe(stageBox);
addEventListener("resize", function onResize() {
  if (root.isConnected) layOut();
  else removeEventListener("resize", onResize);
});
