// Small pieces that the explorer is written with. Text that is appended stays text.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function percent(probability, digits = 0) {
  const least = 1 / 10 ** (digits + 2);
  if (probability > 0 && probability < least / 2) return `< ${(100 * least).toFixed(digits)} %`;
  return `${(100 * probability).toFixed(digits)} %`;
}

function score(value, digits = 2) {
  const unit = 10 ** digits;
  return (Math.round(unit * value) / unit + 0).toFixed(digits).replace("-", "−"); // no minus nought
}

function meter(probability) {
  const bar = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));
  bar.firstChild.style.setProperty("--share", probability);
  return bar;
}
