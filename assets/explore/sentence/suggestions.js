// Words of the vocabulary for the one that is being typed: those that begin so or, if there are none, the
// nearest. A list below the field, for keys and for the pointer.

import { make } from "../../shared/elements.js";

const DEBOUNCE = 120; // milliseconds without a letter before the server is asked

export function addSuggestions(explorer) {
  const { part, pane } = explorer;
  const field = part("typed");
  const box = part("suggestions");
  const list = part("suggested");
  let active = -1; // index of the option that the keys have reached
  let asked = 0; // so far: only the answer to the last question is shown
  let timer;

  list.id = `suggested-${pane}`;
  field.setAttribute("aria-controls", list.id);
  explorer.add({ choose: close, clear: close });

  // What is before the last word, and that word.
  const parts = () => field.value.match(/^(.*?)(\S*)$/s).slice(1);
  const options = () => [...list.children];

  async function ask() {
    const number = ++asked;
    const [, text] = parts();
    if (!text || !explorer.shown) return close();
    const request = { checkpoint: explorer.shown.checkpoint, text };
    const answer = await explorer.server.suggest(request).catch(() => ({ words: [] }));
    if (number === asked && document.activeElement === field) show(text, answer);
  }

  function show(text, { words = [], nearest = false }) {
    part("suggestions-said").textContent = nearest && words.length
      ? `“${text}” is not in the vocabulary. Nearest words:` : "";
    list.replaceChildren(...words.map((word, i) =>
      make("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": false }, word)));
    box.hidden = !words.length;
    field.setAttribute("aria-expanded", !box.hidden);
    mark(-1);
    if (nearest && words.length) explorer.announce(`${part("suggestions-said").textContent} ${words.join(", ")}`);
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    show("", {});
  }

  function mark(index) {
    active = index;
    options().forEach((option, i) => option.setAttribute("aria-selected", i === index));
    if (index < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", options()[index].id);
  }

  function take(option) {
    field.value = parts()[0] + option.textContent;
    close();
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, DEBOUNCE);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (box.hidden) return;
    const count = list.children.length;
    if (event.key === "ArrowDown") mark(active + 1 < count ? active + 1 : -1);
    else if (event.key === "ArrowUp") mark(active < 0 ? count - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) take(options()[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  box.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", ({ target }) => target.closest("li") && take(target.closest("li")));
}
