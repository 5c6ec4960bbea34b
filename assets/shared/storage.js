// What the browser stores for the page as text, in "localStorage" or, for one tab, in "sessionStorage". It may forbid to
// store anything: then nothing is found, and the page works.

// The text, or null.
export function readText(storage, name) {
  try {
    return window[storage].getItem(name);
  } catch {
    return null;
  }
}

// Stores a text; null removes it.
export function storeText(storage, name, text) {
  try {
    if (text === null) window[storage].removeItem(name);
    else window[storage].setItem(name, text);
  } catch {
    // It holds until the page is closed.
  }
}
