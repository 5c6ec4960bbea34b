// Names for screen readers, where those of Gradio are missing or differ from what is to be read.

export function nameUploads() {
  function name() {
    for (const place of document.querySelectorAll("button.upload-container[aria-label]")) {
      if (place.textContent.trim()) place.removeAttribute("aria-label");
    }
  }
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  name();
}
