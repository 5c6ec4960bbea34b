// The explorer of one caption. Runs once, when the page puts the component up; `element`, `props`
// and `watch` are given by gr.HTML. `props.value` is nothing, {error: sentence}, or a caption:
// {photo, width, height, caption, confidence, milliseconds, words: [{text, probability,
// attention, alternatives}], grid: {x, y}}. `props.captioner` is "loading", "ready" or a sentence
// that says why there is none. Words come from outside: they only ever become text.

const PLAY_STEP = 1200; // milliseconds a word is shown while playing
const TILE = { least: 72, most: 96, height: 72, around: 24 }; // CSS pixels of a tile's picture

const root = element.querySelector(".explorer");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const stage = root.querySelector("[data-stage]");
const stageBox = part("stage");
const strip = part("strip");
const sentence = root.querySelector("[data-caption]");
const slider = part("slider");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const look = { overlay: "spotlight", smooth: true, common: false, strength: 0.85 };
let shown = null; // the caption on show
let photo = null; // its photo, decoded
let chosen = 0; // index of the chosen word
let commonPeak = 1; // the largest weight of any word
let painters = {}; // "stage" and "tile": photo and size they were made for
let playing = null; // timer of the next step
let update = 0; // counts values, so that a photo decoded late does not replace a newer one

// Values

const failed = () => !["loading", "ready"].includes(props.captioner);

function refresh() {
  const value = props.value || null;
  const error = value?.error ?? (failed() ? props.captioner : null);
  if (error) {
    part("error").textContent = error;
    put("error");
  } else if (value) {
    show(value);
  } else {
    put("empty");
  }
}

function refreshCaptioner() {
  root.dataset.captioner = failed() ? "failed" : props.captioner;
  if (!shown) refresh();
}

function put(state) {
  update += 1;
  if (state !== "caption") {
    pause();
    shown = photo = null;
    painters = {};
    chosen = 0;
  }
  root.dataset.state = state;
}

async function show(value) {
  const mine = ++update;
  let image = photo;
  if (!image || image.src !== value.photo) {
    image = new Image();
    image.src = value.photo;
    await image.decode();
    if (mine !== update) return;
  }
  pause();
  shown = value;
  photo = image;
  painters = {};
  commonPeak = Math.max(...value.words.map((word) => peakOf(word.attention)));
  chosen = Math.min(chosen, value.words.length - 1);
  put("caption");
  writeSentence();
  writeStrip();
  layOut();
  choose(chosen);
}

function writeSentence() {
  sentence.replaceChildren();
  shown.words.forEach((word, i) => {
    if (i) sentence.append(" ");
    sentence.append(make("button", { type: "button", "data-word": i }, word.text));
  });
  const words = shown.words.length === 1 ? "1 word" : `${shown.words.length} words`;
  part("facts").textContent =
    `Confidence ${percent(shown.confidence)} · ${words} · ${Math.round(shown.milliseconds)} ms`;
  slider.max = shown.words.length;
}

function writeStrip() {
  strip.replaceChildren(...shown.words.map((word, i) => make(
    "div", { class: "tile", role: "option", "data-word-index": i },
    make("span", { class: "tile-word" }, word.text),
    make("canvas", { "aria-hidden": "true" }),
    meter(word.probability),
    make("span", { class: "tile-number" }, percent(word.probability)),
  )));
}

// Drawing

// Canvas sizes follow the room there is, the photo's own shape and the screen's pixel ratio.
function layOut() {
  if (!shown || !stageBox.clientWidth) return;
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const tiles = strip.querySelectorAll("canvas");
  const changed = fit("stage", [stage], stageRoom(), ratio);
  if (fit("tile", tiles, tileRoom(), ratio) || changed) draw();
}

function stageRoom() {
  return { width: stageBox.clientWidth, height: Math.max(240, Math.min(520, 0.5 * innerHeight)) };
}

// All tiles side by side where that leaves them large enough; else the strip scrolls.
function tileRoom() {
  const share = strip.clientWidth / shown.words.length - TILE.around;
  return { width: Math.max(TILE.least, Math.min(TILE.most, share)), height: TILE.height };
}

