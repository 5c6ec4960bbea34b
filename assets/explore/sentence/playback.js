// From word to word: buttons, slider, keys, and playing.

import { arrowStep, readsLeftwards } from "../../shared/reading.js";

const STEP = 1200; // milliseconds for each word while playing

export function addPlayback(explorer) {
  const { root, part } = explorer;
  const slider = part("slider");
  let timer = null; // of the next step while playing

  explorer.add({
    show() {
      pause();
      slider.max = explorer.words.length;
      slider.parentElement.dir = readsLeftwards(explorer.sentence) ? "rtl" : "ltr"; // its own arrow keys, too
    },
    choose() {
      const { chosen, words } = explorer;
      slider.value = chosen + 1;
      slider.setAttribute("aria-valuetext", `${explorer.word.text}, word ${chosen + 1} of ${words.length}`);
      root.querySelector('[data-step="-1"]').disabled = chosen === 0;
      root.querySelector('[data-step="1"]').disabled = isLast();
    },
    clear: pause,
  });

  const isLast = () => explorer.chosen === explorer.words.length - 1;

  function play() {
    if (isLast()) explorer.choose(0, true);
    timer = setTimeout(function next() {
      explorer.choose(explorer.chosen + 1, true);
      if (isLast()) pause();
      else timer = setTimeout(next, STEP);
    }, STEP);
    showPlaying();
  }

  function pause() {
    clearTimeout(timer);
    timer = null;
    showPlaying();
  }

  function playOrPause() {
    if (timer === null) play();
    else pause();
  }

  function showPlaying() {
    root.toggleAttribute("data-playing", timer !== null);
    part("play-label").textContent = timer !== null ? "Pause" : "Play";
  }

  function step(index) {
    pause();
    explorer.choose(index, true);
  }

  slider.addEventListener("input", () => step(Number(slider.value) - 1));

  root.addEventListener("click", (event) => {
    const word = event.target.closest("[data-word], [data-word-index]");
    const move = event.target.closest("[data-step]");
    if (word) step(Number(word.dataset.word ?? word.dataset.wordIndex));
    else if (move) step(explorer.chosen + Number(move.dataset.step));
    else if (event.target.closest('[data-part="play"]')) playOrPause();
  });

  // Keys work everywhere in the explorer, and on the page where nothing has the focus. Sliders,
  // switches and buttons keep the keys that are theirs.
  function onKey(event) {
    if (!root.isConnected) return document.removeEventListener("keydown", onKey);
    const { target, key } = event;
    const inside = root.contains(target);
    if (!explorer.shown || event.defaultPrevented || !(inside || target === document.body)) return;
    if (target.matches("input, textarea, select")) return;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") {
      if (event.shiftKey) explorer.whatIf.redo();
      else explorer.whatIf.undo();
      return event.preventDefault();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = arrowStep(key, explorer.sentence);
    const end = inside ? { Home: 0, End: explorer.words.length - 1 }[key] : undefined;
    const goal = move ? explorer.chosen + move : end;
    if (goal !== undefined) step(goal);
    else if (key === " " && !target.matches("button:not([data-word])")) playOrPause();
    else return;
    event.preventDefault();
  }
  document.addEventListener("keydown", onKey);

  return { pause, step };
}
