// Loss and scores of a run, and the scores of each data set.

import { make } from "../shared/elements.js";
import { score } from "../shared/format.js";
import { Chart } from "./chart.js";

const LABELS = { pointing: "Pointing" }; // of measures whose key is not their label

// Returns a function that shows {losses: lines, scores: lines, each}.
export function makeCurves(part) {
  const charts = ["losses", "scores"].map((name) => [name, new Chart(part(name))]);

  return function write(curves) {
    const { losses, scores, each } = curves ?? { losses: [], scores: [], each: null };
    part("curves").hidden = !losses.some((line) => line.points.length);
    const hasPointing = scores.some((line) => line.name.endsWith("pointing") && line.points.length);
    part("about-pointing").hidden = !hasPointing && !each?.measures.includes("pointing");
    part("each").hidden = !each;
    part("about-scores").textContent = `Validation scores${each ? ", mean of the data sets" : ""}`;
    if (each) writeTable(part("each"), each);
    for (const [name, chart] of charts) chart.show({ losses, scores }[name]);
  };
}

// rows: [{name, values}, ..], one a data set, the last row the mean.
function writeTable(table, { epoch, measures, rows }) {
  const head = (scope, text) => make("th", { scope }, text);
  const cell = (value) => make("td", {}, value === null ? "–" : score(value, 3));
  table.replaceChildren(
    make("caption", {}, `Each data set, after epoch ${epoch}`),
    make("thead", {}, make("tr", {}, head("col", "Data"), ...measures.map((name) => head("col", LABELS[name] ?? name)))),
    make("tbody", {}, ...rows.map(({ name, values }) => make("tr", {}, head("row", name), ...values.map(cell)))),
  );
}
