"""Paints a layout, and finds the boxes of what is visible."""

from functools import cache
from random import Random

from PIL import Image

from captioner.scenes.drawing.backdrop import Backdrop, falling, tint
from captioner.scenes.drawing.backgrounds import BACKGROUNDS
from captioner.scenes.drawing.pen import Pen, Transform, moved, paint
from captioner.scenes.layout import Item, Layout, String

SUPERSAMPLING = 3  # painted so many times larger, then reduced: smooth edges
STRING = (120, 112, 112)
SHADOW = (40, 44, 74)
FOAM, WATER = (214, 238, 246), (150, 204, 230)
PixelBox = tuple[int, int, int, int]  # left, top, right, bottom; the last two exclusive


def render(
    layout: Layout, size: int, rng: Random, without: Item | None = None
) -> tuple[Image.Image, list[PixelBox | None]]:
    """Paints a layout.

    Args:
        layout: what the picture shows.
        size: width and height in pixels.
        rng: for the background.
        without: an item that is left out, but not its shadow.

    Returns:
        The RGB picture, and the box around the visible part of each item, group by group; None
        for an item that is not visible.
    """
    pixels = size * SUPERSAMPLING
    canvas = Image.new("RGB", (pixels, pixels))
    index_mask = Image.new("L", canvas.size)  # the number of the visible item, or 0
    BACKGROUNDS[layout.place](Backdrop(canvas, layout.light, rng))
    items = [(item, group) for group in layout.groups for item in group.items]
    light = tint(layout.light, 0.6)  # less than the background's: colours must be recognisable
    strings = sorted(layout.strings, key=lambda string: string.depth)
    for index, (item, group) in sorted(enumerate(items, 1), key=lambda entry: entry[1][0].depth):
        while strings and strings[0].depth <= item.depth:
            _paint_string(canvas, strings.pop(0), pixels)
        if item.shadow:
            _paint_shadow(canvas, item, pixels)
        if item is not without:
            tone = None if group.kind.family == "sky" else light
            paint(canvas, item.pen, item.transform(pixels), tone, index_mask, index)
        if item.water_line is not None:
            _paint_ripples(canvas, index_mask, item, pixels, light)
    for string in strings:
        _paint_string(canvas, string, pixels)
    if layout.place not in ("room", "water"):
        falling(canvas, layout.light, rng)
    boxes = [_visible_box(index_mask, i, item, pixels) for i, (item, _) in enumerate(items, 1)]
    return canvas.reduce(SUPERSAMPLING), boxes


def _visible_box(index_mask: Image.Image, index: int, item: Item, pixels: int) -> PixelBox | None:
    """The box of the pixels with this index, which lie within the item's bounds."""
    left, top, right, bottom = item.bounds
    x, y = max(0, int(left * pixels) - 2), max(0, int(top * pixels) - 2)
    right, bottom = min(pixels, int(right * pixels) + 3), min(pixels, int(bottom * pixels) + 3)
    part = index_mask.crop((x, y, right, bottom))
    found = part.point(lambda value: 255 * (value == index)).getbbox()
    if found is None:
        return None
    left, top = ((x + found[0]) // SUPERSAMPLING, (y + found[1]) // SUPERSAMPLING)
    return left, top, -(-(x + found[2]) // SUPERSAMPLING), -(-(y + found[3]) // SUPERSAMPLING)


def _paint_shadow(canvas: Image.Image, item: Item, pixels: int) -> None:
    left, _, right, _ = (round(v * pixels) for v in item.bounds)
    half = max(round((right - left) * 0.12), 2)
    y = round(item.y * pixels)
    canvas.paste(SHADOW, (left, y - half), _soft_disc().resize((right - left, 2 * half)))


@cache
def _soft_disc() -> Image.Image:
    """The opacity of a shadow: 256 x 256 pixels, fading towards the rim."""
    return Image.radial_gradient("L").point(lambda v: max(0, min(90, 150 - v)))


def _paint_string(canvas: Image.Image, string: String, pixels: int) -> None:
    (x, y), (u, v) = string.start, string.end
    pen = Pen()
    pen.line([(x, -y), ((x + u) / 2, -(y + v) / 2 - 0.02), (u, -v)], 0.005, STRING)
    paint(canvas, pen, Transform(0, 0, pixels))


def _paint_ripples(canvas: Image.Image, index_mask, item: Item, pixels: int, light) -> None:
    """Three lines of foam; the part of the item behind them is not visible."""
    left, _, right, _ = item.bounds
    middle, pen = (left + right) / 2, Pen()
    for share, lower, colour in ((0.42, 0, FOAM), (0.3, 0.012, WATER), (0.15, 0.021, FOAM)):
        half, y = (right - left) * share, -item.water_line - lower
        line = moved("-1,0 0,-.006 1,0", middle, y, half)
        pen.line(line, [0.002, 0.009, 0.002], light(colour))
    paint(canvas, pen, Transform(0, 0, pixels), index_mask=index_mask)
