// What all parts of the explorer share. `element`, `props`, `watch` and `trigger` are given by
// gr.HTML; all files run in one scope, once, when the page puts the component up.

const root = element.querySelector(".explorer");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const look = {
  overlay: "spotlight", // or "heat", "contours"
  palette: "inferno",
  smooth: true,
  common: false, // one scale for all words
  sentence: false, // the stage shows what the whole sentence looked at
  cells: false, // borders of the cells
  strength: 0.85,
};

let shown = null; // the caption on show: the component's value, or what an ask made of it
let photo = null; // its photo, decoded
let chosen = 0; // index of the chosen word
const causes = new WeakMap(); // of captions: what covering parts of the photo did to their words
let region = null; // cells picked by the visitor: rows of booleans

// Parts of the page. Each may have: show() after another caption, choose() after another word,
// draw() after another look or size, pick() after another region, clear() when there is nothing.
const parts = [];

function tell(what) {
  for (const one of parts) one[what]?.();
}

// Without attention every word sees the whole photo alike: what made it say so is shown instead.
const blind = () => shown?.attends === false;
const mapOf = (i) => (blind() && causes.has(shown) ? sharesOf(fallsOf(i)) : shown.words[i].attention);
const maps = () => shown.words.map((_, i) => mapOf(i));
const cellCount = () => shown.grid.x.length * shown.grid.y.length;

function choose(index, say = false) {
  chosen = Math.min(Math.max(index, 0), shown.words.length - 1);
  tell("choose");
  if (say) announce(shown.words[chosen]);
}

function pick(cells) {
  region = cells && cells.flat().some(Boolean) ? cells : null;
  tell("pick");
}

// What a screen reader hears.
function announce(word) {
  const where = whereabouts(word.attention, shown.grid);
  part("live").textContent = `word ${chosen + 1} of ${shown.words.length}, ${word.text}, ` +
    `${percent(word.probability)}, looks ${toward(where)}`;
}

function toward(where) {
  return where === "everywhere" ? where : `at the ${where}`;
}
