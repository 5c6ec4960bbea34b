// What lies over the stage and the hand on it: borders of cells, covered and picked cells, the
// weight under the pointer, and picking a region by mouse, touch or keys.

const picture = part("picture");
const marks = part("marks");
const DRAG = 5; // CSS pixels that a press may move and still be a click

let hand = null; // the press under way: {from: cell, x, y, dragged}
let cursor = null; // the cell that keys have come to: [row, column]

parts.push({
  show() { pick(fitsGrid(region) ? region : null); cursor = null; },
  draw: drawMarks,
  pick: drawMarks,
  clear() { region = cursor = hand = null; },
});

function fitsGrid(cells) {
  return cells?.length === shown.grid.y.length && cells[0].length === shown.grid.x.length;
}

const noCells = () => shown.grid.y.map(() => shown.grid.x.map(() => false));

function drawMarks() {
  if (!painters.stage) return;
  const { width, height } = painters.stage;
  if (marks.width !== width || marks.height !== height) [marks.width, marks.height] = [width, height];
  const context = marks.getContext("2d");
  const line = Math.max(1, width / 500);
  context.clearRect(0, 0, width, height);
  const [xs, ys] = [borders(shown.grid.x), borders(shown.grid.y)];
  const box = (r, c) => [xs[c] * width, ys[r] * height,
    (xs[c + 1] - xs[c]) * width, (ys[r + 1] - ys[r]) * height];
  if (look.cells) {
    for (const [colour, thick] of [["rgba(0, 0, 0, 0.3)", 3], ["rgba(255, 255, 255, 0.6)", 1]]) {
      context.strokeStyle = colour; // seen on dark photos and on bright ones
      context.lineWidth = thick * line;
      context.beginPath();
      for (const x of xs.slice(1, -1)) { context.moveTo(x * width, 0); context.lineTo(x * width, height); }
      for (const y of ys.slice(1, -1)) { context.moveTo(0, y * height); context.lineTo(width, y * height); }
      context.stroke();
    }
  }
  for (const [r, c] of shown.covered ?? []) {
    context.fillStyle = "rgba(110, 116, 126, 0.94)";
    context.fillRect(...box(r, c));
  }
  if (!region && !cursor) return;
  context.strokeStyle = getComputedStyle(root).getPropertyValue("--accent");
  if (region) {
    context.lineWidth = 2.5 * line;
    region.forEach((row, r) => row.forEach((is, c) => { if (is) outline(context, box(r, c), r, c); }));
  }
  if (cursor) {
    context.lineWidth = 2 * line;
    context.setLineDash([6 * line, 4 * line]);
    context.strokeRect(...box(...cursor));
    context.setLineDash([]);
  }
}

// The sides of a picked cell that border on cells which are not.
function outline(context, [x, y, width, height], r, c) {
  const is = (row, column) => region[row]?.[column];
  const sides = [
    [is(r - 1, c), x, y, x + width, y], [is(r + 1, c), x, y + height, x + width, y + height],
    [is(r, c - 1), x, y, x, y + height], [is(r, c + 1), x + width, y, x + width, y + height],
  ];
  context.beginPath();
  for (const [joined, x0, y0, x1, y1] of sides) {
    if (!joined) { context.moveTo(x0, y0); context.lineTo(x1, y1); }
  }
  context.stroke();
}

function cellUnder(event) {
  const box = marks.getBoundingClientRect();
  return cellAt(shown.grid, (event.clientX - box.left) / box.width,
    (event.clientY - box.top) / box.height);
}

function readOut([r, c]) {
  const whose = look.sentence ? "at most" : `of “${shown.words[chosen].text}”`;
  const cause = causeAt(r, c);
  part("readout").textContent = `${percent(staged().map[r][c], 1)} ${whose} · row ${r + 1}, ` +
    `column ${c + 1}${cause}`;
}

// All cells between two of them, together with those that were picked before.
function block([r0, c0], [r1, c1], before = noCells()) {
  const between = (at, one, other) => at >= Math.min(one, other) && at <= Math.max(one, other);
  return before.map((row, r) => row.map((is, c) => is || (between(r, r0, r1) && between(c, c0, c1))));
}

function toggled([r, c]) {
  const cells = region ? region.map((row) => [...row]) : noCells();
  cells[r][c] = !cells[r][c];
  return cells;
}

marks.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  hand = { from: cellUnder(event), x: event.clientX, y: event.clientY, dragged: false };
  marks.setPointerCapture(event.pointerId);
  event.preventDefault(); // the focus stays where it is: arrow keys go on stepping through words
});

marks.addEventListener("pointermove", (event) => {
  if (!shown) return;
  const cell = cellUnder(event);
  readOut(cell);
  if (!hand) return;
  hand.dragged ||= Math.hypot(event.clientX - hand.x, event.clientY - hand.y) > DRAG;
  if (hand.dragged) pick(block(hand.from, cell));
});

marks.addEventListener("pointerup", (event) => {
  if (hand && !hand.dragged) pick(toggled(cellUnder(event)));
  hand = null;
});
marks.addEventListener("pointercancel", () => { hand = null; });
marks.addEventListener("pointerleave", () => { part("readout").textContent = ""; });

picture.addEventListener("focus", () => { if (picture.matches(":focus-visible")) moveCursor(0, 0); });
picture.addEventListener("blur", () => { cursor = null; if (shown) drawMarks(); });
picture.addEventListener("keydown", (event) => {
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (event.key in moves) moveCursor(...moves[event.key], event.shiftKey);
  else if (event.key === " " || event.key === "Enter") pick(toggled(cursor));
  else if (event.key === "Escape") pick(null);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

function moveCursor(down, right, picking = false) {
  const hold = (at, count) => Math.min(Math.max(at, 0), count - 1);
  const [rows, columns] = [shown.grid.y.length, shown.grid.x.length];
  const from = cursor ?? [rows >> 1, columns >> 1];
  cursor = [hold(from[0] + down, rows), hold(from[1] + right, columns)];
  if (picking) pick(block(from, cursor, region ?? undefined));
  else drawMarks();
  readOut(cursor);
  part("live").textContent = `${part("readout").textContent}` +
    `${region?.[cursor[0]][cursor[1]] ? ", picked" : ""}`;
}
