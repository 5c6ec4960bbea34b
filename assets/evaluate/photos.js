// The table of photos. The server finds and orders them; a page of them is here at a time.

const PEOPLE = ["", "What people say"];
const HEADS = [["number", "Photo"], ["caption", "Caption"], PEOPLE,
  ["CIDEr", "CIDEr"], ["ROUGE-L", "ROUGE-L"], ["BLEU-4", "BLEU-4"]];
const SCORED = ["CIDEr", "ROUGE-L", "BLEU-4"];
const QUIET = 250; // milliseconds without a letter before words are looked for

let columns = [];
let wish = { result: "", other: null, order: "CIDEr", down: true, search: "", first: 0 };
let asked = 0; // questions so far: only the last one's answer is shown
let typing;

// What the server answered, or nothing and a sentence that says why.
async function answered(promise) {
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

async function look(changes = {}) {
  wish = { ...wish, first: 0, ...changes };
  const number = ++asked;
  showChoices();
  const page = await answered(server.photos(wish));
  if (page && number === asked) showPage(page);
}

function nameOf(result) {
  return columns.find((column) => column.id === result).name;
}

function showPage({ total, first, each, rows }) {
  part("photos").replaceChildren(...rows.map(photoRow));
  const to = first + rows.length;
  const range = total ? `${whole.format(first + 1)} to ${whole.format(to)} of ${whole.format(total)}` : "No photo has these words.";
  part("range").textContent = range;
  part("before").disabled = first === 0;
  part("next").disabled = to >= total;
  part("before").onclick = () => look({ first: Math.max(0, first - each) });
  part("next").onclick = () => look({ first: first + each });
}

function explore(result, number) {
  trigger("explore", { result, number });
}

function photoRow({ photo, thumbnail, said, references }) {
  const results = wish.other ? [wish.result, wish.other] : [wish.result];
  const picture = thumbnail ? make("img", { src: thumbnail, alt: "", loading: "lazy" }) : "Photo not here";
  const open = button(picture, `Explore ${photo} with ${nameOf(results[0])}`, () => explore(results[0], said[0].number));
  open.className = "thumbnail";
  open.disabled = !thumbnail;
  const captions = said.map((one, i) => captionOf(one, wish.other ? results[i] : null, thumbnail));
  const written = make("td", { role: "cell", class: "people" }, ...people(references));
  const scores = SCORED.map((name) => make("td", { role: "cell", class: "score", "data-of": name }, score(said[0].scores[name])));
  return make("tr", { role: "row" }, make("td", { role: "cell", class: "photo" }, open), ...captions, written, ...(wish.other ? [] : scores));
}

// What was said of a photo; beside another's caption with its scores.
function captionOf({ number, caption, scores }, result, there) {
  const cell = make("td", { role: "cell", class: "caption" }, make("p", { class: "said" }, caption || "(says nothing)"));
  if (!result) return cell;
  cell.dataset.of = nameOf(result);
  cell.append(make("p", { class: "own-scores" }, ...SCORED.map((name) => make("span", {}, `${name} ${score(scores[name])}`))));
  if (there) cell.append(button("Explore", `Explore with ${nameOf(result)}`, () => explore(result, number)));
  return cell;
}

function people(references) {
  if (references.length < 2) return references.map((text) => make("p", {}, text));
  const more = make("ul", {}, ...references.slice(1).map((text) => make("li", {}, text)));
  return [make("p", {}, references[0]), make("details", {}, make("summary", {}, `${references.length - 1} more`), more)];
}

// What is chosen, for the eye and for the ear.

function showChoices() {
  const pressed = (node, on) => node.setAttribute("aria-pressed", on);
  for (const node of part("whose").children) pressed(node, node.value === wish.result && !wish.other);
  const byCIDEr = !wish.other && wish.order === "CIDEr";
  const states = { best: byCIDEr && wish.down, worst: byCIDEr && !wish.down, different: Boolean(wish.other) };
  for (const node of part("quick").children) pressed(node, states[node.dataset.quick]);
  root.classList.toggle("pairs", Boolean(wish.other));
  showHeads(wish.other ? [["", "Photo"], ["", nameOf(wish.result)], ["", nameOf(wish.other)], PEOPLE] : HEADS);
}

function sortBy(order) {
  const same = !wish.other && wish.order === order;
  look({ other: null, order, down: same ? !wish.down : SCORED.includes(order) });
}

function showHeads(heads) {
  const at = [...part("heads").children].findIndex((head) => head.contains(document.activeElement));
  part("heads").replaceChildren(...heads.map(([order, text]) => {
    const head = make("th", { scope: "col", role: "columnheader", "data-head": text }, order ? "" : text);
    if (!order) return head;
    const sort = make("button", { type: "button" }, text);
    sort.onclick = () => sortBy(order);
    head.append(sort);
    const direction = wish.down ? "descending" : "ascending";
    head.setAttribute("aria-sort", wish.order === order ? direction : "none");
    return head;
  }));
  part("heads").children[at]?.querySelector("button")?.focus();
}

function showPhotos(shown) {
  columns = shown.columns;
  const whose = columns.map(({ id, name }) => {
    const node = button(name, `Photos of ${name}`, () => look({ result: id, other: null }));
    node.value = id;
    return node;
  });
  part("whose").replaceChildren(...whose);
  part("whose").hidden = columns.length < 2;
  const two = columns.length === 2;
  part("quick").querySelector('[data-quick="different"]').hidden = !two;
  const known = columns.map(({ id }) => id);
  if (!known.includes(wish.result) || (wish.other && !two)) wish = { ...wish, result: known[0], other: null };
  look({ other: wish.other && known.find((id) => id !== wish.result) });
}

part("quick").onclick = ({ target }) => {
  const kinds = { best: { order: "CIDEr", down: true }, worst: { order: "CIDEr", down: false } };
  const kind = target.dataset.quick;
  if (kind === "different") look({ result: columns[0].id, other: columns[1].id });
  else if (kind) look({ other: null, ...kinds[kind] });
};
part("search").oninput = () => {
  clearTimeout(typing);
  typing = setTimeout(() => look({ search: part("search").value }), QUIET);
};
