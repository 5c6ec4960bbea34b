// Charts of results side by side: a bar for each score, and a dot with its range for what has one.
// Each line has its name at the left and its number at the right; the best is in colour. What it is
// to be compared with is marked on the same scale, each with a sign of its own, and named below.

const CHARTED = { scores: bar, hallucination: dot, faithfulness: dot };

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

function dot(cell, scale, beside) {
  const marks = beside.map(({ value, sign }) => placed(`sign sign-${sign}`, along(value, scale)));
  const nought = scale[0] < 0 ? [placed("nought", along(0, scale))] : [];
  return [...nought, placed("range", along(cell.low, scale), along(cell.high, scale)), ...marks, placed("dot", along(cell.value, scale))];
}

// One measure: a line for each result. `under` are the rows that it is to be compared with.
function measured(row, under, columns, draw) {
  const ends = [...under.flatMap(({ scale }) => scale), ...row.scale];
  const scale = [Math.min(...ends), Math.max(...ends)];
  const ticked = under.filter(({ beside }) => beside);
  const lines = row.cells.map((cell, i) => {
    const name = columns.length > 1 ? [make("span", { class: "of" }, columns[i].name)] : [];
    if (cell.missing) return make("li", { class: "line lacking" }, ...name, make("span", { class: "why" }, cell.missing));
    const known = cell.baselines || [];
    const others = ticked.map(({ beside: label, cells }) => ({ ...cells[i], label })).filter((one) => "value" in one);
    const beside = [...known, ...others.map((one, number) => ({ ...one, sign: known.length + number }))];
    const track = make("span", { class: "scale", "aria-hidden": "true" }, ...draw(cell, scale, beside));
    const value = make("span", { class: "value" }, make("b", {}, cell.text));
    const line = make("li", { class: "line" }, ...name, track, value);
    if (cell.interval) line.append(make("span", { class: "told" }, certainty(cell)));
    if (beside.length) line.append(make("span", { class: "told" }, ...beside.map(signed)));
    if (cell.best) line.dataset.best = "";
    return line;
  });
  return make("div", { class: "measure" }, make("h4", {}, row.label), make("ul", { class: "lines" }, ...lines));
}

// Its range, and of how many answers.
function certainty({ interval, counted, few }) {
  return make("span", {}, `${interval}, `, make("span", few ? { class: "few" } : {}, counted));
}

// What is marked on the scale, by its sign.
function signed({ label, text, sign }) {
  return make("span", { class: "named" }, make("i", { class: `sign sign-${sign}` }), `${label} ${text}`, " ");
}

function showCharts({ columns, parts }) {
  const figures = parts.filter(({ key }) => key in CHARTED).map(({ key, title, rows }) => {
    const shown = rows.filter((row) => !row.under && row.cells.some((cell) => !cell.missing));
    if (!shown.length) return null;
    const measures = shown.map((row) =>
      measured(row, rows.filter((other) => other.under === row.key), columns, CHARTED[key]));
    return make("figure", { class: key }, make("figcaption", {}, title), ...measures);
  });
  root.style.setProperty("--longest", Math.max(...columns.map(({ name }) => name.length)));
  part("charts").replaceChildren(...figures.filter(Boolean));
}
