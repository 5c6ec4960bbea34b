// Another sampler, or other settings of it: the photo on show is captioned again, as a query.

const EVENT = { event: "recaption" }; // waits in line like a caption

const panes = {}; // pane -> its explorer's `request`

// Called by the page when a control of that pane has changed, with the values of all.
export function recaption(pane, names, ...values) {
  panes[pane]?.(Object.fromEntries(names.map((name, i) => [name, values[i]])));
}

// `show(value)` shows a caption in place of the present one.
export function addRecaption(explorer, show) {
  const { root, queries } = explorer;
  let latest = null; // settings that are to be used next
  let isBusy = false;

  // A slider that is dragged gives more settings than can be captioned: only the last ones count.
  async function request(settings) {
    if (root.hasAttribute("data-awaiting")) return; // another result will be on show
    latest = settings;
    while (latest && !isBusy) {
      isBusy = true;
      await caption().finally(() => { isBusy = false; });
    }
  }

  async function caption() {
    await unoccupied(); // the first caption, or another captioner's, comes first
    const settings = latest;
    const about = explorer.original;
    latest = null;
    if (root.dataset.state === "error") explorer.trigger("wanted");
    if (!about || about.silent || isEqual(settings, about.settings)) return;
    let isDone = false;
    await queries.attempt(async () => {
      const { result } = await queries.query("what_if", { settings }, EVENT);
      isDone = true;
      show({ ...about, ...result });
    });
    // Another captioner was chosen meanwhile, which does not know of these settings.
    const { original } = explorer;
    if (!isDone && original !== about && original?.photo === about.photo) latest ??= settings;
  }

  // Another captioner captions the photo on show, if it sees the same of it. Resolves to whether it does.
  async function captionBy(checkpoint) {
    const about = explorer.original;
    try {
      const details = { checkpoint, settings: about.settings };
      const { result, grid } = await queries.query("what_if", details, EVENT);
      show({ ...about, ...result, grid, checkpoint, silent: undefined });
      return true;
    } catch (error) {
      if (error instanceof Error) throw error;
      return error === ""; // another photo is on show: it is not needed any more
    }
  }

  // Resolves when Gradio computes no caption for this explorer.
  function unoccupied() {
    return new Promise((resolve) => {
      const isFree = () => !root.closest(".pending");
      if (isFree()) return resolve();
      const observer = new MutationObserver(() => {
        if (!isFree()) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document.body, { attributeFilter: ["class"], subtree: true });
    });
  }

  panes[explorer.pane] = request;
  return { request, captionBy };
}

function isEqual(one, other) {
  return Object.keys(one).every((name) => one[name] === other[name]);
}
