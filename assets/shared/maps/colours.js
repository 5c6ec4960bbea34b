// The colours of overlays, made from the style that Python serves (captioner/rendering/overlay_style.py):
// {overlay: the default, palettes: {name: [[r, g, b], ..]}, difference: [[r, g, b], ..], heat: {faint, opaque},
// spotlight: {darkest}, contours: {levels, width}}.

const LEVELS = 256;
const WHITE = [255, 255, 255];

// 256 colours, RGBA: evenly spaced `steps`, and `opacity` for a share 0 to 1 of the way.
function table(steps, opacity) {
  const colours = new Uint8ClampedArray(4 * LEVELS);
  for (let i = 0; i < LEVELS; i++) {
    const share = i / (LEVELS - 1);
    const position = share * (steps.length - 1);
    const below = Math.min(Math.floor(position), steps.length - 2);
    steps[below].forEach((start, channel) => {
      colours[4 * i + channel] = start + (steps[below + 1][channel] - start) * (position - below);
    });
    colours[4 * i + 3] = 255 * opacity(share);
  }
  return colours;
}

export class Colours {
  constructor({ palettes, difference, heat, spotlight, contours }) {
    this.palettes = palettes;
    this.darkest = spotlight.darkest;
    this.contours = contours;
    this.light = table([WHITE, WHITE], (share) => share);
    const tables = (opacity) => Object.fromEntries(
      Object.entries(palettes).map(([name, steps]) => [name, table(steps, opacity)]));
    this.solid = tables(() => 1);
    this.heat = tables((share) => heat.faint + (heat.opaque - heat.faint) * share);
    this.difference = table(difference, (share) => heat.opaque * Math.abs(2 * share - 1)); // in the middle none
  }

  // A palette as a CSS gradient, from left to right.
  gradient(palette) {
    return this.gradientOf(this.palettes[palette]);
  }

  gradientOf(steps) {
    return `linear-gradient(90deg, ${steps.map((rgb) => `rgb(${rgb})`).join(", ")})`;
  }

  // The colour of a share 0 to 1, and whether dark text is easier to read on it.
  at(palette, share) {
    const start = 4 * Math.round((LEVELS - 1) * Math.min(Math.max(share, 0), 1));
    const [r, g, b] = this.solid[palette].slice(start, start + 3);
    return { colour: `rgb(${r}, ${g}, ${b})`, dark: luminance(r, g, b) > 0.179 };
  }
}

// The relative luminance of WCAG 2: above 0.179 the contrast of black is higher than that of white.
function luminance(...rgb) {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
