// A file that is no photo is refused with a sentence that says what to do, before Gradio sees it: that only
// names the type that it accepts.

export const isPhoto = (file) => file.type.startsWith("image/");

// Returns a function that refuses a file.
export function addRefusal(explorer) {
  const { root, part, pane } = explorer;

  function refuse({ name }) {
    const sentence = `“${name}” is not a photo: choose a JPEG, PNG or WebP file.`;
    if (explorer.shown) return explorer.report(sentence);
    part("error").textContent = sentence;
    explorer.setState("error");
  }

  // Calls `undo` where the file of an event in the page's input for photos is none.
  function watch(type, fileOf, undo) {
    document.addEventListener(type, function onFile(event) {
      if (!root.isConnected) return document.removeEventListener(type, onFile, true);
      const file = event.target.closest?.("#photo") && fileOf(event);
      if (!file || isPhoto(file)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      undo(event.target);
      refuse(file);
    }, true);
  }

  if (pane === "first") {
    watch("change", ({ target }) => target.files?.[0], (input) => { input.value = ""; });
    watch("drop", ({ dataTransfer }) => dataTransfer.files[0],
      (place) => place.dispatchEvent(new DragEvent("dragleave", { bubbles: true })));
  }
  return refuse;
}