function fit(name, canvases, room, ratio) {
  const scale = Math.min(room.width / shown.width, room.height / shown.height);
  const width = Math.max(1, Math.round(shown.width * scale));
  const height = Math.max(1, Math.round(shown.height * scale));
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
  if (painters[name]?.width === pixels[0] && painters[name].height === pixels[1]) return false;
  painters[name] = new Painter(photo, ...pixels);
  for (const canvas of canvases) {
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  return true;
}

function paint(painter, canvas, i) {
  const map = shown.words[i].attention;
  painter.paint(canvas, map, shown.grid, look.common ? commonPeak : peakOf(map), look);
}

function drawStage() {
  if (painters.stage) paint(painters.stage, stage, chosen);
}

function draw() {
  drawStage();
  strip.querySelectorAll("canvas").forEach((canvas, i) => paint(painters.tile, canvas, i));
}

// Choosing a word

function choose(index, say = false) {
  const words = shown.words;
  chosen = Math.min(Math.max(index, 0), words.length - 1);
  const word = words[chosen];
  const where = whereabouts(word.attention, shown.grid);
  const withFocus = [sentence, strip].find((list) => list.contains(document.activeElement));
  for (const [i, button] of [...sentence.children].entries()) {
    button.toggleAttribute("data-chosen", i === chosen);
    button.setAttribute("aria-current", i === chosen);
    button.tabIndex = i === chosen ? 0 : -1;
  }
  for (const [i, tile] of [...strip.children].entries()) {
    tile.setAttribute("aria-selected", i === chosen);
    tile.tabIndex = i === chosen ? 0 : -1;
  }
  withFocus?.children[chosen].focus({ preventScroll: true });
  bringIntoView(strip.children[chosen]);
  slider.value = chosen + 1;
  slider.setAttribute("aria-valuetext", `${word.text}, word ${chosen + 1} of ${words.length}`);
  root.querySelector('[data-step="-1"]').disabled = chosen === 0;
  root.querySelector('[data-step="1"]').disabled = chosen === words.length - 1;
  stage.setAttribute("aria-label", `The photo and where the word ${word.text} looked: ${where}`);
  writeWord(word, where);
  drawStage();
  if (say) {
    part("live").textContent = `word ${chosen + 1} of ${words.length}, ${word.text}, ` +
      `${percent(word.probability)}, looks ${toward(where)}`;
  }
}

function toward(where) {
  return where === "everywhere" ? where : `at the ${where}`;
}

function bringIntoView(tile) {
  const left = tile.offsetLeft - (strip.clientWidth - tile.offsetWidth) / 2;
  strip.scrollTo({ left, behavior: calm.matches ? "auto" : "smooth" });
}

function writeWord(word, where) {
  part("text").textContent = word.text;
  part("rank").textContent =
    `${percent(word.probability)} · word ${chosen + 1} of ${shown.words.length}`;
  const others = word.alternatives.filter(([text]) => text !== word.text);
  const rows = [...others, [word.text, word.probability]].sort((a, b) => b[1] - a[1]);
  part("alternatives").replaceChildren(...rows.map(([text, probability]) => {
    const row = make("li", { "data-alternative": text },
      make("span", { class: "alternative" }, text === "<end>" ? "end of sentence" : text),
      meter(probability),
      make("span", { class: "number" }, percent(probability, 1)));
    row.toggleAttribute("data-chosen", text === word.text);
    return row;
  }));
  const cells = shown.grid.x.length * shown.grid.y.length;
  part("cells").textContent = `about ${Math.round(effectiveCells(word.attention))} of ${cells} cells`;
  part("centre").textContent = where;
  writeLegend(word);
}

function writeLegend(word) {
  const peak = percent(look.common ? commonPeak : peakOf(word.attention), 1);
  const whose = look.common ? "any word gave" : `“${word.text}” gave`;
  part("ramp").dataset.overlay = look.overlay;
  part("legend").textContent =
    `Brightest: ${peak} of the attention on one cell, the most that ${whose}.`;
}

// Playing

function play() {
  if (chosen === shown.words.length - 1) choose(0, true);
  playing = setTimeout(function next() {
    choose(chosen + 1, true);
    if (chosen === shown.words.length - 1) pause();
    else playing = setTimeout(next, PLAY_STEP);
  }, PLAY_STEP);
  showPlaying();
}

function pause() {
  clearTimeout(playing);
  playing = null;
  showPlaying();
}

function showPlaying() {
  root.toggleAttribute("data-playing", playing !== null);
  part("play-label").textContent = playing !== null ? "Pause" : "Play";
}

function step(index) {
  pause();
  choose(index, true);
}

// What visitors do

root.addEventListener("click", (event) => {
  const word = event.target.closest("[data-word], [data-word-index]");
  const move = event.target.closest("[data-step]");
  if (word) step(Number(word.dataset.word ?? word.dataset.wordIndex));
  else if (move) step(chosen + Number(move.dataset.step));
  else if (event.target.closest('[data-part="play"]')) playing === null ? play() : pause();
});

root.addEventListener("input", (event) => {
  const { name, value } = event.target;
  if (event.target === slider) return step(Number(value) - 1);
  if (name === "overlay") look.overlay = value;
  if (name === "detail") look.smooth = value === "smooth";
  if (name === "scale") look.common = value === "common";
  if (name === "strength") look.strength = value / 100;
  writeLegend(shown.words[chosen]);
  draw();
});

root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

// Keys work wherever the visitor is in the explorer, and on the page where nothing has the focus;
// sliders, switches and buttons keep the keys that are theirs.
function onKey(event) {
  if (!root.isConnected) return document.removeEventListener("keydown", onKey);
  const target = event.target;
  const inside = root.contains(target);
  if (!shown || !(inside || target === document.body)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const last = shown.words.length - 1;
  const goal = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1 }[event.key] ??
    (inside ? { Home: 0, End: last }[event.key] : undefined);
  if (goal !== undefined) step(goal);
  else if (event.key === " " && !target.matches("button:not([data-word])")) {
    playing === null ? play() : pause();
  } else return;
  event.preventDefault();
}
document.addEventListener("keydown", onKey);

new ResizeObserver(layOut).observe(stageBox);
addEventListener("resize", function onResize() {
  if (root.isConnected) layOut();
  else removeEventListener("resize", onResize);
});

watch("value", refresh);
watch("captioner", refreshCaptioner);
refreshCaptioner();
