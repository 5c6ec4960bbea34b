// Several sampled sentences, as a list to choose from.

import { make } from "../../shared/elements.js";
import { percent } from "../../shared/format.js";

const SAMPLES = 8;

export function addSamples(explorer) {
  const { queries } = explorer;
  const panel = explorer.panels.add("samples", open);

  // The visitor's settings for sampling, else the defaults.
  function settingsOf({ settings }) {
    const visitors = settings?.sampler === "sampling" ? settings : {};
    return { ...explorer.defaultSettings, ...visitors, sampler: "sampling" };
  }

  // Like the tree of a beam search, samples depend on the photo and on what is covered.
  const key = () => JSON.stringify(explorer.shown.covered);
  const drawn = () => (explorer.original.samples ??= new Map());

  function open() {
    const known = drawn().get(key());
    if (known) write(known);
    else draw(1);
  }

  function draw(seed) {
    const [covered, known, mine] = [explorer.shown.covered, drawn(), key()];
    const settings = { ...settingsOf(explorer.shown), seed };
    if (!known.has(mine)) panel.replaceChildren(make("p", {}, "Drawing …"));
    queries.attempt(async () => {
      const answer = await queries.query("samples", { count: SAMPLES, settings, covered, words: [] });
      known.set(mine, { ...answer, settings });
      if (known === drawn() && mine === key() && explorer.panels.isOpen("samples")) {
        open();
        explorer.panels.bringIntoView();
      }
    });
  }

  function write({ samples, equal, settings }) {
    const rows = grouped(samples);
    const again = make("button", { type: "button" }, `Draw ${SAMPLES} others`);
    again.addEventListener("click", () => draw(settings.seed + SAMPLES));
    const different = rows.length === 1 ? "All are the same sentence." : rows.length === samples.length
      ? "No two are alike." : `${rows.length} are different; ${percent(equal)} are the most frequent one.`;
    panel.replaceChildren(
      make("p", {}, `${samples.length} sentences drawn at ${settingsText(settings)}. ` +
        `${different} Click one to look at it.`),
      make("ol", { class: "samples" }, ...rows.map(item)), again);
  }

  function item({ seed, caption, count, confidence }) {
    const button = make("button", { type: "button", "data-sample": seed },
      make("span", { dir: "auto" }, caption),
      make("small", {}, count > 1 ? `${count} times` : ""),
      make("small", { title: "Confidence: the mean probability of its words (geometric mean)" }, percent(confidence)));
    button.toggleAttribute("data-on-show", caption === explorer.shown.caption);
    return make("li", {}, button);
  }

  panel.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-sample]");
    if (!hit) return;
    const settings = { ...drawn().get(key()).settings, seed: Number(hit.dataset.sample) };
    explorer.whatIf.continueFrom([], 0, { settings });
  });
}

// Equal sentences together with their `count`, most frequent first.
function grouped(samples) {
  const groups = new Map();
  for (const sample of samples) {
    const same = groups.get(sample.caption);
    if (same) same.count += 1;
    else groups.set(sample.caption, { ...sample, count: 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || b.confidence - a.confidence);
}

function settingsText({ temperature, top_k: topK, top_p: topP }) {
  return [`temperature ${temperature}`, topK ? `top k ${topK}` : "", topP < 1 ? `top p ${topP}` : ""]
    .filter(Boolean).join(", ");
}
