// Photos and results that this browser stores, in IndexedDB and nowhere else. Whatever fails, nothing is stored or
// found, and the page works.

const NAME = "where-words-look";
const VERSION = 1;
const STORES = ["tray", "photos", "results"]; // what the tray shows; photos; what was made of them
const MOST = 8; // photos
const MOST_BYTES = 64e6;

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const { result: database } = request;
      for (const name of [...database.objectStoreNames]) database.deleteObjectStore(name); // of an older page
      for (const name of STORES) database.createObjectStore(name, { keyPath: "key" });
    };
    request.onsuccess = () => {
      const { result: database } = request;
      const close = () => {
        database.close();
        opened = null;
      };
      Object.assign(database, { onversionchange: close, onclose: close });
      resolve(database);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  opened.catch(() => { opened = null; });
  return opened;
}

// Runs `work` on the stores in one transaction; resolves to the results of the requests that it returns.
async function run(mode, work) {
  const transaction = (await open()).transaction(STORES, mode);
  const stores = Object.fromEntries(STORES.map((name) => [name, transaction.objectStore(name)]));
  return new Promise((resolve, reject) => {
    const requests = work(stores) ?? [];
    transaction.oncomplete = () => resolve(requests.map(({ result }) => result));
    transaction.onabort = () => reject(transaction.error);
  });
}

async function attempt(otherwise, work) {
  try {
    return await work();
  } catch {
    return otherwise;
  }
}

const newestFirst = (entries) => [...entries].sort((one, other) => other.time - one.time);

// What the tray shows, newest first: [{key, time, bytes, caption, thumbnail}].
export function list() {
  return attempt([], async () => {
    const [entries] = await run("readonly", ({ tray }) => [tray.getAll()]);
    return newestFirst(entries.filter(({ time, thumbnail }) => time > 0 && typeof thumbnail === "string"));
  });
}

// {photo, result} of a key, or null.
export function read(key) {
  return attempt(null, async () => {
    const [photo, result] = await run("readonly", ({ photos, results }) => [photos.get(key), results.get(key)]);
    return photo && result ? { photo, result } : null;
  });
}

// Stores a result with its entry of the tray; `photo` only where it is new. The oldest others give way. Resolves
// to whether it is stored.
export async function write({ entry, photo, result }) {
  for (let most = MOST; most > 0; most = most > 1 ? 1 : 0) { // where the browser has no room: this one only
    const isDone = await attempt(false, async () => {
      const others = (await list()).filter(({ key }) => key !== entry.key);
      let bytes = entry.bytes;
      const surplus = others.filter((other, i) => i >= most - 1 || (bytes += other.bytes) > MOST_BYTES);
      await run("readwrite", (stores) => {
        for (const { key } of surplus) for (const name of STORES) stores[name].delete(key);
        if (photo) stores.photos.put(photo);
        stores.results.put(result);
        stores.tray.put(entry);
      });
      return true;
    });
    if (isDone) return true;
  }
  return false;
}

export function remove(key) {
  return attempt(null, () => run("readwrite", (stores) => {
    for (const name of STORES) stores[name].delete(key);
  }));
}

export function clear() {
  return attempt(null, () => run("readwrite", (stores) => {
    for (const name of STORES) stores[name].clear();
  }));
}
