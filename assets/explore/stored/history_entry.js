// Which stored result the page's entry in the history shows: an address that is opened anew has none.
//
// Where the address changes while a reload is on its way, the browser makes a new entry for it. Then that of this tab
// counts.

import { readText, storeText } from "../../shared/storage.js";

const NAME = "where-words-look-stored";
const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";

// The key of the result, or null.
export function current() {
  const { state } = history;
  if (state && "stored" in state) return state.stored;
  return isReload ? readText("sessionStorage", NAME) : null;
}

export function point(key) {
  if (current() !== key || !history.state) history.replaceState({ ...history.state, stored: key }, "");
  storeText("sessionStorage", NAME, key);
}
