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
    if (mode === "readwrite") transaction.commit(); // also where the page is left just now
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

const last = (field, entries) => [...entries].sort((one, other) => other[field] - one[field]);

// What the tray shows, those added last first: [{key, added, time: of the last change, bytes, caption, thumbnail}].
export function list() {
  return attempt([], async () => {
    const [entries] = await run("readonly", ({ tray }) => [tray.getAll()]);
    const isEntry = ({ added, time, thumbnail }) => added > 0 && time > 0 && typeof thumbnail === "string";
    return last("added", entries.filter(isEntry));
  });
}

// {photo, result} of a key, or null.
export function read(key) {
  return attempt(null, async () => {
    const [photo, result] = await run("readonly", ({ photos, results }) => [photos.get(key), results.get(key)]);
    return photo && result ? { photo, result } : null;
  });
}

// Stores a result with its entry of the tray; `photo` only where it is new. Others, not used for longest, give way.
export async function write({ entry, photo, result }) {
  const put = () => run("readwrite", (stores) => {
    if (photo) stores.photos.put(photo);
    stores.results.put(result);
    stores.tray.put(entry);
  });
  await attempt(null, async () => {
    try {
      await put();
    } catch { // the browser has no room
      await trim(entry.key, 1);
      await put();
    }
  });
  await attempt(null, () => trim(entry.key, MOST));
}

// Leaves that entry and the others that were used last.
async function trim(key, most) {
  const entries = last("time", await list());
  let bytes = entries.find((entry) => entry.key === key)?.bytes ?? 0;
  const others = entries.filter((entry) => entry.key !== key);
  const surplus = others.filter((entry, i) => i >= most - 1 || (bytes += entry.bytes) > MOST_BYTES);
  if (!surplus.length) return;
  await run("readwrite", (stores) => {
    for (const entry of surplus) for (const name of STORES) stores[name].delete(entry.key);
  });
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
