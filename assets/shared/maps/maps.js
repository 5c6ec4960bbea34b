// Numbers of an attention map: where its cells lie on the photo, how it compares with other maps, and
// its place in words. A map is an array of rows; `grid` holds the centres of its cells as shares of the
// photo's width (grid.x) and height (grid.y).

const RASTER = 96; // points of a side when a map is resampled

// For each of `length` pixels of one side: the cell below, the cell above, and the distance from the
// one to the other. Beyond the outer centres the outer cells continue.
function axis(centres, length, smooth) {
  const last = centres.length - 1;
  const below = new Int32Array(length);
  const above = new Int32Array(length);
  const share = new Float32Array(length);
  const step = last > 0 ? centres[1] - centres[0] : 1;
  for (let i = 0; i < length; i++) {
    const position = ((i + 0.5) / length - centres[0]) / step;
    const held = Math.min(Math.max(position, 0), last);
    const cell = smooth ? held : Math.round(held);
    below[i] = Math.floor(cell);
    above[i] = Math.min(below[i] + 1, last);
    share[i] = cell - below[i];
  }
  return { below, above, share };
}

// A map placed on a photo of width x height pixels, row by row. The centre of a cell has that cell's
// weight; between centres, weights are interpolated linearly or, if not `smooth`, taken from the
// nearest cell.
export function place(map, grid, width, height, smooth) {
  const across = axis(grid.x, width, smooth);
  const down = axis(grid.y, height, smooth);
  const placed = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const upper = map[down.below[y]];
    const lower = map[down.above[y]];
    const dy = down.share[y];
    for (let x = 0; x < width; x++, i++) {
      const left = across.below[x];
      const right = across.above[x];
      const dx = across.share[x];
      const top = upper[left] + (upper[right] - upper[left]) * dx;
      const bottom = lower[left] + (lower[right] - lower[left]) * dx;
      placed[i] = top + (bottom - top) * dy;
    }
  }
  return placed;
}

export function peakOf(map) {
  return Math.max(...map.map((row) => Math.max(...row)));
}

// Over how many cells a map is spread: exp(entropy), 1 to the number of cells.
export function effectiveCells(map) {
  let entropy = 0;
  for (const weight of map.flat()) if (weight > 0) entropy -= weight * Math.log(weight);
  return Math.exp(entropy);
}

// Where a map lies, in words: "lower right", "centre", "everywhere".
export function whereabouts(map, grid) {
  const cells = grid.x.length * grid.y.length;
  if (effectiveCells(map) > 0.85 * cells) return "everywhere";
  let x = 0;
  let y = 0;
  let sum = 0;
  map.forEach((row, r) => row.forEach((weight, c) => {
    x += weight * grid.x[c];
    y += weight * grid.y[r];
    sum += weight;
  }));
  const side = x / sum < 0.42 ? "left" : x / sum > 0.58 ? "right" : "";
  const level = y / sum < 0.42 ? "upper" : y / sum > 0.58 ? "lower" : "";
  if (side && level) return `${level} ${side}`;
  if (side) return side;
  return { upper: "top", lower: "bottom", "": "centre" }[level];
}

// The largest weight that any of the maps gives to each cell.
export function coverage(maps) {
  return maps[0].map((row, r) => row.map((_, c) => Math.max(...maps.map((map) => map[r][c]))));
}

// How much of a map lies on the cells for which `region[r][c]` is true.
export function shareOn(map, region) {
  let share = 0;
  map.forEach((row, r) => row.forEach((weight, c) => { if (region[r][c]) share += weight; }));
  return share;
}

// How much two maps lie on the same cells, 0 to 1: the Bhattacharyya coefficient.
export function overlap(one, other) {
  let sum = 0;
  one.forEach((row, r) => row.forEach((weight, c) => { sum += Math.sqrt(weight * other[r][c]); }));
  return Math.min(1, sum);
}

// The fewest cells that hold `share` of a map, as [row, column] pairs, most attended first.
export function cellsHolding(map, share) {
  const cells = map.flatMap((row, r) => row.map((weight, c) => [r, c, weight]));
  cells.sort((a, b) => b[2] - a[2]);
  let held = 0;
  const count = cells.findIndex(([, , weight]) => (held += weight) >= share - 1e-6);
  return cells.slice(0, count + 1 || cells.length).map(([r, c]) => [r, c]);
}

// Where one side is divided into cells, as shares: at the rims, and halfway between two centres.
export function borders(centres) {
  const between = centres.slice(1).map((centre, i) => (centre + centres[i]) / 2);
  return [0, ...between, 1];
}

// The cell that a point of the photo belongs to, given as shares of its width and height.
export function cellAt(grid, x, y) {
  const nearest = (centres, at) => centres.reduce(
    (best, centre, i) => (Math.abs(centre - at) < Math.abs(centres[best] - at) ? i : best), 0);
  return [nearest(grid.y, y), nearest(grid.x, x)];
}

// A map as shares of the cells of another grid.
export function resampled(map, from, to) {
  if (from.x.join() === to.x.join() && from.y.join() === to.y.join()) return map;
  const placed = place(map, from, RASTER, RASTER, true);
  const cells = to.y.map(() => to.x.map(() => 0));
  let sum = 0;
  placed.forEach((weight, i) => {
    const [r, c] = cellAt(to, ((i % RASTER) + 0.5) / RASTER, (Math.floor(i / RASTER) + 0.5) / RASTER);
    cells[r][c] += weight;
    sum += weight;
  });
  return cells.map((row) => row.map((weight) => weight / sum));
}

export function difference(one, other) {
  return one.map((row, r) => row.map((weight, c) => weight - other[r][c]));
}

// The share of attention that two maps have in common, cell by cell.
export function shared(one, other) {
  return 1 - difference(one, other).flat().reduce((sum, value) => sum + Math.abs(value), 0) / 2;
}
