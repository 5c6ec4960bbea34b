// The camera: its picture to take a photo of, or live with captions of its frames, and the chosen word's map over
// the moving picture.
//
// `props.value` is the name of the chosen captioner. Words come from outside: they only ever become
// text.

import { Colours } from "../../shared/maps/colours.js";
import { make, partsOf } from "../../shared/elements.js";
import { counted, percent } from "../../shared/format.js";
import { peakOf } from "../../shared/maps/maps.js";
import { Painter } from "../../shared/maps/painter.js";
import { arrowStep } from "../../shared/reading.js";
import { givePhoto } from "../photo/photo_input.js";
import { initialLook } from "../state.js";
import { choosePhoto, hasCameraApp, takePhotoWithApp } from "./chooser.js";
import { closeCamera, nextCamera, openCamera } from "./device.js";
import { Sender, still } from "./frames.js";

const RETRY = 700; // milliseconds until the next frame, where the server refused one
const LARGEST = 640; // pixels of the longer side of the picture
const BETWEEN = 40; // milliseconds at least between two pictures
const RATE_OVER = 2000; // milliseconds
const TEXTS = {
  take: { title: "Take a photo", button: "Take photo", privacy: "Nothing is sent before you take the photo." },
  live: { title: "Live camera", button: "Freeze", privacy: "Frames go to the captioner and are stored nowhere." },
};

