// Sampler settings in the browser: presets, seeds, and the settings in the page's address. `values` are
// those of the controls, in the order of `names`.

const LARGEST_SEED = 1e6;
const RANDOM = "random"; // in an address: another seed each time

export function randomSeed() {
  return Math.floor(Math.random() * LARGEST_SEED);
}

export function valuesOfPreset(presets, preset) {
  return presets[preset];
}

// The preset with these values of the sliders, or null.
export function presetOfValues(presets, ...values) {
  const isEqual = ([, preset]) => preset.every((value, i) => value === values[i]);
  return Object.entries(presets).find(isEqual)?.[0] ?? null;
}

// The values, replaced by those in the address; a number out of its range by the nearest that is allowed.
export function fromAddress({ prefix, names, ranges, samplers }, ...values) {
  const address = new URLSearchParams(location.search);
  return names.map((name, i) => {
    const text = address.get(prefix + name);
    if (name === "seed" && text === RANDOM) return null;
    if (name === "sampler") return samplers.includes(text) ? text : values[i];
    const [low, high, step] = ranges[name];
    const value = text?.trim() ? Number(text) : Number.NaN;
    const isNumber = step === 1 ? Number.isInteger(value) : Number.isFinite(value);
    return isNumber ? Math.min(Math.max(value, low), high) : values[i];
  });
}

// Writes the values that are not the defaults into the address.
export function toAddress({ prefix, names, defaults }, ...values) {
  const address = new URL(location);
  names.forEach((name, i) => {
    if (values[i] === defaults[name]) address.searchParams.delete(prefix + name);
    else address.searchParams.set(prefix + name, values[i] ?? RANDOM);
  });
  history.replaceState(history.state, "", address);
}

// Whether two captions are compared.
export function comparingFromAddress() {
  return new URLSearchParams(location.search).get("compare") === "1";
}

export function comparingToAddress(isComparing, secondModel, firstModel) {
  const address = new URL(location);
  const put = (name, value) => (value ? address.searchParams.set(name, value) : address.searchParams.delete(name));
  put("compare", isComparing && "1");
  put("second_model", isComparing && secondModel !== firstModel && secondModel);
  history.replaceState(history.state, "", address);
}
