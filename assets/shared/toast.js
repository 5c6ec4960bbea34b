// A sentence at the lower edge of the screen, wherever the page is scrolled to.

import { make } from "./elements.js";

let place = null; // all of them, one above the other

// Returns a function that shows what it is given, text or elements, in place of what was there.
export function makeToast(attributes = {}) {
  if (!place?.isConnected) document.body.append(place = make("div", { class: "toasts" }));
  const line = make("p", { class: "toast", ...attributes });
  place.append(line);
  return (...content) => line.replaceChildren(...content);
}
