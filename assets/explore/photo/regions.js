// The layer over the photo and its input: borders of cells, covered and picked cells, the cell under the
// pointer, and picking a region by mouse, touch or keys.

import { borders, cellAt } from "../../shared/maps/maps.js";

const DRAG = 5; // CSS pixels that a press may move and still be a click
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function addRegions(explorer) {
  const { root, part, look } = explorer;
  const picture = part("picture");
  const layer = part("marks");
  let press = null; // the press under way: {from: cell, x, y, dragged}
  let cursor = null; // the cell that keys have reached: [row, column]

  explorer.add({
    show() {
      explorer.pick(fitsGrid(explorer.region) ? explorer.region : null);
      cursor = null;
    },
    draw,
    pick: draw,
    clear() { explorer.region = cursor = press = null; },
  });

  function fitsGrid(cells) {
    return cells?.length === explorer.grid.y.length && cells[0].length === explorer.grid.x.length;
  }

  function draw() {
    const size = explorer.photoView.size();
    if (!size) return;
    const [width, height] = size;
    if (layer.width !== width || layer.height !== height) [layer.width, layer.height] = size;
    const context = layer.getContext("2d");
    const line = Math.max(1, width / 500);
    context.clearRect(0, 0, width, height);
    const [xs, ys] = [borders(explorer.grid.x), borders(explorer.grid.y)];
    const box = (r, c) => [xs[c] * width, ys[r] * height,
      (xs[c + 1] - xs[c]) * width, (ys[r + 1] - ys[r]) * height];
    if (look.cells) drawBorders(context, xs.map((x) => x * width), ys.map((y) => y * height), line);
    context.fillStyle = "rgba(110, 116, 126, 0.94)";
    for (const cell of explorer.shown.covered ?? []) context.fillRect(...box(...cell));
    context.strokeStyle = getComputedStyle(root).getPropertyValue("--accent");
    context.lineWidth = 2.5 * line;
    explorer.region?.forEach((row, r) => row.forEach((isPicked, c) => {
      if (isPicked) outline(context, explorer.region, box(r, c), r, c);
    }));
    if (cursor) {
      context.lineWidth = 2 * line;
      context.setLineDash([6 * line, 4 * line]);
      context.strokeRect(...box(...cursor));
      context.setLineDash([]);
    }
  }

  const cellUnder = (event) => {
    const { left, top, width, height } = layer.getBoundingClientRect();
    return cellAt(explorer.grid, (event.clientX - left) / width, (event.clientY - top) / height);
  };

  // All cells between two of them, together with those that were picked before.
  function block([r0, c0], [r1, c1], before) {
    const between = (at, one, other) => at >= Math.min(one, other) && at <= Math.max(one, other);
    return before.map((row, r) => row.map((is, c) => is || (between(r, r0, r1) && between(c, c0, c1))));
  }

  function toggled([r, c]) {
    const cells = explorer.region?.map((row) => [...row]) ?? explorer.noCells();
    cells[r][c] = !cells[r][c];
    return cells;
  }

  layer.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    press = { from: cellUnder(event), x: event.clientX, y: event.clientY, dragged: false };
    layer.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch" && explorer.shown) explorer.pointed.at(press.from);
    event.preventDefault(); // the focus stays where it is: arrow keys go on stepping through words
  });
  layer.addEventListener("pointermove", (event) => {
    if (!explorer.shown) return;
    const cell = cellUnder(event);
    explorer.pointed.at(cell);
    if (!press) return;
    press.dragged ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAG;
    // A finger has no other way to look without picking.
    if (press.dragged && event.pointerType !== "touch") explorer.pick(block(press.from, cell, explorer.noCells()));
  });
  layer.addEventListener("pointerup", (event) => {
    if (press && !press.dragged) explorer.pick(toggled(cellUnder(event)));
    press = null;
  });
  layer.addEventListener("pointercancel", () => { press = null; });
  layer.addEventListener("pointerleave", () => explorer.pointed.at(null));

  document.addEventListener("theme", function onTheme() {
    if (!root.isConnected) document.removeEventListener("theme", onTheme);
    else if (explorer.shown) draw();
  });

  picture.addEventListener("focus", () => { if (picture.matches(":focus-visible")) moveCursor(0, 0); });
  picture.addEventListener("blur", () => {
    cursor = null;
    explorer.pointed.at(null);
    if (explorer.shown) draw();
  });
  picture.addEventListener("keydown", (event) => {
    if (event.key in STEPS) moveCursor(...STEPS[event.key], event.shiftKey);
    else if (event.key === " " || event.key === "Enter") explorer.pick(toggled(cursor));
    else if (event.key === "Escape") explorer.pick(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function moveCursor(down, right, picking = false) {
    const clamp = (at, count) => Math.min(Math.max(at, 0), count - 1);
    const [rows, columns] = [explorer.grid.y.length, explorer.grid.x.length];
    const from = cursor ?? [rows >> 1, columns >> 1];
    cursor = [clamp(from[0] + down, rows), clamp(from[1] + right, columns)];
    if (picking) explorer.pick(block(from, cursor, explorer.region ?? explorer.noCells()));
    else draw();
    explorer.pointed.at(cursor);
    const isPicked = explorer.region?.[cursor[0]][cursor[1]];
    explorer.announce(`${explorer.pointed.text()}${isPicked ? ", picked" : ""}`);
  }

  return { fitsGrid };
}

// Light lines on wide dark ones: visible on dark photos and on bright ones.
function drawBorders(context, xs, ys, line) {
  for (const [colour, thick] of [["rgba(0, 0, 0, 0.3)", 3], ["rgba(255, 255, 255, 0.6)", 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = thick * line;
    context.beginPath();
    for (const x of xs.slice(1, -1)) { context.moveTo(x, 0); context.lineTo(x, ys.at(-1)); }
    for (const y of ys.slice(1, -1)) { context.moveTo(0, y); context.lineTo(xs.at(-1), y); }
    context.stroke();
  }
}

// The sides of a picked cell whose neighbours are not picked.
function outline(context, region, [x, y, width, height], r, c) {
  const isPicked = (row, column) => region[row]?.[column];
  const sides = [
    [isPicked(r - 1, c), x, y, x + width, y], [isPicked(r + 1, c), x, y + height, x + width, y + height],
    [isPicked(r, c - 1), x, y, x, y + height], [isPicked(r, c + 1), x + width, y, x + width, y + height],
  ];
  context.beginPath();
  for (const [joined, x0, y0, x1, y1] of sides) {
    if (!joined) { context.moveTo(x0, y0); context.lineTo(x1, y1); }
  }
  context.stroke();
}
