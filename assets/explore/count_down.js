// How long the captioner will still load: an estimate, beside everything that waits for it.

import { counted } from "../shared/format.js";

const SECOND = 1000; // milliseconds

// Returns a function that starts it with a number of seconds, or ends it with null.
export function addCountDown({ root }) {
  const places = root.querySelectorAll("[data-count-down]");
  let timer = null;
  let end = 0;

  function write() {
    const left = Math.ceil((end - performance.now()) / SECOND);
    const text = left > 1 ? `about ${counted(left, "second")}` : "a moment";
    for (const place of places) place.textContent = text;
  }

  return function countDown(seconds) {
    clearInterval(timer);
    if (seconds === null) return;
    end = performance.now() + SECOND * seconds;
    timer = setInterval(write, SECOND);
    write();
  };
}
