// From word to word: buttons, slider, keys, and playing.

const PLAY_STEP = 1200; // milliseconds a word is shown while playing
const slider = part("slider");
let playing = null; // timer of the next step

parts.push({
  show() {
    pause();
    slider.max = shown.words.length;
  },
  choose() {
    const last = shown.words.length - 1;
    slider.value = chosen + 1;
    slider.setAttribute("aria-valuetext",
      `${shown.words[chosen].text}, word ${chosen + 1} of ${last + 1}`);
    root.querySelector('[data-step="-1"]').disabled = chosen === 0;
    root.querySelector('[data-step="1"]').disabled = chosen === last;
  },
  clear: pause,
});

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

function playOrPause() {
  if (playing === null) play();
  else pause();
}

function showPlaying() {
  root.toggleAttribute("data-playing", playing !== null);
  part("play-label").textContent = playing !== null ? "Pause" : "Play";
}

function step(index) {
  pause();
  choose(index, true);
}

slider.addEventListener("input", () => step(Number(slider.value) - 1));

root.addEventListener("click", (event) => {
  const word = event.target.closest("[data-word], [data-word-index]");
  const move = event.target.closest("[data-step]");
  if (word) step(Number(word.dataset.word ?? word.dataset.wordIndex));
  else if (move) step(chosen + Number(move.dataset.step));
  else if (event.target.closest('[data-part="play"]')) playOrPause();
});

// Keys work wherever the visitor is in the explorer, and on the page where nothing has the focus;
// sliders, switches and buttons keep the keys that are theirs.
function onKey(event) {
  if (!root.isConnected) return document.removeEventListener("keydown", onKey);
  const target = event.target;
  const inside = root.contains(target);
  if (!shown || event.defaultPrevented || !(inside || target === document.body)) return;
  if (target.matches("input, textarea, select")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    (event.shiftKey ? redo : undo)();
    return event.preventDefault();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const last = shown.words.length - 1;
  const goal = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1 }[event.key] ??
    (inside ? { Home: 0, End: last }[event.key] : undefined);
  if (goal !== undefined) step(goal);
  else if (event.key === " " && !target.matches("button:not([data-word])")) playOrPause();
  else return;
  event.preventDefault();
}
document.addEventListener("keydown", onKey);
