// How the chosen word came about: six steps from the photo to the word, with its own numbers. The
// stage shows what each step speaks of; afterwards everything is as it was.

const TOUR_KEY = "where-words-look-tour"; // in localStorage: this visitor has seen enough of it

// Each step tells of a word, and may say with which look the stage shows it, that the cells are
// outlined that hold half of its map, and that it goes on to the next word (after the last one: to
// the whole sentence).
const TOUR = [
  { title: "Grid", tell: tellGrid, look: { strength: 0, cells: true } },
  { title: "Attention", tell: tellAttention, look: { overlay: "heat", smooth: false } },
  { title: "Weighted sum", tell: tellSum, look: { smooth: false }, outlined: true },
  { title: "Memory", tell: tellMemory },
  { title: "Choice", tell: tellChoice },
  { title: "Next word", tell: tellNext, goesOn: true },
];
const TOUR_LOOK = { overlay: "spotlight", strength: 0.85, smooth: true, common: false, cells: false };

let tour = null; // while it is on: {word, at: step, onStage: word, before: what to go back to}
let invited = remembersTour(); // whether the invitation has had its time

const tourButton = part("tour");
const tourName = make("p", { class: "tour-name" });
const tourPages = make("div", { class: "tour-pages" });
const tourDots = TOUR.map(({ title }, at) => make("button", {
  type: "button", class: "tour-dot", "data-tour-step": at, "aria-label": `Step ${at + 1}`, title,
}));
const tourBack = make("button", { type: "button", "data-tour": "back" }, "Back");
const tourNext = make("button", { type: "button", "data-tour": "next" });
const tourCard = make("section", { class: "tour", role: "dialog", tabindex: -1, hidden: "" },
  make("div", { class: "tour-top" }, tourName,
    make("button", { type: "button", "data-tour": "close", "aria-label": "Close the tour", title: "Close (Escape)" }, "✕")),
  tourPages,
  make("div", { class: "tour-steps" }, tourBack, make("div", { class: "tour-dots" }, ...tourDots), tourNext));
const tourInvitation = make("div", { class: "tour-invitation", hidden: "" },
  make("p", {}, "New here? See how this word came about in six steps."),
  make("button", { type: "button", "data-tour": "start" }, "Start"),
  make("button", { type: "button", "data-tour": "decline", "aria-label": "No, do not ask again", title: "No, do not ask again" }, "✕"));

root.querySelector(".body").append(tourCard);
part("head").append(tourInvitation);

parts.push({
  show() { // another caption came: the tour was about the last one
    if (tour) restore(leaveTour());
    tourInvitation.hidden = invited || pane !== "first";
  },
  choose() { if (tour && chosen !== tour.onStage) tellAbout(chosen); },
  clear() { if (tour) leaveTour(); },
});

// What each step tells of word i: the nodes of a page.

const halfHolding = (i) => cellsHolding(shown.words[i].attention, 0.5);
const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
const spoken = (text) => (text === "<end>" ? "the end of the sentence" : `“${text}”`);
const said = (from, to) => texts(shown).slice(from, to).join(" ");
const paragraph = (text) => make("p", {}, text.replaceAll(" %", "\u00a0%"));
const facts = (...pairs) => make("dl", {},
  ...pairs.map(([name, fact]) => make("div", {}, make("dt", {}, name), make("dd", {}, fact))));

// Rows of [label, share, whether it is the chosen one]; the longest bar is `most`.
function bars(rows, digits, most = 1) {
  return make("ol", {}, ...rows.map(([label, share, isChosen]) => {
    const row = make("li", {}, make("span", { class: "alternative", title: label }, label),
      meter(share / most), make("span", { class: "number" }, percent(share, digits)));
    row.toggleAttribute("data-chosen", Boolean(isChosen));
    return row;
  }));
}

function tellGrid() {
  const [rows, columns] = [shown.grid.y.length, shown.grid.x.length];
  const hidden = shown.covered?.length;
  return [
    paragraph("The network does not read the photo as a whole, but as a grid of cells. It describes each " +
      "cell by a list of numbers: what is to be seen there and around it."),
    facts(["the grid", `${counted(rows, "row")} × ${counted(columns, "column")} = ${counted(cellCount(), "cell")}`],
      ["made", `once, for ${shown.words.length === 1 ? "the one word" : `all ${shown.words.length} words`}`],
      ...(hidden ? [["covered", `${counted(hidden, "cell")}, which the network does not see`]] : [])),
  ];
}

