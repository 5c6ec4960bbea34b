// Several sentences drawn by chance, as a list to choose from.

const SAMPLES = 8;
const samplesPanel = part("more-samples");
const usualSettings = props.usual; // the defaults, which Python knows

more.samples = { open: showSamples };

// As the visitor samples; where words are not drawn, as is usual.
function samplingSettings() {
  const given = shown.settings?.sampler === "sampling" ? shown.settings : {};
  return { ...usualSettings, ...given, sampler: "sampling" };
}

function drawnAt({ temperature, top_k: topK, top_p: topP }) {
  return [`temperature ${temperature}`, topK ? `top k ${topK}` : "", topP < 1 ? `top p ${topP}` : ""]
    .filter(Boolean).join(", ");
}

// Like a beam search's tree they depend on the photo and on what is covered.
const coveredNow = () => JSON.stringify(shown.covered);
const samplesKnown = () => (original.samples ??= new Map());

function showSamples() {
  const known = samplesKnown().get(coveredNow());
  if (known) writeSamples(known);
  else drawSamples(1);
}

function drawSamples(seed) {
  const [key, known, cells] = [coveredNow(), samplesKnown(), shown.covered];
  const settings = { ...samplingSettings(), seed };
  if (!known.has(key)) samplesPanel.replaceChildren(make("p", {}, "Drawing …"));
  trying(async () => {
    const answer = await ask("samples", { count: SAMPLES, settings, covered: cells, words: [] });
    known.set(key, { ...answer, settings });
    if (known === samplesKnown() && key === coveredNow() && opened === "samples") showSamples();
  });
}

function writeSamples({ samples, equal, settings }) {
  const groups = new Map();
  for (const sample of samples) {
    const same = groups.get(sample.caption);
    if (same) same.count += 1;
    else groups.set(sample.caption, { ...sample, count: 1 });
  }
  const rows = [...groups.values()].sort((a, b) => b.count - a.count || b.confidence - a.confidence);
  const again = make("button", { type: "button" }, `Draw ${SAMPLES} others`);
  again.addEventListener("click", () => drawSamples(settings.seed + SAMPLES));
  const list = make("ol", { class: "samples" }, ...rows.map((row) => {
    const button = make("button", { type: "button", "data-sample": row.seed },
      make("span", {}, row.caption),
      make("small", {}, row.count > 1 ? `${row.count} times` : ""),
      make("small", { title: "Confidence: geometric mean of the words' probabilities" },
        percent(row.confidence)));
    button.toggleAttribute("data-on-show", row.caption === shown.caption);
    return make("li", {}, button);
  }));
  const different = rows.length === 1 ? "All are the same sentence." : rows.length === samples.length
    ? "No two are alike." : `${rows.length} are different; ${percent(equal)} are the most frequent one.`;
  samplesPanel.replaceChildren(
    make("p", {}, `${samples.length} sentences drawn at ${drawnAt(settings)}. ` +
      `${different} Click one to look at it.`),
    list, again);
}

samplesPanel.addEventListener("click", (event) => {
  const hit = event.target.closest("[data-sample]");
  if (!hit) return;
  const settings = { ...samplesKnown().get(coveredNow()).settings, seed: Number(hit.dataset.sample) };
  goOnFrom([], 0, { settings });
});
