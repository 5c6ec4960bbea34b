// A chart of lines over steps, each with its name and value at its end, or at the pointer.

import { makeSvg } from "../shared/elements.js";
import { grouped } from "../shared/format.js";

const HEIGHT = 210; // pixels
const MARGIN = { top: 8, bottom: 22, left: 34 }; // names stand at the right
const LETTER = 6.9; // width of a letter, about
const APART = 15; // between two names
const LONGEST = 18; // letters of a label
const VALUE = 7; // letters of a value and the space before it

export class Chart {
  constructor(figure) {
    this.figure = figure;
    this.svg = figure.appendChild(makeSvg("svg", { role: "img" }));
    this.lines = [];
    this.pointed = null; // step at the pointer
    this.svg.onpointermove = (event) => this.point(event.offsetX);
    this.svg.onpointerleave = () => this.point(null);
    new ResizeObserver(() => this.paint()).observe(figure);
  }

  // lines: [{name, colour, points: [[step, value], ..]}]. Some are `thin`, with a `label` shorter than
  // their name, which is cut where there is no room.
  show(lines) {
    this.lines = lines.filter((line) => line.points.length);
    this.figure.hidden = !this.lines.length;
    this.paint();
  }

  point(x) {
    this.pointed = x === null ? null : this.stepAt(x);
    this.paint();
  }

  paint() {
    const width = this.figure.clientWidth;
    if (!width || !this.lines.length) return;
    const points = this.lines.flatMap((line) => line.points);
    const values = points.map(([, value]) => value);
    const last = Math.max(...points.map(([step]) => step));
    const low = Math.min(0, ...values);
    const high = Math.max(...values) * 1.04 || 1;
    const room = Math.min(LONGEST, Math.floor((width / 2 - 18) / LETTER) - VALUE);
    const nameOf = (line) => (line.label ? cut(line.label, room) : line.name);
    const longest = Math.max(...this.lines.map((line) => nameOf(line).length)) + VALUE;
    const right = width - Math.min(18 + LETTER * longest, width / 2); // where the lines end
    const [top, bottom, left] = [MARGIN.top, HEIGHT - MARGIN.bottom, MARGIN.left];
    const x = (step) => left + ((right - left) * step) / (last || 1);
    const y = (value) => top + (bottom - top) * (1 - (value - low) / (high - low));
    this.stepAt = (at) => Math.min(last, Math.max(0, ((at - left) / (right - left)) * last));

    const nodes = ticks(low, high, 4).flatMap((value) => [
      makeSvg("line", { class: "rule", x1: left, x2: right, y1: y(value), y2: y(value) }),
      makeSvg("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, short(value)),
    ]);
    ticks(0, last, Math.max(2, (right - left) / 90)).forEach((step, i, all) => {
      const text = grouped(step) + (i === all.length - 1 ? " steps" : "");
      nodes.push(makeSvg("text", { class: "tick", x: x(step), y: HEIGHT - 5, "text-anchor": "middle" }, text));
    });
    if (this.pointed !== null) {
      const at = x(this.pointed);
      nodes.push(makeSvg("line", { class: "guide", x1: at, x2: at, y1: top, y2: bottom }));
    }
    const ends = this.lines.map((line) => {
      const path = line.points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
      const [step, value] = this.pointOf(line);
      nodes.push(
        makeSvg("polyline", { class: line.thin ? "thin" : "", points: path.join(" "), stroke: line.colour }),
        makeSvg("circle", { cx: x(step), cy: y(value), r: line.thin ? 2 : 3, fill: line.colour }));
      return { line, value, y: y(value) };
    });
    ends.sort((one, other) => one.y - other.y);
    ends.forEach((end, i) => {
      if (i) end.y = Math.max(end.y, ends[i - 1].y + APART);
      const { thin, colour } = end.line;
      nodes.push(makeSvg("text", { class: thin ? "name thin" : "name", x: right + 10, y: end.y + 4, fill: colour },
        `${nameOf(end.line)} ${short(end.value)}`));
    });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.setAttribute("height", HEIGHT);
    this.svg.replaceChildren(...nodes);
    const newest = this.lines.map((line) => `${line.name} ${short(line.points.at(-1)[1])}`);
    this.svg.setAttribute("aria-label", `${this.figure.dataset.title}: ${newest.join(", ")}`);
  }

  // The point of a line that is nearest to the pointer, or its last one.
  pointOf(line) {
    if (this.pointed === null) return line.points.at(-1);
    const distance = ([step]) => Math.abs(step - this.pointed);
    return line.points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
  }
}

// Round numbers from `low` to `high`, about `count` of them.
function ticks(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, 5, 10].map((n) => n * power);
  const fitting = steps.filter((n) => n <= high - low); // with a larger one there would be a single number
  const step = fitting.find((n) => n >= rough) ?? fitting.at(-1) ?? steps[0];
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + step / 1e6; i++) found.push(i * step);
  return found;
}

function short(value) {
  return Math.abs(value) >= 10 ? grouped(Math.round(value)) : String(+value.toPrecision(3));
}

// A text of at most `count` letters.
function cut(text, count) {
  return text.length > count ? `${text.slice(0, count - 1).trimEnd()}…` : text;
}
