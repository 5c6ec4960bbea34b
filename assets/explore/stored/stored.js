// The result on show survives a reload: this browser stores it with its photo and its edits. The history entry of
// the page says which one it is, so that an address that is opened anew shows what the address says.

import { clear, list, read, remove, write } from "./database.js";
import { current, point as pointTo } from "./history_entry.js";
import { dropPhoto } from "./photo_again.js";
import { pack, unpack } from "./record.js";
import { Tray, thumbnailOf } from "./tray.js";

const DELAY = 400; // milliseconds without a change before it is stored
const LARGEST = 8e6; // bytes of a photo's file; of larger ones only the page's picture is stored

// An example without edits: the address has all of it.
function isEverybodys({ original, whatIf }) {
  const { past, future } = whatIf.history();
  return Boolean(original.example) && !original.saved && !past.length && !future.length;
}

// `show(found)` shows what `unpack` returns.
export function addStored(explorer, show) {
  const known = new Map(); // key of a photo that is stored -> its entry of the tray
  let unwanted = null; // key of a photo that was removed from the tray: it is not stored again by itself
  let given = null; // the file of the photo on show, if the visitor gave one that is not too large
  let timer = null;
  let saved = Promise.resolve(); // all that was to be stored so far
  const tray = new Tray({ restore: open, forget, forgetAll });

  explorer.add({ connect: tray.fill, show: later, choose: later, draw: later, pick: later, clear: leave });
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => (document.hidden ? flush() : refresh()));

  const keyOf = (value) => value?.keys?.photo ?? null;

  function point(key) {
    pointTo(key);
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
  }

  function save() {
    clearTimeout(timer);
    timer = null;
    const { shown, original, photo: image } = explorer;
    const key = keyOf(original);
    if (!shown || !key || explorer.tour.lookBefore()) return; // a tour only borrows the look
    if (key === unwanted || (!known.has(key) && isEverybodys(explorer))) return;
    point(key);
    const entry = { key, time: Date.now(), caption: shown.caption, thumbnail: thumbnailOf(image) };
    const packed = pack(explorer);
    const file = given;
    saved = saved.then(() => store(entry, packed, file)); // one after the other: the last one counts
  }

  async function store(entry, { shared, result }, file) {
    const { key, time } = entry;
    if (key === unwanted) return; // removed meanwhile
    const before = known.get(key);
    const origin = JSON.stringify([shared.checkpoint, shared.keys.seen, shared.saved]);
    const whole = { added: time, ...before, ...entry, origin };
    let photo = null;
    if (before?.origin !== origin) {
      const ofPhoto = file ?? (before && (await read(key))?.photo.file) ?? null; // another captioner has the same
      whole.bytes = shared.photo.length + (shared.seen?.length ?? 0) + (ofPhoto?.size ?? 0);
      photo = { key, shared, file: ofPhoto };
    }
    await write({ entry: whole, photo, result: { key, ...result } });
    await refresh();
  }

  async function refresh() {
    const entries = await list();
    known.clear();
    for (const entry of entries) known.set(entry.key, entry);
    tray.show(entries);
    tray.mark(current());
  }

  // Shows a stored result. Resolves to whether there is one.
  async function restore(key) {
    const record = await read(key);
    const found = record && unpack({ shared: record.photo.shared, result: record.result });
    if (!found) {
      point(null);
      await remove(key);
      await refresh();
      return false;
    }
    unwanted = given = null;
    try {
      await show(found);
    } catch { // its photo is damaged
      await remove(key);
      return false;
    }
    point(key);
    return true;
  }

  // What the visitor chose in the tray.
  async function open(key) {
    if (explorer.shown && key === keyOf(explorer.original)) return;
    flush();
    await saved;
    dropPhoto();
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

  // The visitor gave a photo, perhaps as a file, or a saved result: it is stored, even if it was removed before.
  function welcome(file = null) {
    flush();
    unwanted = null;
    given = file?.size <= LARGEST ? file : null;
  }

  // The file of the photo on show, or null.
  async function file() {
    return (await read(keyOf(explorer.original)))?.photo.file ?? null;
  }

  pointTo(current());
  refresh();
  return { current, restore, welcome, file };
}
