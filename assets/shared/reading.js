// The direction in which a sentence is read.

export function readsLeftwards(sentence) {
  return getComputedStyle(sentence).direction === "rtl";
}

// The step to the word that an arrow key points to: 1 to the next, -1 to the one before, 0 for another key.
export function arrowStep(key, sentence) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  return readsLeftwards(sentence) ? -step : step;
}
