// Charts of results side by side: a bar for a score, a dot with its interval where there is one. Each
// line has its name at the left and its number at the right; the best is in colour. Baselines are marked
// on the same scale, each with a sign of its own, and named below.

import { make } from "../shared/elements.js";

const CHARTED = { scores: bar, hallucination: dot, faithfulness: dot };

export function writeCharts(root, place, { columns, parts }) {
  const figures = parts.filter(({ key }) => key in CHARTED).map(({ key, title, rows }) => {
    const charted = rows.filter((row) => !row.under && row.cells.some((cell) => !cell.missing));
    if (!charted.length) return "";
    return make("figure", { class: key }, make("figcaption", {}, title), ...charted.map((row) =>
      measureOf(row, rows.filter((other) => other.under === row.key), columns, CHARTED[key])));
  });
  root.style.setProperty("--longest", Math.max(...columns.map(({ name }) => name.length)));
  place.replaceChildren(...figures);
}

// Where a value lies between the ends of a scale, 0 to 1.
function along(value, [low, high]) {
  return (value - low) / (high - low || 1);
}

function placed(kind, from, to = from) {
  const mark = make("span", { class: kind });
  mark.style.setProperty("--from", from);
  mark.style.setProperty("--to", to);
  return mark;
}

function bar(cell, scale) {
  return [placed("bar", along(0, scale), along(cell.value, scale))];
}

function dot(cell, scale, baselines) {
  const marks = baselines.map(({ value, sign }) => placed(`sign sign-${sign}`, along(value, scale)));
  const zero = scale[0] < 0 ? [placed("zero", along(0, scale))] : [];
  return [...zero, placed("range", along(cell.low, scale), along(cell.high, scale)), ...marks, placed("dot", along(cell.value, scale))];
}

// One measure: a line for each result. `under` are the rows that hold its baselines.
function measureOf(row, under, columns, draw) {
  const ends = [...under.flatMap(({ scale }) => scale), ...row.scale];
  const scale = [Math.min(...ends), Math.max(...ends)];
  const lines = row.cells.map((cell, i) => {
    const name = columns.length > 1 ? [make("span", { class: "of" }, columns[i].name)] : [];
    if (cell.missing) return make("li", { class: "line lacking" }, ...name, make("span", { class: "why" }, cell.missing));
    const own = cell.baselines || [];
    const others = under.filter(({ beside }) => beside)
      .map(({ beside: label, cells }) => ({ ...cells[i], label })).filter((one) => "value" in one);
    const baselines = [...own, ...others.map((one, number) => ({ ...one, sign: own.length + number }))];
    const track = make("span", { class: "scale", "aria-hidden": "true" }, ...draw(cell, scale, baselines));
    const value = make("span", { class: "value" }, make("b", {}, cell.text));
    const line = make("li", { class: "line" }, ...name, track, value);
    if (cell.interval) line.append(make("span", { class: "detail" }, intervalOf(cell)));
    if (baselines.length) line.append(make("span", { class: "detail" }, ...baselines.map(signed)));
    if (cell.best) line.dataset.best = "";
    return line;
  });
  return make("div", { class: "measure" }, make("h4", {}, row.label), make("ul", { class: "lines" }, ...lines));
}

// The interval of a value, and of how many answers.
export function intervalOf({ interval, counted, few }) {
  return make("span", {}, `${interval}, `, make("span", few ? { class: "few" } : {}, counted));
}

// A baseline with its sign.
function signed({ label, text, sign }) {
  return make("span", { class: "named" }, make("i", { class: `sign sign-${sign}` }), `${label} ${text}`, " ");
}