export function mount({ element, props, style }) {
  const part = partsOf(element);
  const [view, video, picture] = ["view", "video", "picture"].map(part);
  const colours = new Colours(style);
  const look = initialLook(style);
  let session = null; // while it is open: {way, sender, abort, stream, caption, picked, painter, drawn, times, rate}

  element.querySelector(".entries").addEventListener("click", ({ target }) => {
    const { way } = target.closest("button")?.dataset ?? {};
    if (way === "choose") choosePhoto();
    else if (way === "take" && hasCameraApp()) takePhotoWithApp();
    else if (way) open(way);
  });
  part("close").addEventListener("click", () => view.close());
  part("freeze").addEventListener("click", freeze);
  part("switch").addEventListener("click", switchCamera);
  part("automatic").addEventListener("click", () => pick(null));
  video.addEventListener("resize", () => { // also when a phone is turned
    video.parentElement.style.setProperty("--shape", video.videoWidth / video.videoHeight);
  });
  view.addEventListener("close", close);
  view.addEventListener("click", ({ target }) => {
    const word = target.closest("[data-word]");
    const step = target.closest("[data-step]");
    if (word) pick(Number(word.dataset.word));
    else if (step) move(Number(step.dataset.step));
  });

  async function open(way) {
    const { title, button, privacy } = TEXTS[way];
    view.dataset.way = way;
    view.setAttribute("aria-label", title);
    part("title").textContent = title;
    part("freeze-label").textContent = button;
    part("privacy").textContent = privacy;
    const mine = session = {
      way, sender: new Sender(), abort: new AbortController(), caption: null, picked: null, times: [], drawn: 0,
    };
    view.showModal();
    view.focus(); // not its first button: Space freezes
    document.addEventListener("keydown", onKey, true);
    write();
    report("Waiting for the camera …");
    await use(mine, await openCamera());
  }

  // Starts with the stream of a camera, or shows the sentence that says why there is none.
  async function use(mine, { stream, error }) {
    if (mine !== session) return closeCamera(stream); // closed meanwhile
    report(error ?? "");
    if (error) return;
    mine.stream = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      if (!isOn(mine, stream)) return;
      stop(mine);
      report("The camera was switched off: close this view and open it again.");
    });
    video.srcObject = stream;
    await video.play().catch(() => {}); // refused if it was closed meanwhile
    if (!isOn(mine, stream)) return;
    part("freeze").disabled = false;
    part("switch").hidden = !(await nextCamera(stream));
    if (mine.way === "take") return;
    draw(mine, stream);
    run(mine, stream);
  }

  function stop(mine) {
    closeCamera(mine.stream);
    mine.stream = null;
    part("freeze").disabled = true;
    part("switch").hidden = true;
  }

  const isOn = (mine, stream) => mine === session && mine.stream === stream;

  // One frame after the other: the next one leaves when the answer to the last one is here.
  async function run(mine, stream) {
    try {
      while (isOn(mine, stream)) {
        await visible();
        const answer = await mine.sender.send(video, props.value ?? "", mine.abort.signal);
        if (!isOn(mine, stream)) return;
        if (answer.error) {
          report(answer.error);
          if (!answer.retry) return stop(mine);
          await pause(RETRY);
        } else {
          report(answer.attends ? "" : "This captioner has no attention: there are words, but no maps.");
          mine.caption = answer;
          count(mine);
          write();
        }
      }
    } catch (error) {
      if (!mine.abort.signal.aborted) throw error;
    }
  }

  // The picture moves at the camera's pace, the map at that of the answers.
  function draw(mine, stream, now = 0) {
    if (!isOn(mine, stream)) return;
    const next = (time) => draw(mine, stream, time);
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(next);
    else requestAnimationFrame(next);
    if (!mine.caption?.attends || document.hidden || now < mine.drawn + BETWEEN) return;
    mine.drawn = now;
    const map = mine.caption.maps[chosen()];
    fit(mine);
    mine.painter.take(video);
    mine.painter.paint(picture, map, mine.caption.grid, peakOf(map), look);
  }

  function fit(mine) {
    const scale = Math.min(1, LARGEST / Math.max(video.videoWidth, video.videoHeight));
    const [width, height] = [video.videoWidth, video.videoHeight].map((side) => Math.round(side * scale));
    if (mine.painter?.width === width && mine.painter.height === height) return;
    mine.painter = new Painter(video, width, height, colours);
  }

  const last = () => session.caption.words.length - 1;
  const chosen = () => Math.min(session.picked ?? session.caption.chosen, last());

  function pick(index) {
    if (!session?.caption) return;
    session.picked = index;
    write();
  }

  function move(step) {
    if (session?.caption) pick(Math.min(Math.max(chosen() + step, 0), last()));
  }

  // The sentence. Its buttons stay the same from caption to caption, so that one can click them.
  function write() {
    const { caption, picked, rate } = session;
    const { words } = caption ?? { words: [] };
    const sentence = part("words");
    while (sentence.children.length < words.length) {
      sentence.append(make("button", { type: "button", "data-word": sentence.children.length }));
    }
    [...sentence.children].forEach((button, i) => {
      button.hidden = i >= words.length;
      if (button.textContent !== words[i]) button.textContent = words[i] ?? "";
      button.setAttribute("aria-current", Boolean(caption) && i === chosen());
    });
    view.toggleAttribute("data-captioned", Boolean(caption));
    view.toggleAttribute("data-attends", Boolean(caption?.attends));
    part("automatic").hidden = picked === null;
    part("facts").textContent = !caption ? "" : `“${words[chosen()]}” ${percent(caption.probabilities[chosen()])}` +
      (picked === null ? "" : ` · word ${chosen() + 1} is held`);
    part("rate").textContent = rate ? `${counted(rate, "caption")} a second` : "";
  }

  function count(mine) {
    const now = performance.now();
    mine.times = [...mine.times.filter((time) => now - time < RATE_OVER), now];
    const passed = now - mine.times[0];
    if (passed > RATE_OVER / 2) mine.rate = Math.round((1000 * (mine.times.length - 1)) / passed);
  }

  function report(sentence) {
    const notice = part("notice");
    if (notice.textContent !== sentence) notice.textContent = sentence;
    notice.hidden = !sentence;
  }

  // The current frame becomes an ordinary photo of the Explore tab.
  async function freeze() {
    if (part("freeze").disabled) return;
    part("freeze").disabled = true; // once is enough
    const files = new DataTransfer();
    files.items.add(await still(video));
    if (!view.open) return;
    view.close();
    document.activeElement.blur(); // keys step through the words of the result
    await givePhoto(files.files);
  }

  async function switchCamera() {
    const mine = session;
    const id = await nextCamera(mine.stream);
    stop(mine); // some phones open only one at a time
    await use(mine, await openCamera(id));
  }

  function close() {
    document.removeEventListener("keydown", onKey, true);
    session.abort.abort();
    stop(session);
    session = video.srcObject = null;
  }

  function onKey(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = arrowStep(key, part("words"));
    if (step) move(step);
    else if (key === " " && !target.matches("button:not([data-word])")) freeze();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the explorer has the same keys
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Resolves when the tab is on show.
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}
