// The explorer of one caption: its states, and what it shows in them.
//
// `props.value` is nothing, {error: sentence}, or a caption: {photo, width, height, seen, keys, caption,
// confidence, milliseconds, words: [{text, probability, attention, alternatives, and of a transformer heads, self_attention}], grid: {x, y},
// vectors, settings, forced, covered}, without the pictures that pictures.js has. A saved caption may have `silent`, a sentence that says why
// its captioner cannot be queried. While the page opens, the value is {opening: true}, and opening.js has the
// result itself. `props.captioner` is "loading", the seconds for which it still does, "ready", or a
// sentence that says why there is none. Words come from outside: they only ever become text.

import { addCompare } from "./compare/compare.js";
import { setControls } from "./link/controls.js";
import { addCountDown } from "./opening/count_down.js";
import { addDecoding } from "./decoding.js";
import { addExport } from "./export.js";
import { addHeads } from "./heads/heads.js";
import { addLinks } from "./heads/links.js";
import { addInView } from "./in_view.js";
import { addLink } from "./link/link.js";
import { addOcclusion } from "./queries/occlusion.js";
import { addBeamTree } from "./panels/beam_tree.js";
import { addPanels } from "./panels/panels.js";
import { addSamples } from "./panels/samples.js";
import { addSimilarity } from "./panels/similarity.js";
import { addPhotoView } from "./photo/photo_view.js";
import { addPlayback } from "./sentence/playback.js";
import { completed } from "./photo/pictures.js";
import { addPointed } from "./photo/pointed.js";
import { addQueries } from "./queries/queries.js";
import { watchQueue } from "./queries/queue.js";
import { addRecaption } from "./queries/recaption.js";
import { addRefusal } from "./photo/refusal.js";
import { addRegions } from "./photo/regions.js";
import { addSentence } from "./sentence/sentence.js";
import { Explorer } from "./state.js";
import { addPhotoAgain, dropPhoto, dropUnreadable } from "./stored/photo_again.js";
import { addStored } from "./stored/stored.js";
import { addSuggestions } from "./sentence/suggestions.js";
import { addSwitches } from "./switches.js";
import { addTour } from "./tour/tour.js";
import { addWhatIf } from "./queries/what_if.js";
import { addWordCard } from "./sentence/word_card.js";

let early = null; // the explorer of the opening result, until its component is there

export function mount(component) {
  const { element, style, usual } = component;
  const isFirst = !element.closest("#second");
  const explorer = (isFirst && early) || create(element.querySelector(".explorer"), style, usual);
  if (isFirst) early = null;
  connect(explorer, component);
}

// Starts the explorer before Gradio's page is there. `component` stands in for Gradio's, which takes over
// when it is mounted.
export function startEarly(root, { style, usual }, component) {
  early = create(root, style, usual);
  early.opening = component.props.value;
  connect(early, { element: root.parentElement, watch() {}, ...component });
  return early;
}

function create(root, style, usual) {
  const explorer = new Explorer(root, style, usual);
  explorer.photoAgain = addPhotoAgain(explorer);
  if (explorer.pane === "first") explorer.stored = addStored(explorer, (found) => showStored(explorer, found));
  addSentence(explorer);
  addLinks(explorer);
  explorer.heads = addHeads(explorer); // it decides whose maps the others show
  addWordCard(explorer);
  explorer.photoView = addPhotoView(explorer);
  explorer.regions = addRegions(explorer);
  explorer.pointed = addPointed(explorer);
  explorer.playback = addPlayback(explorer);
  watchQueue(explorer);
  explorer.countDown = addCountDown(explorer);
  explorer.queries = addQueries(explorer);
  explorer.compare = addCompare(explorer);
  explorer.whatIf = addWhatIf(explorer);
  explorer.recaption = addRecaption(explorer, (value) => {
    explorer.isOpening = false;
    show(explorer, value);
  });
  addDecoding(explorer);
  addSuggestions(explorer);
  explorer.occlusion = addOcclusion(explorer);
  explorer.panels = addPanels(explorer);
  addSimilarity(explorer);
  explorer.tour = addTour(explorer);
  addBeamTree(explorer);
  addSamples(explorer);
  explorer.refuse = addRefusal(explorer);
  addExport(explorer);
  addInView(explorer);
  explorer.switches = addSwitches(explorer);
  if (explorer.pane === "first") addLink(explorer);
  return explorer;
}

