// The state of one explorer, which its parts share. Two explorers on a page have one each.

import { Colours } from "../shared/maps/colours.js";
import { partsOf } from "../shared/elements.js";
import { percent } from "../shared/format.js";
import { whereabouts } from "../shared/maps/maps.js";
import { headsOf, MEAN, wordsOf } from "./heads/of_head.js";
import { showFar } from "./notice.js";

export class Explorer {
  shown = null; // the caption on show: the component's value, or what an edit made of it
  original = null; // the caption that the page gave
  photo = null; // its photo, decoded
  chosen = 0; // index of the chosen word
  isOpening = false; // the result that the page opens on is on show
  region = null; // cells picked by the visitor: rows of booleans
  version = 0; // counts changes, so that a photo decoded late does not replace a newer one
  #handlers = [];

  // root: its element. style: of overlays. usual: settings of the sampler.
  constructor(root, style, usual) {
    this.root = root;
    this.defaultSettings = usual;
    this.part = partsOf(this.root);
    this.sentence = this.root.querySelector("[data-caption]");
    this.strip = this.part("strip");
    this.pane = root.closest("#second") ? "second" : "first";
    this.colours = new Colours(style);
    this.look = initialLook(style);
    this.defaultLook = { ...this.look };
    this.root.querySelector("[name=strength]").value = 100 * this.look.strength;
    this.root.querySelector(`[name=overlay][value=${style.overlay}]`).checked = true;
  }

  // A part of the explorer may have: connect() when its component is there, show() after another caption,
  // choose() after another word, draw() after another look or size, pick() after another region, clear() when
  // nothing is on show.
  add(handlers) {
    this.#handlers.push(handlers);
  }

  notify(event) {
    for (const handlers of this.#handlers) handlers[event]?.();
  }

  setState(state) {
    this.version += 1;
    if (state !== "caption") {
      this.announce("");
      this.notify("clear");
      this.shown = this.photo = null;
      this.chosen = 0;
    }
    this.root.dataset.state = state;
    this.root.toggleAttribute("data-opening", this.isOpening);
  }

  // Shows a caption: that of the page, or another one of the history.
  present(value, index = this.chosen) {
    this.shown = value;
    this.chosen = Math.min(index, value.words.length - 1);
    this.setState("caption");
    this.root.toggleAttribute("data-silent", Boolean(value.silent));
    this.notify("show");
    this.choose(this.chosen);
    this.announce(`${this.pane === "second" ? "Second caption" : "Caption"}: ${value.caption}. Confidence ${percent(value.confidence)}.`);
  }

  choose(index, announce = false) {
    this.chosen = Math.min(Math.max(index, 0), this.words.length - 1);
    this.notify("choose");
    if (announce) this.announceWord();
  }

  pick(cells) {
    this.region = cells?.flat().some(Boolean) ? cells : null;
    this.notify("pick");
  }

  // Shows a sentence about trouble or progress beneath the caption; "" removes it.
  report(sentence) {
    const notice = this.part("notice");
    notice.textContent = sentence || (this.shown?.silent ?? "");
    notice.hidden = !notice.textContent;
    showFar(notice, sentence);
  }

  // What a screen reader reads out.
  announce(text) {
    this.part("live").textContent = text;
  }

  announceWord() {
    const { text, probability, attention } = this.word;
    this.announce(`word ${this.chosen + 1} of ${this.words.length}, ${text}, ${percent(probability)}, ` +
      `looks ${toward(whereabouts(attention, this.grid))}`);
  }

  get words() { return wordsOf(this.shown, this.head); } // with the maps of the chosen head
  get word() { return this.words[this.chosen]; }
  get texts() { return textsOf(this.shown); }
  get grid() { return this.shown.grid; }
  get cellCount() { return this.grid.x.length * this.grid.y.length; }
  get maps() { return this.words.map((_, index) => this.mapOf(index)); }

  // The head whose maps are on show, or MEAN; another explorer's look may name one that is not here.
  get head() { return headsOf(this.shown).flat().includes(this.look.head) ? this.look.head : MEAN; }

  // Whether the captioner has no attention: then the maps are those of occlusion.
  get blind() { return this.shown?.attends === false; }

  mapOf(index) {
    return (this.blind && this.occlusion.mapOf(index)) || this.words[index].attention;
  }

  noCells() {
    return this.grid.y.map(() => this.grid.x.map(() => false));
  }
}

export function textsOf(value) {
  return value.words.map((word) => word.text);
}

export function toward(place) {
  return place === "everywhere" ? place : `at the ${place}`;
}

// How overlays look until the visitor changes it.
export function initialLook(style) {
  return {
    overlay: style.overlay, // "heat", "spotlight" or "contours"
    palette: Object.keys(style.palettes)[0],
    smooth: true,
    common: false, // one scale for all words
    sentence: false, // the photo shows the attention of the whole sentence
    cells: false, // borders of the cells
    head: MEAN, // of a transformer, whose maps are on show
    strength: style.strength,
  };
}
