// The maps of one head of a transformer in place of the mean of all heads.
//
// A transformer's words have `heads` (layers, heads, rows, cols) and `self_attention` (layers, heads, the start and
// the words before). A head is named as "layer.head", both from 1 on; MEAN stands for all of them.

export const MEAN = "mean";

const cache = new WeakMap(); // value -> {name of a head: its words}

// The names of a value's heads, layer by layer; [] where there are none.
export function headsOf({ words }) {
  return (words[0].heads ?? []).map((heads, layer) => heads.map((_, head) => `${layer + 1}.${head + 1}`));
}

// The words of a value with the attention of a head.
export function wordsOf(value, name) {
  if (name === MEAN) return value.words;
  const known = cache.get(value) ?? {};
  cache.set(value, known);
  known[name] ??= value.words.map((word) => ({ ...word, attention: atHead(word.heads, name) }));
  return known[name];
}

// How much a word attends to the start and to each word before it: of a head, or the mean of all.
export function selfAttention(word, name) {
  if (!word.self_attention) return null;
  if (name !== MEAN) return atHead(word.self_attention, name);
  const all = word.self_attention.flat();
  return all[0].map((_, i) => all.reduce((sum, weights) => sum + weights[i], 0) / all.length);
}

// The entry of a head in rows of layers.
export function atHead(rows, name) {
  const [layer, head] = name.split(".");
  return rows[layer - 1][head - 1];
}

export function headText(name) {
  const [layer, head] = name.split(".");
  return `head ${head} of layer ${layer}`;
}
