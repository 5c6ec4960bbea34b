"""A small vector pen: shapes are recorded once, measured, and painted with soft shading.

A sketch has its own units: x to the right, y up from the ground at 0, about 1 high. Painting
puts it somewhere on the canvas, mirrors it or tints it; the light always comes from above left.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]
Bounds = tuple[float, float, float, float]  # left, bottom, right, top
Path = str | Sequence[Point]  # as a string: "x,y x,y", as SVG writes points

CIRCLE = [(math.cos(i * math.pi / 18), math.sin(i * math.pi / 18)) for i in range(36)]
STEPS = [  # between two points of a curve -> the weights of the four points around
    (
        -0.5 * t + t * t - 0.5 * t**3,
        1 - 2.5 * t * t + 1.5 * t**3,
        0.5 * t + 2 * t * t - 1.5 * t**3,
        -0.5 * t * t + 0.5 * t**3,
    )
    for t in (i / 6 for i in range(6))
]
SMALL = 9  # pixels; what is smaller is painted flat


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a share (0..1) of `other` in it."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def lighter(colour: Colour, share: float = 0.25) -> Colour:
    return mix(colour, (255, 250, 225), share)


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """Shade is deeper in colour, not greyer, and a little blue, as out of doors."""
    most = max(colour) or 1
    deep = [v * (0.1 + 0.26 * (v / most) ** 3) for v in colour]
    return mix(colour, (deep[0], deep[1] + 2, deep[2] + 14), share)


@cache  # of the drawings' own strings, some hundred
def path(text: str) -> tuple[Point, ...]:
    """The points of "x,y x,y"."""
    return tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split()))


def _points(outline: Path) -> Sequence[Point]:
    return path(outline) if isinstance(outline, str) else outline


@dataclass(frozen=True)
class Shape:
    points: tuple[Point, ...]  # a closed outline
    colour: Colour
    shading: float  # 0: flat; else how much lighter above left and darker below right


@dataclass
class Pen:
    """Records filled shapes; the later lie over the earlier."""

    shapes: list[Shape] = field(default_factory=list)

    def polygon(self, outline: Path, colour: Colour, shading: float = 0.0) -> None:
        self.shapes.append(Shape(tuple(_points(outline)), colour, shading))

    def blob(self, outline: Path, colour: Colour, shading: float = 0.12) -> None:
        """A smooth closed curve through the points."""
        self.polygon(smooth(_points(outline), closed=True), colour, shading)

    def oval(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, turn=0.0, shading=0.12
    ) -> None:
        """An ellipse with its centre and radii, turned by `turn` degrees against the clock."""
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        points = [(x + rx * u * c - ry * v * s, y + rx * u * s + ry * v * c) for u, v in CIRCLE]
        self.polygon(points, colour, shading)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.oval(x, y, radius, radius, colour, shading=0.0)

    def box(
        self, left, bottom, right, top, colour: Colour, radius=0.0, shading: float = 0.1
    ) -> None:
        """A rectangle with rounded corners."""
        r = min(radius, (right - left) / 2, (top - bottom) / 2)
        if r <= 0:
            points = [(left, bottom), (right, bottom), (right, top), (left, top)]
        else:
            corners = [(right - r, top - r), (left + r, top - r)]
            corners += [(left + r, bottom + r), (right - r, bottom + r)]
            points = [
                (x + r * u, y + r * v)
                for quarter, (x, y) in enumerate(corners)
                for u, v in (CIRCLE * 2)[9 * quarter : 9 * quarter + 10]
            ]
        self.polygon(points, colour, shading)

    def limb(
        self, line: Path, widths: list[float] | float, colour: Colour, shading: float = 0.08
    ) -> None:
        """A smooth thick line with round ends; one width for each point, or one for all."""
        points = _points(line)
        if isinstance(widths, int | float):
            widths = [widths] * len(points)
        middle = smooth([(*p, w) for p, w in zip(points, widths, strict=True)])
        left, right = [], []
        for i, (x, y, width) in enumerate(middle):
            (ax, ay, _), (bx, by, _) = middle[max(i - 1, 0)], middle[min(i + 1, len(middle) - 1)]
            length = math.hypot(bx - ax, by - ay) or 1.0
            nx, ny = (ay - by) / length * width / 2, (bx - ax) / length * width / 2
            left.append((x + nx, y + ny))
            right.append((x - nx, y - ny))
        outline = _cap(middle[0], right[0]) + left[1:-1] + _cap(middle[-1], left[-1])
        self.polygon(outline + right[-2:0:-1], colour, shading)

    @cached_property
    def bounds(self) -> Bounds:
        """Left, bottom, right and top of all that is drawn by the first time one asks."""
        xs = [x for shape in self.shapes for x, _ in shape.points]
        ys = [y for shape in self.shapes for _, y in shape.points]
        return min(xs), min(ys), max(xs), max(ys)

    def turned(self, degrees: float, x: float, y: float) -> "Pen":
        """Everything turned about the point (x, y), against the clock."""
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

        def turn(p: Point) -> Point:
            u, v = p[0] - x, p[1] - y
            return x + u * c - v * s, y + u * s + v * c

        shapes = [replace(shape, points=tuple(map(turn, shape.points))) for shape in self.shapes]
        return Pen(shapes)


def smooth(points: Sequence[tuple[float, ...]], closed: bool = False) -> list:
    """Catmull-Rom: a curve through all points (of any dimension), straight between two."""
    if len(points) < 3:
        return list(points)
    if closed:
        around = [points[-1], *points, points[0], points[1]]
    else:
        around = [points[0], *points, points[-1]]
    curve = [
        tuple([p * a + q * b + r * c + s * d for a, b, c, d in zip(*four, strict=True)])
        for four in zip(around, around[1:], around[2:], around[3:], strict=False)
        for p, q, r, s in STEPS
    ]
    return curve if closed else [*curve, points[-1]]


def _cap(end: tuple[float, float, float], start: Point) -> list[Point]:
    """Half a circle about an end of a limb, from `start` on, with the clock."""
    x, y, width = end
    angle = math.atan2(start[1] - y, start[0] - x)
    angles = [angle - i * math.pi / 6 for i in range(7)]
    return [(x + math.cos(a) * width / 2, y + math.sin(a) * width / 2) for a in angles]


@dataclass(frozen=True)
class Place:
    """Where a sketch is painted: its origin on the canvas, in pixels, and its scale."""

    x: float
    y: float
    scale: float  # pixels for one unit
    mirrored: bool = False

    def pixels(self, points: tuple[Point, ...]) -> list[Point]:
        sx = -self.scale if self.mirrored else self.scale
        # In 64ths, so that the last digit of a sine, which differs between machines, is no pixel.
        x, y, sx, sy = self.x * 64, self.y * 64, sx * 64, -self.scale * 64
        return [(round(x + sx * u) / 64, round(y + sy * v) / 64) for u, v in points]


def paint(
    canvas: Image.Image,
    pen: Pen,
    place: Place,
    tint: Callable[[Colour], Colour] | None = None,
    owner: Image.Image | None = None,
    number: int = 0,
) -> None:
    """Paints a sketch, and writes `number` on its pixels of `owner`, an "L" image.

    `tint` changes every colour, for night or mist.
    """
    draw = ImageDraw.Draw(canvas)
    claim = ImageDraw.Draw(owner) if owner else None
    for shape in pen.shapes:
        points = place.pixels(shape.points)
        colour = tint(shape.colour) if tint else shape.colour
        if claim:
            claim.polygon(points, fill=number)
        if shape.shading:
            _paint_shaded(canvas, draw, points, colour, shape.shading)
        else:
            draw.polygon(points, fill=colour)


def _paint_shaded(canvas, draw, points, colour, shading) -> None:
    left, top = (math.floor(min(p[axis] for p in points)) for axis in (0, 1))
    right, bottom = (math.ceil(max(p[axis] for p in points)) + 1 for axis in (0, 1))
    if min(right - left, bottom - top) < SMALL:
        draw.polygon(points, fill=colour)
        return
    draw.polygon(points, fill=darker(colour, shading))
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=255)
    mask = ImageChops.multiply(mask, _light().resize(mask.size, Image.Resampling.NEAREST))
    canvas.paste(lighter(colour, shading), (left, top, right, bottom), mask)


@lru_cache(maxsize=1)
def _light() -> Image.Image:
    """Bright above left, dark below right; 256 pixels square."""
    down = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    across = down.transpose(Image.Transpose.ROTATE_90)
    return Image.blend(down, across, 0.4)
