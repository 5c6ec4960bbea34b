// Dark or light: the choice in the page's header, which this browser keeps, or what the system has.
// Gradio sets the class "dark" of the body by the system and by `__theme` in the address; this corrects it.

import { readText, storeText } from "./storage.js";

const KEY = "where-words-look-theme";
const CHOICES = ["light", "dark"]; // anything else: as the system has it
const system = matchMedia("(prefers-color-scheme: dark)");
const address = new URLSearchParams(location.search).get("__theme");

let choice = readText("localStorage", KEY);

function theme() {
  if (CHOICES.includes(choice)) return choice;
  return CHOICES.includes(address) ? address : system.matches ? "dark" : "light";
}

function correct() {
  document.body.classList.toggle("dark", theme() === "dark");
}

function apply() {
  document.documentElement.style.colorScheme = theme();
  correct();
  document.dispatchEvent(new CustomEvent("theme")); // canvases are drawn again
}

export function mount({ element }) {
  const inputs = [...element.querySelectorAll("[name=theme]")];
  for (const input of inputs) {
    input.checked = input.value === (CHOICES.includes(choice) ? choice : "system");
    input.onchange = () => {
      choice = input.value;
      storeText("localStorage", KEY, CHOICES.includes(choice) ? choice : null);
      apply();
    };
  }
  apply();
}

system.addEventListener("change", apply);
// Whenever Gradio sets it: when the system changes, and when its page is there, which may be after a choice.
new MutationObserver(correct).observe(document.body, { attributeFilter: ["class"] });
