// The table of photos. The server finds and orders them; one page of them is here at a time.

import { make } from "../shared/elements.js";
import { grouped, score } from "../shared/format.js";
import { labelledButton } from "./table.js";

const SCORES = ["CIDEr", "ROUGE-L", "BLEU-4"];
const REFERENCES = ["", "References"];
// Key for sorting, title.
const HEADS = [["number", "Photo"], ["caption", "Caption"], REFERENCES, ...SCORES.map((name) => [name, name])];
const DEBOUNCE = 250; // milliseconds without a letter before the search starts

export function makePhotoTable({ root, part, trigger, server, request }) {
  let columns = []; // the results on show: {id, name, state, explorable}
  let query = { result: "", other: null, order: "CIDEr", down: true, search: "", first: 0 };
  let queries = 0; // so far: only the answer to the last one is shown
  let timer;

  const columnOf = (result) => columns.find(({ id }) => id === result);
  const nameOf = (result) => columnOf(result).name;

  async function load(changes) {
    query = { ...query, first: 0, ...changes };
    const number = ++queries;
    showQuery();
    const page = await request(server.photos(query));
    if (page && number === queries) showPage(page);
  }

  function showPage({ total, first, each, rows }) {
    part("photos").replaceChildren(...rows.map(rowOf));
    const last = first + rows.length;
    part("range").textContent = total ? `${grouped(first + 1)} to ${grouped(last)} of ${grouped(total)}`
      : "No photo has these words.";
    part("before").disabled = first === 0;
    part("next").disabled = last >= total;
    part("before").onclick = () => load({ first: Math.max(0, first - each) });
    part("next").onclick = () => load({ first: first + each });
  }

  const explore = (result, number) => trigger("explore", { result, number });

  function rowOf({ photo, thumbnail, said: captions, references }) {
    const { result, other } = query;
    const picture = thumbnail ? make("img", { src: thumbnail, alt: "", loading: "lazy" }) : "Photo not here";
    const open = labelledButton(picture, `Explore ${photo} with ${nameOf(result)}`, () => explore(result, captions[0].number));
    open.className = "thumbnail";
    open.disabled = !thumbnail || !columnOf(result).explorable;
    const cell = (name, ...content) => make("td", { role: "cell", class: name }, ...content);
    const scores = SCORES.map((name) =>
      make("td", { role: "cell", class: "score", "data-of": name }, score(captions[0].scores[name])));
    return make("tr", { role: "row" },
      cell("photo", open),
      ...captions.map((caption, i) => captionCell(caption, other && [result, other][i], thumbnail)),
      cell("people", ...referenceNodes(references)),
      ...(other ? [] : scores));
  }

  // A caption; with its scores if it is one of two `result`s.
  function captionCell({ number, caption, scores }, result, isExplorable) {
    const cell = make("td", { role: "cell", class: "caption" }, make("p", { class: "said", dir: "auto" }, caption || "(empty caption)"));
    if (!result) return cell;
    cell.dataset.of = nameOf(result);
    cell.append(make("p", { class: "own-scores" }, ...SCORES.map((name) => make("span", {}, `${name} ${score(scores[name])}`))));
    if (isExplorable && columnOf(result).explorable) {
      cell.append(labelledButton("Explore", `Explore with ${nameOf(result)}`, () => explore(result, number)));
    }
    return cell;
  }

  // The query, for the eye and for screen readers.
  function showQuery() {
    const { result, other, order, down } = query;
    const byCIDEr = !other && order === "CIDEr";
    const states = { best: byCIDEr && down, worst: byCIDEr && !down, different: Boolean(other) };
    for (const node of part("whose").children) node.setAttribute("aria-pressed", node.value === result && !other);
    for (const node of part("quick").children) node.setAttribute("aria-pressed", states[node.dataset.quick]);
    root.classList.toggle("pairs", Boolean(other));
    part("how-to-explore").textContent = howToExplore([result, ...(other ? [other] : [])].map(columnOf));
    showHeads(other ? [["", "Photo"], ["", nameOf(result)], ["", nameOf(other)], REFERENCES] : HEADS);
  }

  function showHeads(heads) {
    const focused = [...part("heads").children].findIndex((head) => head.contains(document.activeElement));
    part("heads").replaceChildren(...heads.map(([order, text]) => {
      const head = make("th", { scope: "col", role: "columnheader", "data-head": text }, order ? "" : text);
      if (!order) return head;
      const sort = make("button", { type: "button" }, text);
      sort.onclick = () => sortBy(order);
      head.append(sort);
      const direction = query.down ? "descending" : "ascending";
      head.setAttribute("aria-sort", query.order === order ? direction : "none");
      return head;
    }));
    part("heads").children[focused]?.querySelector("button")?.focus();
  }

  function sortBy(order) {
    const isSame = !query.other && query.order === order;
    load({ other: null, order, down: isSame ? !query.down : SCORES.includes(order) });
  }

  part("quick").onclick = ({ target }) => {
    const kind = target.dataset.quick;
    if (kind === "different") load({ result: columns[0].id, other: columns[1].id });
    else if (kind) load({ other: null, order: "CIDEr", down: kind === "best" });
  };
  part("search").oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(() => load({ search: part("search").value }), DEBOUNCE);
  };

  return function write(results) {
    columns = results.columns;
    part("whose").replaceChildren(...columns.map(({ id, name }) => {
      const node = labelledButton(name, `Photos of ${name}`, () => load({ result: id, other: null }));
      node.value = id;
      return node;
    }));
    part("whose").hidden = columns.length < 2;
    const areTwo = columns.length === 2;
    part("quick").querySelector('[data-quick="different"]').hidden = !areTwo;
    const ids = columns.map(({ id }) => id);
    if (!ids.includes(query.result) || (query.other && !areTwo)) query = { ...query, result: ids[0], other: null };
    load({ other: query.other && ids.find((id) => id !== query.result) });
  };
}

// What a click on a photo does, and what is known of the checkpoints whose photos are listed.
function howToExplore(listed) {
  const states = listed.filter(({ state }) => state)
    .map(({ name, state }) => (listed.length > 1 ? `${name}: ${state}` : state));
  const click = listed[0].explorable ? "Click a photo to see in Explore where each word attends."
    : "Its captions stay here, but its photos cannot be explored.";
  return [...states, click].join(" ");
}

function referenceNodes([first, ...more]) {
  if (!more.length) return first === undefined ? [] : [make("p", { dir: "auto" }, first)];
  const list = make("ul", {}, ...more.map((text) => make("li", { dir: "auto" }, text)));
  return [make("p", { dir: "auto" }, first), make("details", {}, make("summary", {}, `${more.length} more`), list)];
}
