// The last photos, as small pictures that open their results.

import { make } from "../../shared/elements.js";

const SIDE = 112; // pixels

export class Tray {
  #entries = [];
  #marked = null;
  #act;

  // act: {restore(key), forget(key), forgetAll()}
  constructor(act) {
    this.#act = act;
    document.addEventListener("click", ({ target }) => {
      const { restore, forget, part } = target.closest?.(".tray button")?.dataset ?? {};
      if (restore) act.restore(restore);
      else if (forget) this.#forget(forget);
      else if (part === "clear-tray") act.forgetAll();
    });
    this.fill = this.fill.bind(this);
  }

  async #forget(key) {
    const index = this.#entries.findIndex((entry) => entry.key === key);
    await this.#act.forget(key);
    const buttons = document.querySelectorAll(".tray [data-restore]"); // keys go on from the next one
    buttons[Math.min(index, buttons.length - 1)]?.focus();
  }

  show(entries) {
    this.#entries = entries;
    this.fill();
  }

  mark(key) {
    this.#marked = key;
    for (const button of document.querySelectorAll(".tray [data-restore]")) {
      button.setAttribute("aria-current", button.dataset.restore === key);
    }
  }

  // Fills the page's tray; while the page opens there is another one than later.
  fill() {
    for (const tray of document.querySelectorAll(".tray")) {
      tray.hidden = !this.#entries.length;
      tray.querySelector("ul").replaceChildren(...this.#entries.map(item));
    }
    this.mark(this.#marked);
  }
}

function item({ key, caption, thumbnail }) {
  const open = make("button", { type: "button", "data-restore": key, title: caption, "aria-label": `Photo: ${caption}` });
  open.style.backgroundImage = `url(${JSON.stringify(thumbnail)})`;
  const label = `Remove this photo from this browser: ${caption}`;
  const remove = make("button", { type: "button", "data-forget": key, "aria-label": label, title: "Remove" }, "✕");
  return make("li", {}, open, remove);
}

// The middle of a photo as a small picture.
export function thumbnailOf(image) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const { naturalWidth: width, naturalHeight: height } = image;
  const side = Math.min(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  return canvas.toDataURL("image/jpeg", 0.8);
}
