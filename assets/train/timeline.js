// The timeline of snapshots: what the captioner said about a few photos, from noise to attention.

import { Colours } from "../shared/maps/colours.js";
import { grouped } from "../shared/format.js";
import { Sample } from "./samples.js";

const STEP = 900; // milliseconds for each snapshot while playing

// Returns a function that shows {run, photos, grid, moments, attends}, or nothing for null.
export function makeTimeline(root, part, style) {
  const slider = root.querySelector("[data-moment]");
  const colours = new Colours(style);
  const look = { overlay: style.overlay, palette: Object.keys(style.palettes)[0], smooth: true, strength: style.strength };
  let samples = [];
  let shown = null;
  let current = 0; // index of the snapshot on show
  let timer = null;
  const last = () => shown.moments.length - 1;

  function show(index) {
    current = Math.min(Math.max(index, 0), last());
    slider.value = current;
    slider.style.setProperty("--share", last() > 0 ? current / last() : 1);
    const { captions, ...moment } = shown.moments[current];
    slider.setAttribute("aria-valuetext", nameOf(moment));
    part("moment").textContent = nameOf(moment);
    samples.forEach((sample, i) => sample.show(captions[i], shown.grid, shown.attends));
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    delete root.dataset.playing;
    part("play").setAttribute("aria-label", "Play from the beginning");
  }

  function playOrPause() {
    if (timer) return stop();
    if (current === last()) show(0);
    root.dataset.playing = "";
    part("play").setAttribute("aria-label", "Pause");
    timer = setInterval(() => {
      if (current < last()) show(current + 1);
      else stop();
    }, STEP);
  }

  function write(value) {
    const isEmpty = !value?.moments.length;
    part("learnt").hidden = isEmpty;
    if (isEmpty) {
      stop();
      shown = null;
      return;
    }
    const isOther = shown?.run !== value.run || shown.photos.length !== value.photos.length;
    const followsNewest = !isOther && current === last() && !timer;
    shown = value;
    slider.max = last();
    part("learnt-title").textContent = shown.attends ? "Captions and attention"
      : "Captions; it has no attention";
    part("newest").textContent = nameOf(shown.moments.at(-1));
    if (isOther) {
      stop();
      samples = shown.photos.map((photo, i) => new Sample(photo, i, colours, look));
      part("pictures").replaceChildren(...samples.map((sample) => sample.item));
    }
    // A visitor at the newest snapshot sees the next one when it comes; others stay where they are.
    show(isOther || followsNewest ? last() : current);
  }

  slider.addEventListener("input", () => {
    stop();
    show(Number(slider.value));
  });
  part("play").addEventListener("click", playOrPause);
  return write;
}

function nameOf({ step, epoch }) {
  if (step === 0) return "before the first step";
  return `after ${grouped(step)} steps, epoch ${Number.isInteger(epoch) ? epoch : epoch.toFixed(2)}`;
}
