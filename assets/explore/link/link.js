// The address of the page says what is on show, and a link opens it again: an example photo, its captioner and
// settings, the edits of its caption, the chosen word and the look. A visitor's own photo is never in it.

import { setControls } from "./controls.js";
import { textsOf } from "../state.js";
import { readAddress, settingsIn, withResult } from "./address.js";

const DELAY = 250; // milliseconds: browsers limit how often an address changes
const COPIED = {
  result: "Copied. The link opens this result.",
  own: "Copied. The photo stays in this browser: the link opens the page with the same settings, without this result.",
  saved: "Copied. A result from a file cannot be in a link: it opens the page with the same settings. To share the result, send its file.",
};

export function addLink(explorer) {
  const { part, root, defaultSettings: defaults } = explorer;
  const usualLook = explorer.switches.values(explorer.defaultLook);
  const search = location.search; // as it was opened
  let wanted = explorer.stored.current() ? null : readAddress(search); // until it is on show
  let missing = ""; // a sentence about what is not here any more
  let isBegun = false;
  let areChosen = false;
  let timer = null;

  explorer.add({ connect, models: chooseModels, show, choose: later, draw: later });
  addEventListener("pagehide", write);

  // --- Opening -----------------------------------------------------------------------------

  function connect() {
    if (!wanted || isBegun) return;
    isBegun = true;
    explorer.switches.set(wanted.look);
    const { example } = wanted;
    if (!example) return;
    const names = [...document.querySelectorAll("[data-example]")].map(({ dataset }) => dataset.example);
    const { value } = explorer.props;
    if (!names.includes(example)) {
      report(`There is no example “${example}” here any more: the link cannot show its result.`);
      end();
    } else if (!value?.words || !agrees(value)) { // else the page opens on it
      root.toggleAttribute("data-awaiting", true);
      explorer.trigger("choose", { example });
    }
  }

  // Whether a result is the one that the address means, but for edits.
  function agrees({ example, checkpoint, settings }) {
    const expected = settingsIn(search, defaults);
    return example === wanted.example && (!wanted.model || checkpoint === wanted.model) &&
      Object.keys(expected).every((name) => settings[name] === expected[name]);
  }

  // The names of all captioners have come.
  function chooseModels() {
    const { models } = explorer.props;
    if (!models || areChosen) return;
    areChosen = true;
    const address = new URLSearchParams(search);
    const values = {};
    for (const [name, model] of [["model", address.get("model")], ["second_model", address.get("second_model")]]) {
      if (models.includes(model)) values[name] = model;
      else if (model) report(`The captioner “${model}” of this link is not here: another one is used.`);
    }
    setControls(explorer, values);
    if (wanted && !values.model) wanted.model = null;
    if (explorer.shown) show();
  }

  // Once a result is on show, which takes reports about the one before away.
  function report(sentence) {
    missing = sentence;
    if (explorer.shown) tell();
  }

  function tell() {
    if (missing) queueMicrotask(() => explorer.report(missing));
  }

  function show() {
    later();
    tell();
    if (!wanted) return;
    const { original, shown, isOpening } = explorer;
    const { example, word, words, covered, end: last } = wanted;
    if (!example) return end();
    if (!agrees(original)) {
      if (isOpening) return;
      root.toggleAttribute("data-awaiting", false);
      if (original.example !== example) end(); // the visitor gave another photo
      return;
    }
    end();
    if (shown !== original) return;
    const index = word === null ? explorer.chosen : word - 1;
    if (words.length || covered.length) explorer.whatIf.edit({ words, covered, end: last }, index);
    else explorer.choose(index);
  }

  function end() {
    wanted = null;
    root.toggleAttribute("data-awaiting", false);
  }

  // --- Writing -----------------------------------------------------------------------------

  function later() {
    clearTimeout(timer);
    timer = setTimeout(write, DELAY);
  }

  function write() {
    clearTimeout(timer);
    timer = null;
    if (wanted || !explorer.shown || explorer.tour.lookBefore()) return;
    const address = current(isShareable() && !isUntouched());
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  // A result is in an address if everybody has its photo.
  const isShareable = () => Boolean(explorer.shown.example) && !explorer.shown.saved;

  // The page opens on this result by itself.
  function isUntouched() {
    const { isOpening, shown, original, chosen } = explorer;
    return isOpening && shown === original && chosen === original.chosen;
  }

  function current(withIt) {
    const { shown, props, switches } = explorer;
    const model = shown.checkpoint === (props.models?.[0] ?? "default") ? null : shown.checkpoint;
    const look = { now: switches.values(), usual: usualLook };
    const result = withIt && { settings: shown.settings, edits: editsOf(explorer) };
    return withResult(location, { look, defaults, model, ...result });
  }

  async function copy() {
    const isWhole = isShareable();
    const { href } = current(isWhole);
    try {
      await navigator.clipboard.writeText(href);
      const hasMore = document.querySelector("#second [data-part=history]:not([hidden])");
      explorer.report(COPIED[isWhole ? "result" : explorer.shown.saved ? "saved" : "own"] +
        (hasMore ? " Changes of the second caption are not in it." : ""));
    } catch {
      explorer.report(`The browser does not let the page copy; the link is ${href}`);
    }
  }

  part("copy-link").addEventListener("click", copy);
}

// What an address says about the result beside its settings.
function editsOf({ shown, chosen }) {
  const { example, settings, words, forced = 0, covered = [], ended } = shown;
  const texts = textsOf(shown);
  const isRandom = settings.sampler === "sampling" && settings.seed === null; // its words are drawn anew
  const prefix = isRandom ? texts : texts.slice(0, forced);
  const last = ended || isRandom ? words.length : null;
  return {
    example,
    word: chosen + 1,
    words: (prefix.length || last === null ? prefix : texts).join(" "),
    covered: covered.map((cell) => cell.join(".")).join(","),
    end: last,
  };
}
