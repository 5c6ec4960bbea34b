// Answers come into view where they are out of it: on a phone controls and answers are screens apart.

const MARGIN = 8; // CSS pixels between an answer and the edge of the screen
const narrow = matchMedia("(max-width: 860px)"); // there the page has one column
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let hasActed = false; // the visitor, since the page was opened: before that, a link may bring several captions
for (const type of ["pointerdown", "keydown"]) {
  addEventListener(type, () => { hasActed = true; }, { capture: true, once: true });
}

// Scrolls as little as possible until all is in view from the first to the last element. If that does not fit,
// it begins with the next of `firsts`, the last of which comes to the top.
export async function bringIntoView(firsts, last) {
  await released();
  await new Promise(requestAnimationFrame); // places are known after layout
  const room = document.documentElement.clientHeight - 2 * MARGIN;
  const { bottom } = last.getBoundingClientRect();
  const tops = firsts.map((first) => first.getBoundingClientRect().top);
  const top = tops.find((one) => bottom - one <= room) ?? tops.at(-1);
  const beyond = Math.min(bottom - MARGIN - room, top - MARGIN);
  const distance = top < MARGIN ? top - MARGIN : Math.max(0, beyond);
  if (distance) scrollBy({ top: distance, behavior: calm.matches ? "instant" : "smooth" });
}

// A slider that is dragged stays where it is.
function released() {
  if (!document.querySelector("input:active")) return Promise.resolve();
  return new Promise((resolve) => {
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, resolve, { once: true });
  });
}

// Another caption comes into view with its photo and the switches beneath it, and what covering changed.
export function addInView(explorer) {
  const { part, pane } = explorer;
  let last = null; // the caption that was on show

  const end = () => (explorer.shown.compared ? part("covered-said") : part("decoding"));

  explorer.add({
    show() {
      const { shown, isOpening } = explorer;
      const isAsked = pane === "first" || (last && hasActed); // else it comes by itself
      const isAnswer = shown !== last && !isOpening && isAsked;
      last = shown;
      if (isAnswer && narrow.matches) bringIntoView([part("head")], pane === "first" ? end() : part("stage"));
    },
    clear() { last = null; },
  });
}
