// What is stored of an explorer, as plain data: its result, the edits of it, and how it is looked at.

export const VERSION = 1; // of a record; others are passed over

// What all results of a photo share.
const SHARED = ["format", "checkpoint", "photo", "seen", "rest", "width", "height", "keys", "grid", "example",
  "saved", "silent"];
// What one of them has.
const OWN = ["caption", "confidence", "milliseconds", "attends", "words", "chosen", "vectors", "settings", "forced",
  "covered", "ended"];
const MOST_EDITS = 30;

function picked(value, fields) {
  return Object.fromEntries(fields.filter((field) => value[field] !== undefined).map((field) => [field, value[field]]));
}

// {shared, result} of the explorer.
export function pack(explorer) {
  const { shown, original, chosen, region } = explorer;
  const { past, future } = explorer.whatIf.history();
  const values = [...new Set([original, shown, ...past.slice(-MOST_EDITS), ...future.slice(-MOST_EDITS)])];
  const indices = (list) => list.map((value) => values.indexOf(value)).filter((index) => index >= 0);
  return {
    shared: picked(original, SHARED),
    result: {
      version: VERSION,
      values: values.map((value) => ({ ...picked(value, OWN), compared: packCompared(value.compared) })),
      shown: values.indexOf(shown),
      past: indices(past),
      future: indices(future),
      chosen,
      region,
      look: explorer.switches.values(),
    },
  };
}

// The sentence before cells were covered.
function packCompared(compared) {
  if (!compared) return undefined;
  const { before, after } = compared;
  const words = before.words.map(({ text, probability }) => ({ text, probability }));
  return { before: { caption: before.caption, words }, after };
}

// {original, shown, past, future, chosen, region, look} of a record, or null where it is damaged or older.
export function unpack({ shared, result }) {
  try {
    const { version, values, shown, past, future, chosen, region, look } = result;
    if (version !== VERSION || !isShared(shared) || !values.every((value) => isOwn(value, shared.grid))) return null;
    const whole = values.map((value) => ({ ...shared, ...value }));
    const found = { original: whole[0], shown: whole[shown], chosen, region, look };
    Object.assign(found, { past: past.map((index) => whole[index]), future: future.map((index) => whole[index]) });
    const isWhole = [found.shown, ...found.past, ...found.future].every(Boolean);
    return isWhole && Number.isInteger(chosen) ? found : null;
  } catch {
    return null;
  }
}

const isShare = (number) => typeof number === "number" && number >= 0 && number <= 1;
const isMatrix = (rows, height, width) => rows.length === height &&
  rows.every((row) => row.length === width && row.every(Number.isFinite));

function isShared({ photo, width, height, grid, keys, checkpoint }) {
  return photo.startsWith("data:image/") && width > 0 && height > 0 && typeof keys.photo === "string" &&
    typeof checkpoint === "string" && [grid.x, grid.y].every((centres) => centres.length > 0 && centres.every(isShare));
}

function isOwn({ words, caption, settings, vectors, covered, confidence, compared }, { x, y }) {
  return words.length > 0 && typeof caption === "string" && isShare(confidence) && typeof settings.sampler === "string" &&
    isMatrix(vectors, words.length, words.length) &&
    covered.every(([r, c]) => r in y && c in x) &&
    words.every((word) => typeof word.text === "string" && isShare(word.probability) &&
      isMatrix(word.attention, y.length, x.length) && hasHeadsOf(words[0], word, y.length, x.length) &&
      word.alternatives.every(([other, share]) => typeof other === "string" && isShare(share))) &&
    (!compared || compared.before.words.length === compared.after.length);
}

// Whether a word has maps and self-attention of as many heads as the first word, or as this one none.
function hasHeadsOf(first, { heads, self_attention: links }, height, width) {
  if (!first.heads) return !heads && !links;
  return heads.length === first.heads.length && heads.every((ofLayer, layer) =>
    ofLayer.length === first.heads[layer].length && ofLayer.every((map) => isMatrix(map, height, width)) &&
    isMatrix(links[layer], ofLayer.length, links[0][0].length));
}
