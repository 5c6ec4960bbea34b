"""A small vector pen: shapes are recorded once, measured, and painted with soft shading.

A sketch has its own units: x to the right, y up from the ground at 0, about 1 high. A `Transform`
places it on the canvas. Light always comes from the upper left.

This is not left to a drawing library: scenes must be the same pixels on every machine and with
every version, and every object needs the mask of its visible pixels.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]
Bounds = tuple[float, float, float, float]  # left, bottom, right, top
Outline = str | Sequence[Point]  # as a string: "x,y x,y", the way SVG writes points

CIRCLE = [(math.cos(i * math.pi / 18), math.sin(i * math.pi / 18)) for i in range(36)]
CURVE_WEIGHTS = [  # of the four points around a segment, at six positions of it
    (
        -0.5 * t + t * t - 0.5 * t**3,
        1 - 2.5 * t * t + 1.5 * t**3,
        0.5 * t + 2 * t * t - 1.5 * t**3,
        -0.5 * t * t + 0.5 * t**3,
    )
    for t in (i / 6 for i in range(6))
]
FLAT_BELOW = 9  # pixels; smaller shapes are painted without shading


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a share (0 to 1) of `other` in it."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def lighter(colour: Colour, share: float = 0.25) -> Colour:
    """The colour mixed with warm white."""
    return mix(colour, (255, 250, 225), share)


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """The colour in shade: more saturated rather than greyer, and slightly blue."""
    most = max(colour) or 1
    deep = [v * (0.1 + 0.26 * (v / most) ** 3) for v in colour]
    return mix(colour, (deep[0], deep[1] + 2, deep[2] + 14), share)


@cache
def path(text: str) -> tuple[Point, ...]:
    """The points of "x,y x,y"."""
    return tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split()))


def moved(outline: Outline, x=0.0, y=0.0, sx=1.0, sy=1.0) -> list[Point]:
    """The outline scaled by (sx, sy) and then moved by (x, y); a negative `sx` mirrors it."""
    return [(x + sx * u, y + sy * v) for u, v in _points(outline)]


def polar(x: float, y: float, radius: float, degrees: float) -> Point:
    """The point of a circle around (x, y) at an angle, measured counterclockwise."""
    angle = math.radians(degrees)
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def _points(outline: Outline) -> Sequence[Point]:
    return path(outline) if isinstance(outline, str) else outline


@dataclass(frozen=True)
class Shape:
    """A filled polygon."""

    points: tuple[Point, ...]  # a closed outline
    colour: Colour
    shading: float  # how much lighter at the upper left and darker at the lower right; 0: flat


@dataclass
class Pen:
    """Records filled shapes; later ones cover earlier ones."""

    shapes: list[Shape] = field(default_factory=list)

    def polygon(self, outline: Outline, colour: Colour, shading: float = 0.0) -> None:
        """A closed polygon."""
        self.shapes.append(Shape(tuple(_points(outline)), colour, shading))

    def blob(self, outline: Outline, colour: Colour, shading: float = 0.12) -> None:
        """A smooth closed curve through the points."""
        self.polygon(smooth(_points(outline), closed=True), colour, shading)

    def oval(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, turn=0.0, shading=0.12
    ) -> None:
        """An ellipse around (x, y), turned counterclockwise by `turn` degrees."""
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        points = [(x + rx * u * c - ry * v * s, y + rx * u * s + ry * v * c) for u, v in CIRCLE]
        self.polygon(points, colour, shading)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A flat circle."""
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
        self, line: Outline, widths: list[float] | float, colour: Colour, shading: float = 0.08
    ) -> None:
        """A smooth thick line with round ends; `widths` is one number, or one for each point."""
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

    def line(self, line: Outline, widths: list[float] | float, colour: Colour) -> None:
        """A limb without shading."""
        self.limb(line, widths, colour, shading=0)

    @cached_property
    def bounds(self) -> Bounds:
        """Of everything drawn until the first access."""
        xs = [x for shape in self.shapes for x, _ in shape.points]
        ys = [y for shape in self.shapes for _, y in shape.points]
        return min(xs), min(ys), max(xs), max(ys)

    def turned(self, degrees: float, x: float, y: float) -> "Pen":
        """A copy, turned counterclockwise around the point (x, y)."""
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

        def turn(p: Point) -> Point:
            u, v = p[0] - x, p[1] - y
            return x + u * c - v * s, y + u * s + v * c

        shapes = [replace(shape, points=tuple(map(turn, shape.points))) for shape in self.shapes]
        return Pen(shapes)


