// The curves as a picture, as they are on the page, and the metrics behind them as a table.

import { download, downloadText, make, makeSvg } from "../shared/elements.js";

const COPIED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight"]; // what style sheets say of the elements of a chart
const SCALE = 3; // pixels of a PNG for each of the page
const MARGIN = 20; // pixels
const CAPTION = 28; // pixels above each chart

// `names` returns the names of the runs on show.
export function addSaving(root, part, server, names) {
  const fileName = (ending) => `${names().join(" and ")}.${ending}`;
  const actions = {
    png: async () => download(fileName("png"), await pixels(picture(root))),
    svg: () => downloadText(fileName("svg"), "image/svg+xml", picture(root).text),
    csv: async () => {
      const { text, error } = await server.metrics({ runs: names() });
      if (error) throw new Error(error);
      downloadText(fileName("csv"), "text/csv", text);
    },
  };
  part("saving").append(...Object.entries(actions).map(([kind, act]) => {
    const button = make("button", { type: "button", "aria-label": `Save the curves as ${kind.toUpperCase()}` },
      kind.toUpperCase());
    button.onclick = async () => {
      part("not-saved").hidden = true;
      try {
        await act();
      } catch {
        part("not-saved").hidden = false;
      }
    };
    return button;
  }));
}

// All charts below each other: {text of an SVG file, width, height}.
function picture(root) {
  const figures = [...root.querySelectorAll("figure:not([hidden])")].filter((figure) => figure.querySelector("svg *"));
  const style = getComputedStyle(root);
  const whole = makeSvg("svg", { xmlns: "http://www.w3.org/2000/svg" });
  let width = 0;
  let y = MARGIN;
  for (const figure of figures) {
    const chart = figure.querySelector("svg");
    const [, , chartWidth, chartHeight] = chart.getAttribute("viewBox").split(" ").map(Number);
    const caption = makeSvg("text", { x: MARGIN, y: y + 14, fill: style.color, "font-family": style.fontFamily,
      "font-size": 14, "font-weight": 650 }, figure.querySelector("figcaption").textContent);
    const group = makeSvg("g", { transform: `translate(${MARGIN} ${y + CAPTION})` });
    group.append(...[...chart.children].map(withStyle));
    whole.append(caption, group);
    width = Math.max(width, chartWidth);
    y += CAPTION + chartHeight + MARGIN;
  }
  width += 2 * MARGIN;
  whole.prepend(makeSvg("rect", { width, height: y, fill: style.getPropertyValue("--card") }));
  for (const [name, value] of Object.entries({ width, height: y, viewBox: `0 0 ${width} ${y}` })) {
    whole.setAttribute(name, value);
  }
  return { text: new XMLSerializer().serializeToString(whole), width, height: y };
}

// A copy of an element of a chart that needs no style sheet.
function withStyle(node) {
  const style = getComputedStyle(node);
  const copy = node.cloneNode(true);
  for (const name of COPIED) copy.setAttribute(name, style.getPropertyValue(name));
  return copy;
}

async function pixels({ text, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make("canvas", { width: SCALE * width, height: SCALE * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}