function tellAttention(i) {
  const map = shown.words[i].attention;
  const total = map.flat().reduce((sum, weight) => sum + weight, 0);
  const largest = cellsHolding(map, 1).slice(0, 3);
  const known = i === 0 ? "Before the first word it knows only the photo as a whole. From that"
    : `With “${said(Math.max(0, i - 3), i)}” just said,`;
  return [
    paragraph(`${known} every cell got a score: how much does it matter now? A softmax turned the scores ` +
      `into ${cellCount()} weights, which sum to ${percent(total)}. The largest:`),
    bars(largest.map(([r, c]) => [`row ${r + 1}, column ${c + 1}`, map[r][c]]), 1, peakOf(map)),
    paragraph(`An even share would be ${percent(1 / cellCount(), 1)}. The brighter a cell, the larger its weight.`),
  ];
}

function tellSum(i) {
  const map = shown.words[i].attention;
  const half = halfHolding(i);
  const held = half.reduce((sum, [r, c]) => sum + map[r][c], 0);
  const others = cellCount() - half.length;
  return [
    paragraph("The numbers of all cells were added up, those of each cell times its weight. The sum is what " +
      "this word got to see of the photo; a cell without weight adds nothing to it."),
    bars([[`${half.length} outlined`, held, true],
      ...(others ? [[counted(others, "other"), Math.max(0, 1 - held)]] : [])], 0),
  ];
}

function tellMemory(i) {
  const photo = "the photo as a whole";
  const earlier = i > 1 ? `“${said(0, i - 1)}”` : i === 1 ? `${photo}, no word yet` : photo;
  return [
    paragraph("A recurrent network, the GRU, carries the sentence so far in its memory. Three things went in:"),
    facts(["its memory until then", earlier],
      ["the last word", i ? `“${said(i - 1, i)}”` : "none yet: a mark for the start"],
      ["the weighted sum", `what was seen ${toward(whereabouts(shown.words[i].attention, shown.grid))}`]),
    paragraph(i ? `Out came a new memory: “${said(0, i)}”, and what was seen on the way.`
      : "Out came a new memory, ready for the first word."),
  ];
}

function tellChoice(i) {
  const rows = ranked(shown.words[i]);
  return [
    paragraph("From the memory and the weighted sum, every word of the vocabulary got a probability. The best:"),
    bars(rows.map(([, share, isChosen, written]) => [written, share, isChosen]), 1),
    paragraph(howChosen(i, shown.words[i].text, rows[0][0])),
  ];
}

function howChosen(i, text, likeliest) {
  const { sampler, temperature, top_k: topK, top_p: topP, beams } = shown.settings ?? {};
  const isBest = text === likeliest;
  const though = isBest ? "" : `, though ${spoken(likeliest)} was likelier`;
  if (i < (shown.forced ?? 0)) {
    return `“${text}” was given, not chosen. ` + (isBest ? "The network found it likeliest, too."
      : `The network found ${spoken(likeliest)} likeliest.`);
  }
  if (sampler === "sampling") {
    return `Sampling draws by chance, and drew “${text}”${isBest ? ", the likeliest" : though}.` +
      (temperature > 1 ? ` Temperature ${temperature} gave unlikely words more of a chance than is shown.`
        : temperature < 1 ? ` Temperature ${temperature} gave likely words more of a chance than is shown.` : "") +
      (topK > 0 || topP < 1 ? " The least likely words were left out." : "");
  }
  if (sampler === "beam") {
    return `Beam search kept ${beams ? `the ${beams} best` : "several"} sentences at every word. The best of them ` +
      `in the end says “${text}” here${though}.`;
  }
  if (!isBest) return `“${text}” was chosen${though}.`;
  return sampler === "greedy" ? `Greedy decoding takes the largest: “${text}”.` : `“${text}” is the likeliest.`;
}

function tellNext(i) {
  const word = shown.words[i];
  const next = shown.words[i + 1];
  if (!next) {
    return [
      paragraph(`“${word.text}” is the last word. The end of the sentence is a choice like any word, with a ` +
        "probability of its own; here the sentence ends."),
      facts(["the sentence", `“${shown.caption}”`], ["confidence", percent(shown.confidence)]),
      paragraph("The photo shows what the whole sentence looked at."),
    ];
  }
  return [
    paragraph(`Now “${word.text}” was the last word, and all began again at step 2: the same grid, new weights.`),
    facts(["the next word", `“${next.text}”, ${percent(next.probability)}`],
      ["it looked", toward(whereabouts(next.attention, shown.grid))],
      [`overlap with “${word.text}”`, `${overlap(word.attention, next.attention).toFixed(2)} of 1`]),
    paragraph(`The photo shows where “${next.text}” looked.`),
  ];
}

// Going through it.

function startTour(fromButton) {
  pause();
  tour = { before: { look: { ...look }, region, photo, cause: causeWanted, fromButton } };
  if (causeWanted) toggleCause();
  tourInvitation.hidden = true;
  tourCard.hidden = false;
  root.toggleAttribute("data-tour-on", true);
  setAside(true);
  tellAbout(chosen);
  sentence.scrollIntoView({ block: "nearest" });
  tourCard.scrollIntoView({ block: "nearest" });
  tourCard.focus({ preventScroll: true });
}

