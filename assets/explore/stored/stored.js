// The result on show survives a reload: this browser stores it with its photo and its edits. The history entry of
// the page says which one it is, so that an address that is opened anew shows what the address says.

import { clear, list, read, remove, write } from "./database.js";
import { pack, unpack } from "./record.js";
import { Tray, thumbnailOf } from "./tray.js";

const DELAY = 400; // milliseconds without a change before it is stored
const LARGEST = 8e6; // bytes of a photo's file; of larger ones only the page's picture is stored

const current = () => history.state?.stored ?? null;

// `show(found)` shows what `unpack` returns.
export function addStored(explorer, show) {
  const sizes = new Map(); // key of a photo that is stored -> bytes
  let unwanted = null; // key of a photo that was removed from the tray: it is not stored again by itself
  let timer = null;
  let cleared = () => {};
  const tray = new Tray({ restore: open, forget, forgetAll });

  explorer.add({ connect: tray.fill, show: later, choose: later, draw: later, pick: later, clear: leave });
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => (document.hidden ? flush() : refresh()));

  const keyOf = (value) => value?.keys?.photo ?? null;

  function point(key) {
    if (current() !== key) history.replaceState({ ...history.state, stored: key }, "");
    tray.mark(key);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, DELAY);
  }

  function flush() {
    if (timer !== null) save();
  }

  function leave() {
    flush();
    if (explorer.shown) point(null);
    cleared();
  }

  async function save() {
    clearTimeout(timer);
    timer = null;
    const { shown, original, isOpening, photo: image } = explorer;
    const key = keyOf(original);
    if (!shown || !key || explorer.tour.lookBefore()) return; // a tour only borrows the look
    if (isOpening && shown === original && !sizes.has(key)) return; // everybody has it
    if (key === unwanted) return;
    const { shared, result } = pack(explorer);
    point(key);
    let photo = null;
    if (!sizes.has(key)) {
      const file = await fileOf(shared);
      photo = { key, shared, file };
      sizes.set(key, shared.photo.length + (shared.seen?.length ?? 0) + (file?.size ?? 0));
    }
    const entry = {
      key, time: Date.now(), bytes: sizes.get(key), caption: shown.caption, thumbnail: thumbnailOf(image),
    };
    if (!await write({ entry, photo, result: { key, ...result } })) sizes.delete(key);
    await refresh();
  }

  // The file that the visitor gave, which another captioner may want. It is in the browser's cache.
  async function fileOf({ example, saved }) {
    const image = document.querySelector("#photo img");
    if (example || saved || !image) return null;
    try {
      const file = await (await fetch(image.src, { cache: "force-cache" })).blob();
      return file.size <= LARGEST && file.type.startsWith("image/") ? file : null;
    } catch {
      return null;
    }
  }

  async function refresh() {
    const entries = await list();
    for (const { key, bytes } of entries) sizes.set(key, bytes);
    for (const key of sizes.keys()) if (!entries.some((entry) => entry.key === key)) sizes.delete(key);
    tray.show(entries);
    tray.mark(current());
  }

  // Shows a stored result. Resolves to whether there is one.
  async function restore(key) {
    const record = await read(key);
    const found = record && unpack({ shared: record.photo.shared, result: record.result });
    if (!found) {
      await remove(key);
      await refresh();
      return false;
    }
    unwanted = null;
    try {
      await show(found);
    } catch { // its photo is damaged
      await remove(key);
      return false;
    }
    point(key);
    return true;
  }

  // What the visitor chose in the tray. The photo in the page's input is another one: it goes.
  async function open(key) {
    flush();
    const removal = document.querySelector('#photo [aria-label="Remove Image"]');
    if (removal) {
      const gone = new Promise((resolve) => { cleared = resolve; });
      removal.click();
      await gone;
      cleared = () => {};
    }
    await restore(key);
  }

  async function forget(key) {
    if (key === keyOf(explorer.original)) leaveOut(key);
    await remove(key);
    await refresh();
  }

  async function forgetAll() {
    leaveOut(keyOf(explorer.original));
    await clear();
    await refresh();
  }

  function leaveOut(key) {
    clearTimeout(timer);
    timer = null;
    unwanted = key;
    point(null);
  }

  // A caption came from the server: a photo that was given again is stored again.
  function welcome() {
    unwanted = null;
  }

  // The file of the photo on show, or null.
  async function file() {
    return (await read(keyOf(explorer.original)))?.photo.file ?? null;
  }

  refresh();
  return { current, restore, welcome, file };
}
