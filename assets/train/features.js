// The feature caches on the disk. `props.value` is a JSON text: each with its size and who uses it. The event
// "look" requests the list anew, "discard" carries the {names} of caches to clear.

import { make, partsOf } from "../shared/elements.js";
import { bytes, counted } from "../shared/format.js";

const ABOUT =
  "Each photo is encoded once. Later trainings on the same photos with the same encoder start at once. What you clear is computed again when a training needs it.";
const EMPTY =
  "None yet. A training stores the features of its photos here, so that the next one on the same photos with the same encoder starts at once.";

export function mount({ element, props, watch, trigger }) {
  const root = element.querySelector("details");
  const part = partsOf(root);
  let written; // the list on show: read again without a change it stays, with a question that it asks

  // Clearing needs a confirmation. `size` is that of all `names`.
  function clearing(label, name, names, size) {
    const place = make("span", { class: "clearing" });
    const offer = () => {
      const button = make("button", { type: "button", "aria-label": name }, label);
      button.onclick = confirm;
      place.replaceChildren(button);
    };
    const confirm = () => {
      const yes = make("button", { type: "button", class: "sure" }, "Clear");
      const no = make("button", { type: "button" }, "Keep");
      const back = () => {
        offer();
        place.firstChild.focus();
      };
      yes.onclick = () => {
        back(); // it stays where the server refuses
        trigger("discard", { names });
      };
      no.onclick = back;
      place.replaceChildren(`Clear ${bytes(size)}? `, yes, no);
      no.focus();
    };
    offer();
    return place;
  }

  function row({ name, data, about, size, use }) {
    const tools = use ? make("span", { class: "use" }, use) : clearing("Clear …", `Clear ${name}`, [name], size);
    return make("li", { "data-name": name },
      make("b", {}, data), make("span", { class: "size" }, bytes(size)),
      make("span", { class: "what" }, ...about.map((part) => make("span", {}, part))), tools);
  }

  function write() {
    written = props.value;
    const { caches } = props.value ? JSON.parse(props.value) : { caches: [] };
    const sum = (some) => some.reduce((total, { size }) => total + size, 0);
    const free = caches.filter(({ use }) => !use);
    const inside = root.contains(document.activeElement);
    part("total").textContent = caches.length ? bytes(sum(caches)) : "";
    part("about").textContent = caches.length ? ABOUT : EMPTY;
    part("caches").replaceChildren(...caches.map(row));
    part("all").hidden = free.length < 2;
    if (free.length > 1) {
      const names = free.map(({ name }) => name);
      const label = `Clear all ${counted(free.length, "cache")} that are not in use …`;
      part("all").replaceChildren(clearing(label, label, names, sum(free)));
    }
    if (inside && !root.contains(document.activeElement)) root.querySelector("summary").focus({ preventScroll: true });
  }

  root.addEventListener("toggle", () => root.open && trigger("look"));
  watch("value", () => props.value !== written && write());
  write();
}
