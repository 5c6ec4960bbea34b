// The table of results side by side. `trigger` and `server` are given by gr.HTML.

async function save(column, kind) {
  const file = await answered(server.export({ result: column.id, kind }));
  if (!file) return;
  const link = make("a", { download: file.name, href: URL.createObjectURL(new Blob([file.text], { type: file.type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function button(text, name, onclick) {
  const made = make("button", { type: "button", "aria-label": name }, text);
  made.onclick = onclick;
  return made;
}

// A result may be deleted after a question only.
function deleting(column) {
  const place = make("span", { class: "deleting" });
  const ask = () => {
    const yes = button("Delete", `Delete ${column.name} for good`, () => trigger("forget", { result: column.id }));
    const no = button("Keep", `Keep ${column.name}`, rest);
    yes.className = "sure";
    place.replaceChildren("Delete this result? ", yes, no);
    no.focus();
  };
  const rest = () => {
    place.replaceChildren(button("Delete …", `Delete the result of ${column.name}`, ask));
    if (document.activeElement === document.body) place.firstChild.focus();
  };
  place.append(button("Delete …", `Delete the result of ${column.name}`, ask));
  return place;
}

function heading(column) {
  const head = make("th", { scope: "col", role: "columnheader" },
    make("b", {}, column.name),
    make("span", {}, `${column.data}, ${whole.format(column.photos)} photos`),
    make("span", {}, column.decoding),
    make("span", {}, column.date));
  if (column.note) head.append(make("span", {}, column.note));
  if (column.state) head.append(make("span", { class: "state" }, column.state));
  const tools = make("span", { class: "files" },
    button("CSV", `Save ${column.name} as CSV`, () => save(column, "csv")),
    button("JSON", `Save ${column.name} as JSON`, () => save(column, "json")));
  if (props.permitted) tools.append(deleting(column));
  head.append(tools);
  return head;
}

function numberOf(cell, column) {
  const td = make("td", { role: "cell", "data-of": column.name });
  if (cell.missing) {
    td.className = "lacking";
    td.append(cell.missing);
    return td;
  }
  const value = make("span", { class: "value" }, make("b", {}, cell.text));
  if (cell.best) {
    td.dataset.best = "";
    value.append(make("span", { class: "mark" }, " best"));
  }
  if (cell.note) value.append(make("span", { class: "interval" }, cell.note));
  if (cell.interval) value.append(make("span", { class: "interval" }, certainty(cell)));
  for (const { label, text } of cell.baselines || []) {
    value.append(make("span", { class: "interval" }, `${label} ${text}`));
  }
  td.append(value);
  return td;
}

function rowOf(row, columns) {
  const head = make("th", { scope: "row", role: "rowheader" }, make("b", {}, row.label));
  if (row.way) head.append(make("span", { class: "way" }, row.way));
  head.append(make("span", { class: "meaning" }, row.meaning));
  const reasons = new Set(row.cells.map((cell) => cell.missing));
  const line = make("tr", { role: "row", class: row.under ? "under" : "" }, head);
  if (columns.length > 1 && reasons.size === 1 && row.cells[0].missing) {
    line.append(make("td", { role: "cell", colspan: columns.length, class: "lacking" }, row.cells[0].missing));
  } else {
    line.append(...row.cells.map((cell, i) => numberOf(cell, columns[i])));
  }
  return line;
}

function showTable({ columns, parts }) {
  const corner = make("td", { role: "cell" });
  part("columns").replaceChildren(make("tr", { role: "row" }, corner, ...columns.map(heading)));
  const rows = parts.flatMap(({ title, about, rows: own }) => [
    make("tr", { role: "row", class: "title" },
      make("th", { scope: "rowgroup", role: "rowheader", colspan: columns.length + 1 }, make("b", {}, title), make("span", {}, about))),
    ...own.map((row) => rowOf(row, columns)),
  ]);
  part("rows").replaceChildren(...rows);
  root.classList.toggle("several", columns.length > 1);
}
