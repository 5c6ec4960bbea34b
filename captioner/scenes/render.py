"""A stage as pixels, and whose pixels they are."""

from functools import lru_cache
from random import Random

from PIL import Image

from captioner.scenes.drawing.backdrop import Backdrop, falling, tint
from captioner.scenes.drawing.pen import Pen, Place, paint
from captioner.scenes.drawing.places import PLACES
from captioner.scenes.stage import Item, Stage, String

FINE = 3  # painted so many times larger, then reduced: smooth edges
STRING = (120, 112, 112)
SHADE = (40, 44, 74)
FOAM, WATER = (214, 238, 246), (150, 204, 230)
Box = tuple[int, int, int, int]


def render(
    stage: Stage, size: int, rng: Random, without: Item | None = None
) -> tuple[Image.Image, list[Box | None]]:
    """The picture, RGB of `size` x `size`, and the box of each item, group by group.

    A box is (left, top, right, bottom) in pixels, right and bottom exclusive, around what is to be
    seen of the item; None if nothing is. `without` leaves one item out, but not its shadow.
    """
    pixels = size * FINE
    canvas = Image.new("RGB", (pixels, pixels))
    owner = Image.new("L", canvas.size)  # the number of the item that a pixel shows, or 0
    PLACES[stage.place](Backdrop(canvas, stage.light, rng))
    items = [item for group in stage.groups for item in group.items]
    sky = [item for group in stage.groups if group.kind.family == "sky" for item in group.items]
    light = tint(stage.light, 0.6)  # less than the ground: colours must be told apart
    strings = sorted(stage.strings, key=lambda string: string.depth)
    for number, item in sorted(enumerate(items, 1), key=lambda pair: pair[1].depth):
        while strings and strings[0].depth <= item.depth:
            _string(canvas, strings.pop(0), pixels)
        if item.shadow:
            _shadow(canvas, item, pixels)
        if item is not without:
            tone = None if item in sky else light
            paint(canvas, item.pen, item.place(pixels), tone, owner, number)
        if item.ripples is not None:
            _ripples(canvas, owner, item, pixels, light)
    for string in strings:
        _string(canvas, string, pixels)
    if stage.place not in ("room", "water"):
        falling(canvas, stage.light, rng)
    boxes = [_box(owner, number, item, pixels) for number, item in enumerate(items, 1)]
    return canvas.reduce(FINE), boxes


def _box(owner: Image.Image, number: int, item: Item, pixels: int) -> Box | None:
    """The box of the pixels with this number; they lie within the item's bounds."""
    left, top, right, bottom = item.bounds
    x, y = max(0, int(left * pixels) - 2), max(0, int(top * pixels) - 2)
    part = owner.crop(
        (x, y, min(pixels, int(right * pixels) + 3), min(pixels, int(bottom * pixels) + 3))
    )
    found = part.point([255 * (value == number) for value in range(256)]).getbbox()
    if found is None:
        return None
    left, top, right, bottom = found
    return (x + left) // FINE, (y + top) // FINE, -(-(x + right) // FINE), -(-(y + bottom) // FINE)


def _shadow(canvas: Image.Image, item: Item, pixels: int) -> None:
    left, _, right, _ = (round(v * pixels) for v in item.bounds)
    half = max(round((right - left) * 0.12), 2)
    y = round(item.y * pixels)
    canvas.paste(SHADE, (left, y - half), _soft().resize((right - left, 2 * half)))


@lru_cache(maxsize=1)
def _soft() -> Image.Image:
    """The shade of something round, thinner towards the rim."""
    return Image.radial_gradient("L").point([max(0, min(90, 150 - v)) for v in range(256)])


def _string(canvas: Image.Image, string: String, pixels: int) -> None:
    (x, y), (u, v) = string.start, string.end
    pen = Pen()
    pen.limb([(x, -y), ((x + u) / 2, -(y + v) / 2 - 0.02), (u, -v)], 0.005, STRING, shading=0)
    paint(canvas, pen, Place(0, 0, pixels))


def _ripples(canvas: Image.Image, owner: Image.Image, item: Item, pixels: int, light) -> None:
    """Three lines of foam; what they hide of the item is not seen."""
    left, _, right, _ = item.bounds
    middle, pen = (left + right) / 2, Pen()
    for share, lower, colour in ((0.42, 0, FOAM), (0.3, 0.012, WATER), (0.15, 0.021, FOAM)):
        half, y = (right - left) * share, -item.ripples - lower
        line = [(middle - half, y), (middle, y - 0.006), (middle + half, y)]
        pen.limb(line, [0.002, 0.009, 0.002], light(colour), shading=0)
    paint(canvas, pen, Place(0, 0, pixels), owner=owner)
