// What events of the page do in the browser, without the server. Gradio passes an event's inputs after the
// arguments that Python gives (captioner/ui/shared/assets.py: call), and takes the returned values as
// updates of its outputs.

export function constant(value) {
  return value;
}

// Shows each output whose entry in `accepted` equals the input, and hides the others.
export function showWhen(accepted, value) {
  const updates = accepted.map((one) => ({ __type__: "update", visible: one === value }));
  return updates.length === 1 ? updates[0] : updates;
}

// Scrolls to the top, but not if the element of this selector has text to read.
export function scrollToTop(unless = null) {
  const text = unless && document.querySelector(unless)?.innerText.trim();
  if (!text) scrollTo({ top: 0 });
}

// Scrolls to the element of this selector and focuses its first field.
export function reach(selector) {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: "center" });
  const field = element.querySelector("input:not([type=file]), textarea") ?? element.querySelector("button");
  field?.focus({ preventScroll: true });
}