def smooth(points: Sequence[tuple[float, ...]], closed: bool = False) -> list:
    """A Catmull-Rom curve through all points, of any dimension; straight between two."""
    if len(points) < 3:
        return list(points)
    if closed:
        around = [points[-1], *points, points[0], points[1]]
    else:
        around = [points[0], *points, points[-1]]
    curve = [
        tuple([p * a + q * b + r * c + s * d for a, b, c, d in zip(*four, strict=True)])
        for four in zip(around, around[1:], around[2:], around[3:], strict=False)
        for p, q, r, s in CURVE_WEIGHTS
    ]
    return curve if closed else [*curve, points[-1]]


def _cap(end: tuple[float, float, float], start: Point) -> list[Point]:
    """The round end of a limb: a clockwise half circle from `start`."""
    x, y, width = end
    angle = math.atan2(start[1] - y, start[0] - x)
    angles = [angle - i * math.pi / 6 for i in range(7)]
    return [(x + math.cos(a) * width / 2, y + math.sin(a) * width / 2) for a in angles]


@dataclass(frozen=True)
class Transform:
    """Where a sketch is painted: its origin on the canvas in pixels, and its scale."""

    x: float
    y: float
    scale: float  # pixels for one unit of the sketch
    mirrored: bool = False

    def pixels(self, points: tuple[Point, ...]) -> list[Point]:
        """The points on the canvas."""
        sx = -self.scale if self.mirrored else self.scale
        # Rounded to 1/64 pixel: the last digit of a sine differs between machines.
        x, y, sx, sy = self.x * 64, self.y * 64, sx * 64, -self.scale * 64
        return [(round(x + sx * u) / 64, round(y + sy * v) / 64) for u, v in points]


def paint(
    canvas: Image.Image,
    pen: Pen,
    transform: Transform,
    tint: Callable[[Colour], Colour] | None = None,
    index_mask: Image.Image | None = None,
    index: int = 0,
) -> None:
    """Paints a sketch.

    Args:
        canvas: an RGB image.
        pen: the sketch.
        transform: where on the canvas.
        tint: changes every colour, for night or mist.
        index_mask: an "L" image of the canvas' size; the sketch's pixels are set to `index`.
        index: 0 to 255.
    """
    draw = ImageDraw.Draw(canvas)
    mask = ImageDraw.Draw(index_mask) if index_mask else None
    for shape in pen.shapes:
        points = transform.pixels(shape.points)
        colour = tint(shape.colour) if tint else shape.colour
        if mask:
            mask.polygon(points, fill=index)
        if shape.shading:
            _paint_shaded(canvas, draw, points, colour, shape.shading)
        else:
            draw.polygon(points, fill=colour)


def _paint_shaded(canvas, draw, points, colour, shading) -> None:
    left, top = (math.floor(min(p[axis] for p in points)) for axis in (0, 1))
    right, bottom = (math.ceil(max(p[axis] for p in points)) + 1 for axis in (0, 1))
    if min(right - left, bottom - top) < FLAT_BELOW:
        draw.polygon(points, fill=colour)
        return
    draw.polygon(points, fill=darker(colour, shading))
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=255)
    mask = ImageChops.multiply(mask, _light().resize(mask.size, Image.Resampling.NEAREST))
    canvas.paste(lighter(colour, shading), (left, top, right, bottom), mask)


@cache
def _light() -> Image.Image:
    """256 x 256 pixels, bright at the upper left and dark at the lower right."""
    down = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    across = down.transpose(Image.Transpose.ROTATE_90)
    return Image.blend(down, across, 0.4)
