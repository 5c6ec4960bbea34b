// The explorer of one caption: its states, and the switches for the look of overlays.
//
// `props.value` is nothing, {error: sentence}, or a caption: {photo, width, height, seen, caption,
// confidence, milliseconds, words: [{text, probability, attention, alternatives}], grid: {x, y},
// vectors, settings, forced, covered}. A saved caption may have `silent`, a sentence that says why
// its captioner cannot be queried. `props.captioner` is "loading", "ready" or a sentence that says why
// there is none. Words come from outside: they only ever become text.

import { addCompare } from "./compare/compare.js";
import { addExport } from "./export.js";
import { addOcclusion } from "./occlusion.js";
import { addBeamTree } from "./panels/beam_tree.js";
import { addPanels } from "./panels/panels.js";
import { addSamples } from "./panels/samples.js";
import { addSimilarity } from "./panels/similarity.js";
import { addPhotoView } from "./photo_view.js";
import { addPlayback } from "./playback.js";
import { addPointed } from "./pointed.js";
import { addQueries } from "./queries.js";
import { watchQueue } from "./queue.js";
import { addRefusal } from "./refusal.js";
import { addRegions } from "./regions.js";
import { addSentence } from "./sentence.js";
import { Explorer } from "./state.js";
import { addSuggestions } from "./suggestions.js";
import { addTour } from "./tour/tour.js";
import { addWhatIf } from "./what_if.js";
import { addWordCard } from "./word_card.js";

export function mount(component) {
  const explorer = new Explorer(component);
  addSentence(explorer);
  addWordCard(explorer);
  explorer.photoView = addPhotoView(explorer);
  explorer.regions = addRegions(explorer);
  explorer.pointed = addPointed(explorer);
  explorer.playback = addPlayback(explorer);
  watchQueue(explorer);
  explorer.queries = addQueries(explorer);
  explorer.compare = addCompare(explorer);
  explorer.whatIf = addWhatIf(explorer);
  addSuggestions(explorer);
  explorer.occlusion = addOcclusion(explorer);
  explorer.panels = addPanels(explorer);
  addSimilarity(explorer);
  explorer.tour = addTour(explorer);
  addBeamTree(explorer);
  addSamples(explorer);
  explorer.refuse = addRefusal(explorer);
  addExport(explorer);
  addSwitches(explorer);
  component.watch("value", () => refresh(explorer));
  component.watch("captioner", () => refreshCaptioner(explorer));
  component.watch("answer", explorer.queries.receive);
  refreshCaptioner(explorer);
  explorer.compare.greet();
}

const hasFailed = ({ props }) => !["loading", "ready"].includes(props.captioner);

function refresh(explorer) {
  const value = explorer.props.value || null;
  const error = value ? value.error : hasFailed(explorer) && explorer.props.captioner;
  if (error) {
    explorer.part("error").textContent = error;
    explorer.setState("error");
  } else if (value) {
    show(explorer, value);
  } else {
    explorer.setState("empty");
  }
}

function refreshCaptioner(explorer) {
  explorer.root.dataset.captioner = hasFailed(explorer) ? "failed" : explorer.props.captioner;
  if (!explorer.shown) refresh(explorer);
}

async function show(explorer, value) {
  const version = ++explorer.version;
  let image = explorer.photo;
  if (!image || image.src !== value.photo) {
    image = new Image();
    image.src = value.photo;
    await image.decode();
    if (version !== explorer.version) return;
    explorer.region = null;
  }
  explorer.photo = image;
  explorer.queries.forget();
  explorer.whatIf.begin(value);
  explorer.present(value, value.chosen);
  explorer.report("");
}

function addSwitches(explorer) {
  const { root, part, look } = explorer;
  explorer.add({
    draw() {
      root.dataset.overlay = look.overlay;
      part("palettes").disabled = look.overlay === "spotlight"; // it has no colours of its own
    },
  });
  root.addEventListener("input", (event) => {
    const { name, value, checked } = event.target;
    if (name === "overlay") look.overlay = value;
    else if (name === "palette") look.palette = value;
    else if (name === "detail") look.smooth = value === "smooth";
    else if (name === "scale") look.common = value === "common";
    else if (name === "whose") look.sentence = value === "sentence";
    else if (name === "cells") look.cells = checked;
    else if (name === "strength") look.strength = value / 100;
    else return;
    explorer.notify("draw");
    explorer.compare.sendLook();
  });
  for (const form of root.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => event.preventDefault());
  }
}
