// A result in the address of the page, as far as it can be there: {example, model, word, words, covered, end, look}.
// The sampler's settings are there, too: shared/settings.js.

const SHOWN = { overlay: "overlay", palette: "palette", detail: "detail", scale: "scale", whose: "show", cells: "grid", strength: "strength", head: "head" };
const EDITS = ["example", "word", "words", "covered", "end"]; // what belongs to one result
const SETTINGS = ["temperature", "top_k", "top_p", "seed", "beams"];

const whole = (text) => (/^\d{1,3}$/.test(text ?? "") ? Number(text) : null);

export function readAddress(search) {
  const address = new URLSearchParams(search);
  const get = (name) => address.get(name);
  const look = Object.entries(SHOWN).filter(([, name]) => address.has(name))
    .map(([field, name]) => [field, field === "cells" ? get(name) === "1" : get(name)]);
  const covered = (get("covered") ?? "").split(",").map((cell) => cell.split(".").map(whole));
  return {
    example: get("example"),
    model: get("model"),
    word: whole(get("word")),
    words: (get("words") ?? "").split(" ").filter(Boolean),
    covered: covered.filter((cell) => cell.length === 2 && !cell.includes(null)),
    end: whole(get("end")),
    look: Object.fromEntries(look),
  };
}

// The settings that an address has, or the defaults.
export function settingsIn(search, defaults) {
  const address = new URLSearchParams(search);
  return Object.fromEntries(Object.entries(defaults).map(([name, usual]) => {
    const text = address.get(name);
    return [name, text === null ? usual : text === "random" ? null : SETTINGS.includes(name) ? Number(text) : text];
  }));
}

// An address with these fields in place of those that it has.
export function withResult(location, { look, settings, defaults, model, edits }) {
  const address = new URL(location);
  const put = (name, value) => {
    if (value === null || value === undefined || value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  };
  for (const [field, name] of Object.entries(SHOWN)) {
    const value = field === "cells" ? Number(look.now[field]) : look.now[field];
    put(name, look.now[field] === look.usual[field] ? null : value);
  }
  for (const name of EDITS) put(name, edits?.[name]);
  put("model", model);
  for (const [name, value] of Object.entries(settings ?? {})) {
    put(name, value === defaults[name] ? null : value ?? "random");
  }
  return address;
}