function connect(explorer, { element, props, trigger, server, watch }) {
  Object.assign(explorer, { element, props, trigger, server });
  watch("value", () => refresh(explorer));
  watch("captioner", () => refreshCaptioner(explorer));
  watch("answer", () => explorer.queries.receive());
  watch("models", () => explorer.notify("models"));
  explorer.notify("connect");
  resume(explorer);
  refreshCaptioner(explorer);
  explorer.compare.greet();
}

const isLoading = ({ props }) => typeof props.captioner === "number" || props.captioner === "loading";
const hasFailed = ({ props }) => typeof props.captioner === "string" && !["loading", "ready"].includes(props.captioner);

function refresh(explorer) {
  if (explorer.isResuming) return; // another result will be on show
  let value = explorer.props.value || null;
  if (value?.opening && explorer.shown) return;
  if (value?.opening) value = explorer.opening;
  if (value?.gone && explorer.photoAgain.replace()) return;
  explorer.isOpening = value !== null && value === explorer.opening;
  const error = value ? value.error : hasFailed(explorer) && explorer.props.captioner;
  if (error) {
    explorer.part("error").textContent = error;
    explorer.setState("error");
    dropUnreadable();
  } else if (value) {
    show(explorer, completed(value));
    if (value.saved) useSaved(explorer, value);
  } else {
    explorer.setState("empty");
  }
}

function refreshCaptioner(explorer) {
  const { captioner } = explorer.props;
  if (captioner !== null) { // else the page does not know yet
    explorer.root.dataset.captioner = isLoading(explorer) ? "loading" : hasFailed(explorer) ? "failed" : "ready";
    explorer.countDown(typeof captioner === "number" ? captioner : null);
  }
  if (!explorer.shown) refresh(explorer);
}

// `stored` has the edits of a stored result, and how it was looked at.
async function show(explorer, value, stored = null) {
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
  explorer.whatIf.begin(value, stored ?? undefined);
  explorer.present(stored?.shown ?? value, stored?.chosen ?? value.chosen);
  explorer.report("");
}

// After a reload: what was on show.
async function resume(explorer) {
  const key = explorer.stored?.current();
  if (!key || explorer.shown || explorer.isResuming) return;
  explorer.isResuming = true;
  explorer.root.toggleAttribute("data-awaiting", true);
  const isShown = await explorer.stored.restore(key);
  explorer.isResuming = false;
  if (isShown) return;
  explorer.root.toggleAttribute("data-awaiting", false);
  refresh(explorer);
}

async function showStored(explorer, stored) {
  const { original, region, look } = stored;
  const isResuming = explorer.isResuming;
  explorer.isOpening = false;
  explorer.switches.set(look);
  await show(explorer, completed(original), stored);
  explorer.root.toggleAttribute("data-awaiting", false);
  explorer.pick(region);
  if (!isResuming) useSettings(explorer, original); // the address has them
}

// The visitor opened a saved result.
function useSaved(explorer, value) {
  if (explorer.pane !== "first") return;
  dropPhoto();
  explorer.stored.welcome();
  useSettings(explorer, value);
}

// The page's controls show how the result on show was made.
function useSettings(explorer, { checkpoint, settings }) {
  const isHere = explorer.props.models?.includes(checkpoint);
  setControls(explorer, { ...settings, ...(isHere && { model: checkpoint }) });
}
