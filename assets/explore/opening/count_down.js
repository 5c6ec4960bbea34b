// How long the captioner will still load, by the last time on the server's machine, beside everything that waits
// for it.

import { counted } from "../../shared/format.js";

const SECOND = 1000; // milliseconds

// Returns a function that starts it with a number of seconds; null ends it, or says that the time is not known.
export function addCountDown({ root }) {
  const places = root.querySelectorAll("[data-count-down]");
  let timer = null;
  let end = 0;

  function write() {
    const left = timer ? Math.ceil((end - performance.now()) / SECOND) : 0;
    const text = left > 1 ? `about ${counted(left, "second")}` : "a moment";
    for (const place of places) place.textContent = text;
  }

  return function countDown(seconds) {
    clearInterval(timer);
    timer = null;
    if (seconds !== null) {
      end = performance.now() + SECOND * seconds;
      timer = setInterval(write, SECOND);
    }
    write();
  };
}
