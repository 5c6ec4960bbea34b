// Small helpers to build elements. Text that is appended stays text.

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function makeSvg(tag, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

export function meter(share) {
  const bar = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));
  bar.firstChild.style.setProperty("--share", share);
  return bar;
}

// The first element that matches, as soon as there is one.
export function present(selector) {
  return new Promise((resolve) => {
    const look = () => {
      const node = document.querySelector(selector);
      if (node) resolve(node);
      return node;
    };
    if (look()) return;
    const observer = new MutationObserver(() => look() && observer.disconnect());
    observer.observe(document.documentElement, { childList: true, subtree: true });
  });
}

// A function that finds the elements of a component by their data-part.
export function partsOf(root) {
  return (name) => root.querySelector(`[data-part="${name}"]`);
}

export function download(name, url) {
  make("a", { href: url, download: name }).click();
}

export function downloadText(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  download(name, url);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
