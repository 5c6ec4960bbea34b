// What is reported beneath the caption is at the edge of the screen, too, while the caption is out of view.

import { make } from "../shared/elements.js";
import { makeToast } from "../shared/toast.js";

const SHOWN = 6000; // milliseconds

let far = null; // of both explorers
let timer = null;

// Shows or removes the sentence that the notice of an explorer has.
export function showFar(notice, sentence) {
  const { top, bottom } = notice.getBoundingClientRect();
  const isFar = sentence && (bottom < 0 || top > document.documentElement.clientHeight);
  if (!isFar && !far) return;
  far ??= makeToast({ "aria-hidden": "true" });
  far(...(isFar ? [make("span", { "data-text": sentence })] : [])); // not as text: the notice has it, and is read out
  clearTimeout(timer);
  timer = setTimeout(far, SHOWN);
}
