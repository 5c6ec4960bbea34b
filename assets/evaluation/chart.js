// Charts of results side by side: a bar for each score, and for what attention is asked a dot with
// its range. Each line has its name at the left and its number at the right; the best is in colour.

const CHARTED = { scores: bar, faithfulness: dot };

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
  const marks = beside.map(({ value }) => placed("beside", along(value, scale)));
  if ("chance" in cell) marks.push(placed("beside", along(cell.chance, scale)));
  if (scale[0] < 0) marks.push(placed("nought", along(0, scale)));
  return [...marks, placed("range", along(cell.low, scale), along(cell.high, scale)), placed("dot", along(cell.value, scale))];
}

// One measure: a line for each result. `under` are the rows that it is to be compared with.
function measured(row, under, columns, draw) {
  const ends = [...under.flatMap(({ scale }) => scale), ...row.scale];
  const scale = [Math.min(...ends), Math.max(...ends)];
  const ticked = under.filter(({ beside }) => beside);
  const lines = row.cells.map((cell, i) => {
    const beside = ticked.map(({ beside: label, cells }) => ({ label, ...cells[i] })).filter((one) => "value" in one);
    const name = columns.length > 1 ? [make("span", { class: "of" }, columns[i].name)] : [];
    if (cell.missing) return make("li", { class: "line lacking" }, ...name, make("span", { class: "why" }, cell.missing));
    const track = make("span", { class: "scale", "aria-hidden": "true" }, ...draw(cell, scale, beside));
    const told = beside.map(({ label, text }) => `${label} ${text}`);
    if ("by_chance" in cell) told.push(`by chance ${cell.by_chance}`);
    const value = make("span", { class: "value" }, make("b", {}, cell.text));
    const line = make("li", { class: "line" }, ...name, track, value);
    if (told.length) line.append(make("span", { class: "told" }, told.join(", ")));
    if (cell.best) line.dataset.best = "";
    return line;
  });
  return make("div", { class: "measure" }, make("h4", {}, row.label), make("ul", { class: "lines" }, ...lines));
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
