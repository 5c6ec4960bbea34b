// Names for screen readers, where those of Gradio are missing or differ from what is to be read.

// names: {selector of a gallery: the names of its buttons}
export function nameButtons(names) {
  function name() {
    for (const [gallery, texts] of Object.entries(names)) {
      document.querySelectorAll(`${gallery} button`).forEach((button, i) => { button.ariaLabel = texts[i]; });
    }
    for (const place of document.querySelectorAll("button.upload-container[aria-label]")) {
      if (place.textContent.trim()) place.removeAttribute("aria-label");
    }
  }
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
  name();
}