// What would change the stage rests meanwhile.
function setAside(is) {
  for (const node of root.querySelectorAll(".stage, .history, .transport, .options, .more")) node.inert = is;
}

// Writes the pages for a word and begins with the first of them, or goes on with the one on show.
function tellAbout(word) {
  tour.word = word;
  tourName.textContent = `How “${shown.words[word].text}” came about`;
  tourCard.setAttribute("aria-label", tourName.textContent);
  tourPages.replaceChildren(...TOUR.map(({ title, tell }, at) => make("div", {},
    make("h3", {}, make("span", {}, `${at + 1}`), title), ...tell(word))));
  goToStep(tour.at < TOUR.length - 1 ? tour.at : 0);
}

function goToStep(at) {
  const { look: shine, outlined, goesOn, title } = TOUR[at];
  const { word, before } = tour;
  const isLast = word === shown.words.length - 1;
  tour.at = at;
  tour.onStage = goesOn && !isLast ? word + 1 : word;
  Object.assign(look, before.look, TOUR_LOOK, shine, { sentence: Boolean(goesOn && isLast) });
  region = outlined ? noCells() : null;
  if (outlined) for (const [r, c] of halfHolding(word)) region[r][c] = true;
  choose(tour.onStage);
  tell("draw");
  [...tourPages.children].forEach((page, i) => page.toggleAttribute("data-on-show", i === at));
  for (const [i, dot] of tourDots.entries()) dot.setAttribute("aria-current", i === at ? "step" : "false");
  if (at === 0 && document.activeElement === tourBack) tourNext.focus();
  tourBack.disabled = at === 0;
  tourNext.textContent = at === TOUR.length - 1 ? "Done" : "Next";
  part("live").textContent = `Step ${at + 1} of ${TOUR.length}, ${title}. ` +
    [...tourPages.children[at].children].slice(1).map((node) => node.innerText).join(" ");
}

function leaveTour() {
  const { before } = tour;
  const hadFocus = tourCard.contains(document.activeElement);
  tour = null;
  tourCard.hidden = true;
  tourPages.replaceChildren();
  root.toggleAttribute("data-tour-on", false);
  setAside(false);
  Object.assign(look, before.look);
  rememberTour();
  if (hadFocus) tourButton.focus({ preventScroll: !before.fromButton });
  return before;
}

function closeTour() {
  const { word } = tour;
  const before = leaveTour();
  choose(word);
  restore(before);
}

function restore({ region: cells, photo: of, cause }) {
  pick(of === photo && fitsGrid(cells) ? cells : null);
  if (cause && (causes.has(shown) || causesAsked.has(shown))) toggleCause();
  layOut();
  tell("draw");
}

// A browser may keep nothing, in private mode for one: then nothing is remembered.
function remembersTour() {
  try {
    return localStorage.getItem(TOUR_KEY) !== null;
  } catch {
    return false;
  }
}

function rememberTour() {
  invited = true;
  tourInvitation.hidden = true;
  try {
    localStorage.setItem(TOUR_KEY, "seen");
  } catch {
    // it is asked again on another visit
  }
}

root.addEventListener("click", (event) => {
  const { tour: act, tourStep, part: name } = event.target.closest("button")?.dataset ?? {};
  if (!shown) return;
  const isLast = tour?.at === TOUR.length - 1;
  if (act === "start" || name === "tour") startTour(name === "tour");
  else if (act === "decline") rememberTour();
  else if (act === "back") goToStep(tour.at - 1);
  else if (act === "close" || (act === "next" && isLast)) closeTour();
  else if (act === "next") goToStep(tour.at + 1);
  else if (tourStep) goToStep(Number(tourStep));
});

// Before other hands on keys: within the card arrows go from step to step.
document.addEventListener("keydown", function onTourKey(event) {
  if (!root.isConnected) return document.removeEventListener("keydown", onTourKey, true);
  const { key, target } = event;
  const here = root.contains(target) || target === document.body;
  if (!tour || !here || event.ctrlKey || event.metaKey || event.altKey) return;
  const last = TOUR.length - 1;
  const goal = tourCard.contains(target) ? {
    ArrowLeft: Math.max(0, tour.at - 1), ArrowRight: Math.min(last, tour.at + 1), Home: 0, End: last,
  }[key] : undefined;
  if (key === "Escape") closeTour();
  else if (goal !== undefined) goToStep(goal);
  else if (key !== " " || target.matches("button, input")) return; // nothing plays meanwhile
  event.preventDefault();
}, true);
