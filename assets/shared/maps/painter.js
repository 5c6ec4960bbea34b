// Paints attention maps over one photo at one size in pixels. Python exports the same pictures:
// captioner/rendering/render.py has the same formulas.

import { place } from "./maps.js";

const GREY = 0.85; // share of colour that the photo loses under a difference
const SMOOTH_SIDE = 256; // pixels of the longer side: enough for a map of a few cells

function sheet(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

export class Painter {
  // `masks` caches smooth maps as images; painters of one photo may share it.
  constructor(photo, width, height, colours, masks = new WeakMap()) {
    this.colours = colours;
    this.masks = masks;
    this.width = width;
    this.height = height;
    this.colour = sheet(width, height);
    this.grey = sheet(width, height);
    this.lit = sheet(width, height);
    this.take(photo);
  }

  // The photo, or another one: the next frame of a camera.
  take(photo) {
    const { width, height } = this;
    const colour = this.colour.getContext("2d");
    colour.imageSmoothingQuality = "high";
    colour.drawImage(photo, 0, 0, width, height);
    const grey = this.grey.getContext("2d");
    grey.globalCompositeOperation = "copy";
    grey.drawImage(this.colour, 0, 0);
    grey.globalCompositeOperation = "saturation";
    grey.fillStyle = "#808080";
    grey.fillRect(0, 0, width, height);
  }

  // look: {overlay: "spotlight" | "heat" | "contours", palette, smooth, strength 0..1}; `peak` is
  // the weight that is drawn brightest.
  paint(canvas, map, grid, peak, look) {
    if (canvas.width !== this.width || canvas.height !== this.height) {
      canvas.width = this.width;
      canvas.height = this.height;
    }
    const context = canvas.getContext("2d");
    context.globalAlpha = 1;
    context.drawImage(this.colour, 0, 0);
    context.globalAlpha = look.strength;
    if (look.overlay === "contours") return this.paintContours(context, map, grid, peak, look);
    context.drawImage(this.grey, 0, 0);
    if (look.overlay === "heat") this.paintHeat(context, map, grid, peak, look);
    else this.paintSpotlight(context, map, grid, peak, look);
  }

  paintHeat(context, map, grid, peak, look) {
    context.globalAlpha = look.strength;
    context.drawImage(this.mask(map, grid, peak, look.smooth, this.colours.heat[look.palette]),
      0, 0, this.width, this.height);
  }

  // Values from -peak to peak in the colours of differences; where they are 0 the photo is only grey.
  paintDifference(canvas, map, grid, peak, smooth) {
    canvas.width = this.width;
    canvas.height = this.height;
    const context = canvas.getContext("2d");
    context.drawImage(this.colour, 0, 0);
    context.globalAlpha = GREY;
    context.drawImage(this.grey, 0, 0);
    context.globalAlpha = 1;
    const shares = map.map((row) => row.map((value) => 0.5 + value / (2 * peak)));
    context.imageSmoothingEnabled = smooth;
    context.drawImage(this.mask(shares, grid, 1, smooth, this.colours.difference), 0, 0, this.width, this.height);
  }

  // What is not attended loses light and colour; the attended part is the photo itself.
  paintSpotlight(context, map, grid, peak, look) {
    context.globalAlpha = (1 - this.colours.darkest) * look.strength;
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.width, this.height);
    const lit = this.lit.getContext("2d");
    lit.globalCompositeOperation = "copy";
    lit.drawImage(this.mask(map, grid, peak, look.smooth, this.colours.light),
      0, 0, this.width, this.height);
    lit.globalCompositeOperation = "source-in";
    lit.drawImage(this.colour, 0, 0);
    context.globalAlpha = 1;
    context.drawImage(this.lit, 0, 0);
  }

  // Lines of equal weight, at even shares of the peak, in the palette's colours.
  paintContours(context, map, grid, peak, look) {
    const { width, height } = this;
    const { levels, width: thin } = this.colours.contours;
    const placed = place(map, grid, width, height, look.smooth);
    const level = placed.map((weight) => Math.min(levels - 1, Math.floor((levels * weight) / peak)));
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const palette = new Uint32Array(this.colours.solid[look.palette].buffer);
    const reach = Math.max(1, Math.round(width / thin)); // half the width of a line
    for (let y = reach; y < height - reach; y++) {
      for (let x = reach, i = y * width + x; x < width - reach; x++, i++) {
        const most = Math.max(level[i - reach], level[i + reach],
          level[i - reach * width], level[i + reach * width]);
        if (most > level[i]) pixels[i] = palette[Math.round((255 * most) / (levels - 1))];
      }
    }
    const lines = sheet(width, height);
    lines.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(lines, 0, 0);
  }

  // The map as an image: smooth ones have one size for all, cells keep their sharp edges.
  mask(map, grid, peak, smooth, colours) {
    const known = smooth && this.masks.get(map);
    if (known?.peak === peak && known.colours === colours) return known.canvas;
    const scale = smooth ? SMOOTH_SIDE / Math.max(this.width, this.height) : 1;
    const width = Math.max(1, Math.round(this.width * scale));
    const height = Math.max(1, Math.round(this.height * scale));
    const placed = place(map, grid, width, height, smooth);
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const palette = new Uint32Array(colours.buffer);
    for (let i = 0; i < placed.length; i++) {
      pixels[i] = palette[Math.min(255, Math.round((255 * placed[i]) / peak))];
    }
    const canvas = sheet(width, height);
    canvas.getContext("2d").putImageData(image, 0, 0);
    if (smooth) this.masks.set(map, { peak, colours, canvas });
    return canvas;
  }
}
