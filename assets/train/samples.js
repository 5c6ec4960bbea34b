// One of a few photos, its caption at one snapshot, and the attention of the chosen word.

import { make } from "../shared/elements.js";
import { effectiveCells, peakOf, whereabouts } from "../shared/maps/maps.js";
import { Painter } from "../shared/maps/painter.js";

const WIDTH = 320; // CSS pixels at most

export class Sample {
  // photo: {src, width, height, said: reference captions}
  constructor(photo, number, colours, look) {
    this.photo = photo;
    this.colours = colours;
    this.look = look;
    this.canvas = make("canvas", { role: "img" });
    this.sentence = make("p", { class: "sentence", dir: "auto" });
    const reference = photo.said.length ? `Reference: “${photo.said[0]}”` : "";
    this.item = make("li", { "data-picture": number }, this.canvas, this.sentence,
      make("p", { class: "said" }, reference));
    this.picked = null; // {text, index} of the word that the visitor chose
    const image = new Image();
    image.onload = () => this.prepare(image);
    image.src = photo.src;
  }

  prepare(image) {
    const ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.round(Math.min(WIDTH, this.photo.width) * ratio);
    const height = Math.round((width * this.photo.height) / this.photo.width);
    this.painter = new Painter(image, width, height, this.colours);
    this.paint();
  }

  // The word that the visitor chose if the sentence has it, else the one at its place; at first the
  // one with the sharpest attention.
  chosenIn(words) {
    if (!words.length) return -1;
    if (!this.picked) {
      const spread = words.map((word) => effectiveCells(word.attention) + (word.text.length < 3 ? 9 : 0));
      return spread.indexOf(Math.min(...spread));
    }
    const same = words.findIndex((word) => word.text === this.picked.text);
    return same >= 0 ? same : Math.min(this.picked.index, words.length - 1);
  }

  show(caption, grid, attends) {
    Object.assign(this, { caption, grid, attends });
    this.chosen = this.chosenIn(caption.words);
    const buttons = caption.words.map(({ text }, index) => {
      const button = make("button", { type: "button", "aria-pressed": index === this.chosen }, text);
      button.onclick = () => {
        this.picked = { text, index };
        this.show(caption, grid, attends);
      };
      return button;
    });
    this.sentence.replaceChildren(...buttons.flatMap((button) => [button, " "]));
    if (!buttons.length) this.sentence.append(make("span", { class: "nothing" }, "empty caption"));
    this.paint();
  }

  paint() {
    if (!this.painter || !this.caption) return;
    const { grid, look, attends } = this;
    const word = this.caption.words[this.chosen];
    const cells = grid.x.length * grid.y.length;
    const map = word ? word.attention : grid.y.map(() => grid.x.map(() => 1 / cells));
    const peak = Math.max(peakOf(map), 3 / cells); // an even map is evenly dim, not as bright as a sharp one
    // Without attention there is nothing to show but the photo.
    this.painter.paint(this.canvas, map, grid, peak, attends ? look : { ...look, strength: 0 });
    this.canvas.setAttribute("aria-label", word && attends ? `“${word.text}” looks at ${whereabouts(map, grid)}` : "");
  }
}
