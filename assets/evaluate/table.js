// The table of results side by side.

import { downloadText, make } from "../shared/elements.js";
import { grouped } from "../shared/format.js";
import { intervalOf } from "./charts.js";

export function labelledButton(content, label, onclick) {
  const button = make("button", { type: "button", "aria-label": label }, content);
  button.onclick = onclick;
  return button;
}

export function makeTable({ root, part, permitted, trigger, server, request }) {
  async function save(column, kind) {
    const file = await request(server.export({ result: column.id, kind }));
    if (file) downloadText(file.name, file.type, file.text);
  }

  // Deleting a result needs a confirmation.
  function deletion({ id, name }) {
    const place = make("span", { class: "deleting" });
    const offer = () => place.replaceChildren(labelledButton("Delete …", `Delete the result of ${name}`, confirm));
    const confirm = () => {
      const yes = labelledButton("Delete", `Delete ${name} for good`, () => trigger("forget", { result: id }));
      const no = labelledButton("Keep", `Keep ${name}`, () => {
        offer();
        if (document.activeElement === document.body) place.firstChild.focus();
      });
      yes.className = "sure";
      place.replaceChildren("Delete this result? ", yes, no);
      no.focus();
    };
    offer();
    return place;
  }

  function heading(column) {
    const { name, data, photos, decoding, date, note, state } = column;
    const head = make("th", { scope: "col", role: "columnheader" }, make("b", {}, name),
      ...[`${data}, ${grouped(photos)} photos`, decoding, date, note].filter(Boolean).map((text) => make("span", {}, text)));
    if (state) head.append(make("span", { class: "state" }, state));
    const tools = make("span", { class: "files" },
      labelledButton("CSV", `Save ${name} as CSV`, () => save(column, "csv")),
      labelledButton("JSON", `Save ${name} as JSON`, () => save(column, "json")));
    if (permitted) tools.append(deletion(column));
    head.append(tools);
    return head;
  }

  return function write({ columns, parts }) {
    part("columns").replaceChildren(make("tr", { role: "row" }, make("td", { role: "cell" }), ...columns.map(heading)));
    part("rows").replaceChildren(...parts.flatMap(({ title, about, rows }) => [
      make("tr", { role: "row", class: "title" },
        make("th", { scope: "rowgroup", role: "rowheader", colspan: columns.length + 1 },
          make("b", {}, title), make("span", {}, about))),
      ...rows.map((row) => rowOf(row, columns)),
    ]));
    root.classList.toggle("several", columns.length > 1);
  };
}

function rowOf({ label, way, meaning, under, cells }, columns) {
  const head = make("th", { scope: "row", role: "rowheader" }, make("b", {}, label));
  if (way) head.append(make("span", { class: "way" }, way));
  head.append(make("span", { class: "meaning" }, meaning));
  const [{ missing }] = cells;
  const isMissing = columns.length > 1 && missing && cells.every((cell) => cell.missing === missing);
  return make("tr", { role: "row", class: under ? "under" : "" }, head, ...(isMissing
    ? [make("td", { role: "cell", colspan: columns.length, class: "lacking" }, missing)]
    : cells.map((cell, i) => cellOf(cell, columns[i]))));
}

function cellOf(cell, { name }) {
  const td = make("td", { role: "cell", "data-of": name });
  if (cell.missing) {
    td.className = "lacking";
    td.append(cell.missing);
    return td;
  }
  const value = make("span", { class: "value" }, make("b", {}, cell.text));
  const addLine = (content) => value.append(make("span", { class: "interval" }, content));
  if (cell.best) {
    td.dataset.best = "";
    value.append(make("span", { class: "mark" }, " best"));
  }
  if (cell.note) addLine(cell.note);
  if (cell.interval) addLine(intervalOf(cell));
  for (const { label, text } of cell.baselines || []) addLine(`${label} ${text}`);
  td.append(value);
  return td;
}
