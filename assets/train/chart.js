// Curves of a training: lines over steps, each with its name and value where it ends, or where the
// pointer is.

const SVG = "http://www.w3.org/2000/svg";
const ROOM = { top: 8, bottom: 22, left: 34 }; // pixels; names stand at the right
const LETTER = 6.9; // pixels, about
const APART = 15; // pixels between two names
const LONGEST = 18; // letters of a label
const VALUE = 7; // letters of a value and the space before it

function draw(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

// Round numbers from `low` to `high`, about `count` of them.
function ticks(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + step / 1e6; i++) found.push(i * step);
  return found;
}

function short(value) {
  return Math.abs(value) >= 10 ? whole.format(Math.round(value)) : String(+value.toPrecision(3));
}

// A text of at most `count` letters.
function cut(text, count) {
  return text.length > count ? `${text.slice(0, count - 1).trimEnd()}…` : text;
}

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.svg = figure.appendChild(draw("svg", { role: "img" }));
    this.lines = [];
    this.pointed = null; // a step
    this.svg.onpointermove = (event) => this.point(event.offsetX);
    this.svg.onpointerleave = () => this.point(null);
    new ResizeObserver(() => this.paint()).observe(figure);
  }

  // lines: [{name, colour, points: [[step, value], ..]}]; some are thin, with a `label`
  // shorter than their name, which is cut where there is no room.
  show(lines) {
    this.lines = lines.filter((line) => line.points.length);
    this.figure.hidden = !this.lines.length;
    this.paint();
  }

  point(x) {
    this.pointed = x === null ? null : this.scale.step(x);
    this.paint();
  }

  paint() {
    const width = this.figure.clientWidth;
    if (!width || !this.lines.length) return;
    const height = 210;
    const steps = this.lines.flatMap((line) => line.points.map(([step]) => step));
    const values = this.lines.flatMap((line) => line.points.map(([, value]) => value));
    const last = Math.max(...steps);
    const low = Math.min(0, ...values);
    const high = Math.max(...values) * 1.04 || 1;
    const room = Math.min(LONGEST, Math.floor((width / 2 - 18) / LETTER) - VALUE);
    const named = (line) => (line.label ? cut(line.label, room) : line.name);
    const longest = Math.max(...this.lines.map((line) => named(line).length)) + VALUE;
    const right = width - Math.min(18 + LETTER * longest, width / 2); // where the lines end
    const across = right - ROOM.left;
    const down = height - ROOM.top - ROOM.bottom;
    const x = (step) => ROOM.left + (across * step) / (last || 1);
    const y = (value) => ROOM.top + down * (1 - (value - low) / (high - low));
    this.scale = { step: (at) => Math.min(last, Math.max(0, ((at - ROOM.left) / across) * last)) };

    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    const parts = [];
    for (const value of ticks(low, high, 4)) {
      parts.push(draw("line", { class: "rule", x1: ROOM.left, x2: right, y1: y(value), y2: y(value) }));
      parts.push(draw("text", { class: "tick", x: ROOM.left - 6, y: y(value) + 4, "text-anchor": "end" }, short(value)));
    }
    ticks(0, last, Math.max(2, across / 90)).forEach((step, i, all) => {
      const text = whole.format(step) + (i === all.length - 1 ? " steps" : "");
      parts.push(draw("text", { class: "tick", x: x(step), y: height - 5, "text-anchor": "middle" }, text));
    });
    if (this.pointed !== null) {
      const at = x(this.pointed);
      parts.push(draw("line", { class: "guide", x1: at, x2: at, y1: ROOM.top, y2: height - ROOM.bottom }));
    }
    const ends = this.lines.map((line) => {
      const path = line.points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
      const kind = line.thin ? "thin" : "";
      parts.push(draw("polyline", { class: kind, points: path.join(" "), stroke: line.colour }));
      const [step, value] = this.at(line);
      parts.push(draw("circle", { cx: x(step), cy: y(value), r: line.thin ? 2 : 3, fill: line.colour }));
      return { line, value, y: y(value) };
    });
    ends.sort((one, other) => one.y - other.y);
    ends.forEach((end, i) => { if (i) end.y = Math.max(end.y, ends[i - 1].y + APART); });
    for (const end of ends) {
      const text = `${named(end.line)} ${short(end.value)}`;
      parts.push(draw("text", { class: end.line.thin ? "name thin" : "name", x: right + 10, y: end.y + 4, fill: end.line.colour }, text));
    }
    this.svg.replaceChildren(...parts);
    const said = this.lines.map((line) => `${line.name} ${short(line.points[line.points.length - 1][1])}`);
    this.svg.setAttribute("aria-label", `${this.figure.dataset.title}: ${said.join(", ")}`);
  }

  // The point of a line that is nearest to the pointer, or its last one.
  at(line) {
    if (this.pointed === null) return line.points[line.points.length - 1];
    const far = (point) => Math.abs(point[0] - this.pointed);
    return line.points.reduce((best, point) => (far(point) < far(best) ? point : best));
  }
}

const charts = ["losses", "scores"].map((name) => [name, new Chart(part(name))]);

function showCurves() {
  const curves = props.curves ? JSON.parse(props.curves) : { losses: [], scores: [], each: null };
  part("curves").hidden = !curves.losses.length;
  const points = curves.scores.some((line) => line.name.endsWith("pointing") && line.points.length);
  part("about-pointing").hidden = !points && !curves.each?.measures.includes("pointing");
  showEach(curves.each);
  for (const [name, chart] of charts) chart.show(curves[name]);
}
