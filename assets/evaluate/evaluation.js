// The view of evaluation results. `props.value` is JSON text: {columns, parts, kept, note}; `props.status`
// says how far an evaluation is.

import { partsOf } from "../shared/elements.js";
import { writeCharts } from "./charts.js";
import { makePhotoTable } from "./photos.js";
import { writeProgress } from "./progress.js";
import { makeTable } from "./table.js";
import { makeWelcome } from "./welcome.js";

export function mount({ element, props, watch, trigger, server, permitted, folders }) {
  const root = element.querySelector("[data-state]");
  const view = { root, part: partsOf(root), permitted, folders, trigger, server, request };
  const { part } = view;
  const writeWelcome = makeWelcome(view);
  const writeTable = makeTable(view);
  const writePhotos = makePhotoTable(view);
  let written = null; // the value on show

  // The answer of the server; null, and a sentence on the page, where there is none.
  async function request(promise) {
    let answer;
    try {
      answer = await promise;
    } catch {
      answer = { error: "The server could not answer just now: please try again in a moment." };
    }
    part("trouble").hidden = !answer.error;
    part("trouble").textContent = answer.error || "";
    return answer.error ? null : answer;
  }

  function refresh() {
    const results = props.value ? JSON.parse(props.value) : { columns: [], kept: 0 };
    const hasAny = results.columns.length > 0;
    root.dataset.state = hasAny || results.kept || props.status.doing ? "results" : props.value ? "empty" : "waiting";
    part("results").hidden = !hasAny;
    part("nothing").hidden = hasAny || !results.kept;
    writeProgress(part, props.status);
    if (!hasAny || props.value === written) return;
    written = props.value;
    part("note").hidden = !results.note;
    part("note").textContent = results.note;
    writeCharts(root, part("charts"), results);
    writeTable(results);
    writePhotos(results);
  }

  watch("offer", () => writeWelcome(props.offer));
  watch("status", refresh);
  watch("value", refresh);
  writeWelcome(props.offer);
  refresh();
}
