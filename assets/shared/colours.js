// Colours of maps. The three colour maps are perceptually even and can be told apart with any kind
// of colour blindness: eleven steps each, dark to light.

const PALETTES = {
  inferno: ["000004", "160b39", "420a68", "6a176e", "932667", "bc3754", "dd513a", "f37819",
    "fca50a", "f6d746", "fcffa4"],
  viridis: ["440154", "482475", "414487", "355f8d", "2a788e", "21918c", "22a884", "44bf70",
    "7ad151", "bddf26", "fde725"],
  cividis: ["00224e", "083370", "35456c", "4f576c", "666970", "7d7c78", "948e77", "aea371",
    "c8b866", "e5cf52", "fee838"],
};

// 256 opaque colours of a palette, RGBA.
function opaque(palette) {
  const steps = PALETTES[palette].map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const colours = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (steps.length - 1);
    const below = Math.min(Math.floor(position), steps.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const start = steps[below][channel];
      const end = steps[below + 1][channel];
      colours[4 * i + channel] = start + (end - start) * (position - below);
    }
    colours[4 * i + 3] = 255;
  }
  return colours;
}

// White light, none to full: 256 x RGBA.
function light() {
  const colours = new Uint8ClampedArray(256 * 4).fill(255);
  for (let i = 0; i < 256; i++) colours[4 * i + 3] = i;
  return colours;
}

const LIGHT = light();
const HEAT = Object.fromEntries(Object.keys(PALETTES).map((name) => [name, opaque(name)]));

// A palette as a CSS gradient, from left to right.
function gradient(palette) {
  return `linear-gradient(90deg, ${PALETTES[palette].map((hex) => `#${hex}`).join(", ")})`;
}

// The colour of a share 0 to 1 in a palette, and whether dark ink is read better on it.
function colourOf(palette, share) {
  const at = 4 * Math.round(255 * Math.min(Math.max(share, 0), 1));
  const [r, g, b] = HEAT[palette].slice(at, at + 3);
  return { colour: `rgb(${r}, ${g}, ${b})`, dark: 0.3 * r + 0.59 * g + 0.11 * b > 140 };
}
