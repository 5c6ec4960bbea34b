// A file that is no photo is refused with a sentence that says what to do, before Gradio sees it: that only
// names the type that it accepts.

import { givePhoto } from "./photo_input.js";
import { hasType, isOfTelephone, isPhoto, OF_TELEPHONES } from "./photo_types.js";

const INPUT = "#photo input[type=file]"; // of Gradio

// Returns a function that refuses a file.
export function addRefusal(explorer) {
  const { root, part, pane } = explorer;

  function refuse({ name }) {
    const sentence = `“${name}” is not a photo: choose a JPEG, PNG or WebP file.`;
    if (explorer.shown) return explorer.report(sentence);
    part("error").textContent = sentence;
    explorer.setState("error");
  }

  function listen(type, handle) {
    document.addEventListener(type, function onEvent(event) {
      if (root.isConnected) handle(event);
      else document.removeEventListener(type, onEvent, true);
    }, true);
  }

  // Calls `undo` where Gradio must not have the file of an event in the page's input for photos.
  function watch(type, fileOf, undo) {
    listen(type, (event) => {
      const file = event.target.closest?.("#photo") && fileOf(event);
      if (!file || hasType(file)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      undo(event.target);
      if (isPhoto(file)) givePhoto([file]);
      else refuse(file);
    });
  }

  if (pane === "first") {
    watch("change", ({ target }) => target.files?.[0], (input) => { input.value = ""; });
    watch("drop", ({ dataTransfer }) => dataTransfer.files[0],
      (place) => place.dispatchEvent(new DragEvent("dragleave", { bubbles: true })));
    listen("click", ({ target }) => { // before the dialog opens
      if (target.matches?.(INPUT)) target.accept = ["image/*", ...OF_TELEPHONES].join();
    });
    // The browser cannot show the file: the photo of the result takes its place.
    listen("error", ({ target }) => {
      if (target.matches?.("#photo img") && isOfTelephone(target.src)) target.dataset.unknown = "";
    });
    explorer.add({
      show: () => {
        const image = document.querySelector("#photo img[data-unknown]");
        if (image) image.src = explorer.shown.photo;
      },
    });
  }
  return refuse;
}
