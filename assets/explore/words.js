// The sentence, the strip, and what is said of the chosen word.

const strip = part("strip");
const sentence = root.querySelector("[data-caption]");

parts.push({ show: writeWords, choose: markChosen, draw: writeLegend, pick: lightWords });

function writeWords() {
  sentence.replaceChildren();
  shown.words.forEach((word, i) => {
    if (i) sentence.append(" ");
    sentence.append(make("button", { type: "button", "data-word": i }, word.text));
  });
  const words = shown.words.length === 1 ? "1 word" : `${shown.words.length} words`;
  part("facts").textContent =
    `Confidence ${percent(shown.confidence)} · ${words} · ${Math.round(shown.milliseconds)} ms`;
  strip.replaceChildren(...shown.words.map((word, i) => make(
    "div", { class: "tile", role: "option", "data-word-index": i },
    make("span", { class: "tile-word" }, word.text),
    make("canvas", { "aria-hidden": "true" }),
    meter(word.probability),
    make("span", { class: "tile-number" }, percent(word.probability)),
  )));
  markChanges();
}

function markChosen() {
  const withFocus = [sentence, strip].find((list) => list.contains(document.activeElement));
  for (const [i, button] of [...sentence.children].entries()) {
    button.toggleAttribute("data-chosen", i === chosen);
    button.setAttribute("aria-current", i === chosen);
    button.tabIndex = i === chosen ? 0 : -1;
  }
  for (const [i, tile] of [...strip.children].entries()) {
    tile.setAttribute("aria-selected", i === chosen);
    tile.tabIndex = i === chosen ? 0 : -1;
  }
  writeWord(shown.words[chosen]);
  withFocus?.children[chosen].focus({ preventScroll: true });
  requestAnimationFrame(bringIntoView); // where it is, is known when the step is laid out
}

function bringIntoView() {
  const tile = strip.children[chosen];
  if (!tile) return;
  const left = tile.offsetLeft - (strip.clientWidth - tile.offsetWidth) / 2;
  strip.scrollTo({ left, behavior: calm.matches ? "auto" : "smooth" });
}

// What a word could have been, itself among them, likeliest first: [text, probability, whether it
// is the word itself, how it is written].
function ranked(word) {
  const others = word.alternatives.filter(([text]) => text !== word.text);
  return [...others, [word.text, word.probability]].sort((a, b) => b[1] - a[1])
    .map(([text, probability]) => [text, probability, text === word.text,
      text === "<end>" ? "end of sentence" : text]);
}

function writeWord(word) {
  part("text").textContent = word.text;
  part("rank").textContent =
    `${percent(word.probability)} · word ${chosen + 1} of ${shown.words.length}`;
  part("alternatives").replaceChildren(...ranked(word).map(([text, probability, isChosen, said]) => {
    const button = make("button", { type: "button", "data-alternative": text },
      make("span", { class: "alternative" }, said),
      meter(probability),
      make("span", { class: "number" }, percent(probability, 1)));
    button.toggleAttribute("data-chosen", isChosen);
    button.disabled = Boolean(shown.silent) && !isChosen;
    if (isChosen) button.setAttribute("aria-current", "true");
    else if (!shown.silent) button.title = text === "<end>" ? "End the sentence before this word" : `Say “${said}” here`;
    return make("li", {}, button);
  }));
  const spread = shown.words.map((one) => effectiveCells(one.attention));
  const sharper = spread.filter((cells) => cells < spread[chosen] - 1e-9).length;
  part("cells").textContent = `about ${Math.round(spread[chosen])} of ${cellCount()} cells`;
  part("sharpness").textContent = shown.words.length === 1 ? "where its attention lies"
    : `where its attention lies; ${sharper ? `${ordinal(sharper + 1)} ` : "the "}sharpest of ${shown.words.length}`;
  part("centre").textContent = whereabouts(word.attention, shown.grid);
  writeLegend();
}

function ordinal(number) {
  const teen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(!teen && { 1: "st", 2: "nd", 3: "rd" }[number % 10]) || "th"}`;
}

function writeLegend() {
  if (!shown) return;
  const ramp = part("ramp");
  ramp.style.background = look.overlay === "spotlight" ? "" : gradient(look.palette);
  const { map, peak } = staged();
  const most = percent(peak, 1);
  part("legend").textContent = blind() ? (causes.has(shown) ? causeSaid("brightest") : "")
    : look.sentence ? coverageSaid(map)
    : `Brightest: ${most} of the attention on one cell, the most that ` +
      `${look.common ? "any word" : `“${shown.words[chosen].text}”`} gave.`;
}

// A cell counts as looked at if some word gave it at least the share that all cells would get if
// that word had looked everywhere alike.
function coverageSaid(map) {
  const even = 1 / cellCount();
  const seen = map.flat().filter((weight) => weight >= even).length;
  const rest = map.map((row) => row.map((weight) => (weight < even ? 1 : 0)));
  const never = cellCount() - seen;
  return `The most that any word gave to each cell. The sentence looked at ${seen} of ` +
    `${cellCount()} cells with more than an even share` +
    (never ? `; it hardly looked at the ${never} others (${whereabouts(rest, shown.grid)}).` : ".");
}

// Words light up by how much of their attention fell on the picked region.
function lightWords() {
  const shares = shown && region ? maps().map((map) => shareOn(map, region)) : null;
  const most = shares ? Math.max(...shares) : 1;
  for (const list of [sentence.children, strip.children]) {
    [...list].forEach((node, i) => {
      if (shares) node.style.setProperty("--lit", (shares[i] / Math.max(most, 1e-9)).toFixed(3));
      else node.style.removeProperty("--lit");
    });
  }
  root.toggleAttribute("data-region", Boolean(shares));
  strip.querySelectorAll(".tile-number").forEach((node, i) => {
    node.textContent = shares ? `${percent(shares[i])} here` : percent(shown.words[i].probability);
  });
  if (!shares) return;
  const count = region.flat().filter(Boolean).length;
  const best = shares.indexOf(most);
  part("region-said").textContent = `${count === 1 ? "1 cell" : `${count} cells`} picked. ` +
    `“${shown.words[best].text}” put ${percent(most)} of its attention there, the most of all words.`;
}
