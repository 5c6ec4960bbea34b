// A photo from anywhere on the page: dropped, pasted, frozen by the camera.

import { present } from "../../shared/elements.js";
import { isPhoto, typed } from "./photo_types.js";

const INPUT = "#photo input[type=file]"; // of Gradio
const SHOWN = 200; // milliseconds that the mark stays after the last movement of what is dragged

let newest = null; // only the last photo counts, if several come before the page is there

export async function givePhoto(files) {
  const transfer = new DataTransfer(); // a list of dropped files is emptied after their event
  for (const file of files) transfer.items.add(typed(file));
  newest = transfer;
  document.querySelector("#opening .seen")?.classList.add("pending");
  document.querySelector('#photo [aria-label="Remove Image"]')?.click();
  await new Promise(requestAnimationFrame);
  const input = await present(INPUT);
  if (newest !== transfer) return;
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Example photos, and photos and saved results that are dropped or pasted anywhere, while the Explore tab is on
// show. Gradio's own input takes what is dropped on it.
export function addPhotoInput(explorer, openResult) {
  const { root } = explorer;
  let timer = null;

  const isOurs = ({ target }) => root.checkVisibility() && !target.closest?.("#photo, dialog");

  function take(files, event) {
    const [file] = files;
    if (!file) return;
    event.preventDefault();
    if (isPhoto(file)) givePhoto([file]);
    else if (file.name.endsWith(".json")) openResult(file);
    else explorer.refuse(file);
  }

  function listen(type, handle) {
    document.addEventListener(type, function onEvent(event) {
      if (!root.isConnected) document.removeEventListener(type, onEvent);
      else if (isOurs(event)) handle(event);
    });
  }

  listen("dragover", (event) => {
    event.preventDefault();
    document.body.toggleAttribute("data-dragging", event.dataTransfer.types.includes("Files"));
    clearTimeout(timer);
    timer = setTimeout(() => document.body.removeAttribute("data-dragging"), SHOWN);
  });
  listen("drop", (event) => {
    event.preventDefault(); // of a link, too, which would replace the page
    take(event.dataTransfer.files, event);
  });
  listen("click", ({ target }) => {
    const { example } = target.closest?.("[data-example]")?.dataset ?? {};
    if (example) explorer.trigger("choose", { example });
  });
  listen("paste", (event) => {
    const { files, types } = event.clipboardData;
    const isWriting = event.target.matches?.("input, textarea") && types.includes("text/plain");
    if (!isWriting) take(files, event);
  });
}
