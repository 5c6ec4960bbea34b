// A few pictures, what the captioner says of each at one moment, and where the chosen word looks.

class Picture {
  constructor(described, number) {
    this.described = described;
    this.canvas = make("canvas", { role: "img" });
    this.sentence = make("p", { class: "sentence" });
    const said = described.said.length ? `In the data: “${described.said[0]}”` : "";
    this.item = make("li", { "data-picture": number }, this.canvas, this.sentence,
      make("p", { class: "said" }, said));
    this.word = null; // {text, index} that was chosen
    this.image = new Image();
    this.image.onload = () => this.ready();
    this.image.src = described.src;
  }

  ready() {
    const ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.round(Math.min(320, this.described.width) * ratio);
    const height = Math.round((width * this.described.height) / this.described.width);
    this.painter = new Painter(this.image, width, height);
    this.paint();
  }

  // The word that was chosen if the sentence has it, else the one at its place; at first the one
  // that looks at the fewest cells.
  pick(words) {
    if (!words.length) return -1;
    if (!this.word) {
      const spread = words.map((word) => effectiveCells(word.attention) + (word.text.length < 3 ? 9 : 0));
      return spread.indexOf(Math.min(...spread));
    }
    const same = words.findIndex((word) => word.text === this.word.text);
    return same >= 0 ? same : Math.min(this.word.index, words.length - 1);
  }

  show(caption, grid) {
    this.caption = caption;
    this.grid = grid;
    this.at = this.pick(caption.words);
    const buttons = caption.words.map((word, index) => {
      const button = make("button", { type: "button", "aria-pressed": index === this.at }, word.text);
      button.onclick = () => {
        this.word = { text: word.text, index };
        this.show(caption, grid);
      };
      return button;
    });
    this.sentence.replaceChildren(...buttons.flatMap((button) => [button, " "]));
    if (!buttons.length) this.sentence.append(make("span", { class: "nothing" }, "says nothing"));
    this.paint();
  }

  paint() {
    if (!this.painter || !this.caption) return;
    const word = this.caption.words[this.at];
    const cells = this.grid.x.length * this.grid.y.length;
    const map = word ? word.attention : this.grid.y.map(() => this.grid.x.map(() => 1 / cells));
    // An even map is drawn evenly lit, not as if it looked at something.
    const peak = Math.max(peakOf(map), 3 / cells);
    // Without attention there is nothing to show but the photo.
    this.painter.paint(this.canvas, map, this.grid, peak, learnt.attends ? LOOK : { ...LOOK, strength: 0 });
    const where = word && learnt.attends ? `“${word.text}” looks at ${whereabouts(map, this.grid)}` : "";
    this.canvas.setAttribute("aria-label", where);
  }
}
