// The switches for the look of overlays: what they say by name, as an address or a stored result has it.

// Name of a switch -> field of the look, and its values by those of the switch if they differ.
const SWITCHES = {
  overlay: ["overlay"],
  palette: ["palette"],
  detail: ["smooth", { smooth: true, cells: false }],
  scale: ["common", { own: false, common: true }],
  whose: ["sentence", { word: false, sentence: true }],
  head: ["head"],
};

export function addSwitches(explorer) {
  const { root, part, look } = explorer;

  explorer.add({
    draw() {
      root.dataset.overlay = look.overlay;
      part("palettes").disabled = look.overlay === "spotlight"; // it has no colours of its own
    },
  });

  const inputs = (name) => [...root.querySelectorAll(`.options [name="${name}"]`)];

  function read({ name, value, checked }) {
    const [field, values] = SWITCHES[name] ?? [];
    if (field) look[field] = values ? values[value] : value;
    else if (name === "cells") look.cells = checked;
    else if (name === "strength") look.strength = value / 100;
    else return false;
    return true;
  }

  root.addEventListener("input", ({ target }) => {
    if (target.name === "head") explorer.heads.choose(target.value);
    if (read(target)) redraw();
  });

  function redraw() {
    if (explorer.shown) explorer.notify("draw");
    explorer.compare.sendLook();
  }

  for (const form of root.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  // {name: value} of all switches, for that look.
  function values(of = look) {
    const found = Object.entries(SWITCHES).map(([name, [field, known]]) =>
      [name, known ? Object.keys(known).find((key) => known[key] === of[field]) : of[field]]);
    return { ...Object.fromEntries(found), cells: of.cells, strength: Math.round(100 * of.strength) };
  }

  // Sets switches by name; what there is not is passed over.
  function set(wanted) {
    if (wanted.head) explorer.heads.choose(wanted.head); // its switch may not be there yet
    for (const [name, value] of Object.entries(wanted)) {
      const ofName = inputs(name);
      const input = ofName.length > 1 ? ofName.find((one) => one.value === value) : ofName[0];
      if (!input || (input.type === "range" && !Number.isFinite(Number(value)))) continue;
      if (input.type === "range") input.value = value;
      else input.checked = Boolean(value);
      read(input);
    }
    redraw();
  }

  return { values, set };
}
