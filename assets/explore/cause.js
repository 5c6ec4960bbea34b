// Cause beside attention: how much less likely the chosen word becomes when a part of the photo is
// covered. Computed once for all words of a sentence.

const causeCanvas = part("cause");
const causeLabel = part("show-cause").textContent;
const causesAsked = new WeakSet(); // captions whose cause is being found
let causeWanted = false;

parts.push({ show: showCause, choose: drawCause, draw: drawCause, clear() { causeWanted = false; } });

function toggleCause() {
  causeWanted = !causeWanted;
  showCause();
  tell("draw");
}

function showCause() {
  root.toggleAttribute("data-blind", blind());
  root.toggleAttribute("data-cause", causeShown());
  part("show-cause").setAttribute("aria-pressed", causeWanted);
  if (!causesAsked.has(shown)) part("show-cause").textContent = causeLabel;
  layOut();
  part("blind-said").textContent = causes.has(shown)
    ? "The light shows what made it say each word: where covering the photo makes the word less likely."
    : shown.silent ? "" : "What made it say each word is found by covering the photo part by part …";
  const wanted = causeWanted || blind();
  if (wanted && !causes.has(shown) && !causesAsked.has(shown) && !shown.silent) askCause();
  drawCause();
}

function askCause() {
  const about = shown;
  causesAsked.add(about);
  trying(async () => {
    try {
      causes.set(about, await ask("cause", { words: texts(about), covered: about.covered },
        (done, total) => {
          if (about !== shown) return;
          part("show-cause").textContent = `Covering the photo, ${percent(done / total)} …`;
        }));
    } finally {
      causesAsked.delete(about);
      if (about === shown) part("show-cause").textContent = causeLabel;
    }
    if (about !== shown) return;
    if (blind()) tell("show"); // all maps are others now
    else showCause();
  });
}

const causeShown = () => causeWanted && !blind() && causes.has(shown);
const causeMap = () => causes.get(shown).maps[chosen];
const fallsOf = (i) => causes.get(shown).maps[i].map((row) => row.map((value) => Math.max(value, 0)));

// Shares of a whole, as attention has them; all alike where there is nothing to share.
function sharesOf(map) {
  const sum = map.flat().reduce((total, value) => total + value, 0);
  return map.map((row) => row.map((value) => (sum > 0 ? value / sum : 1 / cellCount())));
}

function drawCause() {
  if (!causeShown() || !painters.stage) return;
  const fall = fallsOf(chosen);
  const peak = peakOf(fall);
  painters.stage.paint(causeCanvas, fall, shown.grid, Math.max(peak, 1e-6), look);
  const word = shown.words[chosen];
  causeCanvas.setAttribute("aria-label",
    `The photo and where covering it makes the word ${word.text} less likely`);
  const agreement = causes.get(shown).agreement[chosen];
  part("agreement").textContent = score(agreement);
  part("agreement-said").textContent = agreement > 0.6 ? "they agree well"
    : agreement > 0.3 ? "they agree in part"
    : agreement > -0.3 ? "they hardly agree" : "they contradict each other";
  part("cause-said").textContent = causeSaid("brightest under “What made it say so”");
}

function causeSaid(place) {
  const word = shown.words[chosen];
  const peak = peakOf(fallsOf(chosen));
  return peak < 0.005
    ? `No covered part makes “${word.text}” less likely by more than half a percentage point: ` +
      "it follows from the words before it."
    : `Covering the part that is ${place} takes ${(100 * peak).toFixed(1)} percentage points from ` +
      `“${word.text}” (${percent(word.probability)}).`;
}

function causeAt(r, c) {
  if (!causeShown()) return "";
  const fall = causeMap()[r][c];
  return ` · covered: ${fall > 0 ? "−" : "+"}${(100 * Math.abs(fall)).toFixed(1)} points`;
}

part("show-cause").addEventListener("click", toggleCause);
