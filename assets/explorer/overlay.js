// The numbers of an attention map: where its cells lie on the photo, what colour they get, what
// they say in words. A map is an array of rows; `grid` holds the centres of its cells as shares of
// the photo's width (grid.x) and height (grid.y).

// Eleven steps of the perceptual colour map "inferno", dark to light.
const HEAT = [
  [0, 0, 4], [22, 11, 57], [66, 10, 104], [106, 23, 110], [147, 38, 103], [188, 55, 84],
  [221, 81, 58], [243, 120, 25], [252, 165, 10], [246, 215, 70], [252, 255, 164],
];

// For each of `length` pixels of one side: the cell below, the cell above, and how far it is
// from the one to the other. Beyond the outer centres the outer cells go on.
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

// A map laid on a photo of width x height pixels, row by row; at the centre of a cell stands that
// cell's weight, between centres the weights are interpolated linearly or, if not `smooth`, taken
// from the nearest cell.
function place(map, grid, width, height, smooth) {
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

function peakOf(map) {
  return Math.max(...map.map((row) => Math.max(...row)));
}

// Opaque colours, dark to light: 256 x RGBA.
function heatColours() {
  const colours = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (HEAT.length - 1);
    const below = Math.min(Math.floor(position), HEAT.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const start = HEAT[below][channel];
      const end = HEAT[below + 1][channel];
      colours[4 * i + channel] = start + (end - start) * (position - below);
    }
    colours[4 * i + 3] = 255;
  }
  return colours;
}

// White light, none to full: 256 x RGBA.
function lightColours() {
  const colours = new Uint8ClampedArray(256 * 4).fill(255);
  for (let i = 0; i < 256; i++) colours[4 * i + 3] = i;
  return colours;
}

// Over how many cells a map is spread: exp(entropy), 1 to the number of cells.
function effectiveCells(map) {
  let entropy = 0;
  for (const weight of map.flat()) if (weight > 0) entropy -= weight * Math.log(weight);
  return Math.exp(entropy);
}

// Where a map lies, in words: "lower right", "the centre", "everywhere".
function whereabouts(map, grid) {
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
