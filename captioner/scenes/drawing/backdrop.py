"""The parts that backgrounds are made of: sky, hills, waves, and falling rain or snow.

Lengths are shares of the picture.
"""

from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

from captioner.scenes.drawing.pen import Colour, Pen, Transform, mix, moved, paint, smooth

# Light -> the sky at its top and at the horizon; what is mixed into every colour, and its share.
LIGHTS: dict[str, tuple[Colour, Colour, Colour, float]] = {
    "sun": ((112, 186, 240), (222, 241, 250), (255, 255, 255), 0.0),
    "clouds": ((150, 190, 222), (228, 236, 240), (190, 198, 210), 0.08),
    "rain": ((122, 138, 160), (190, 200, 208), (126, 138, 158), 0.2),
    "snow": ((170, 190, 212), (232, 238, 244), (200, 210, 226), 0.1),
    "sunset": ((246, 150, 98), (255, 222, 158), (250, 140, 84), 0.14),
    "night": ((20, 26, 66), (72, 84, 146), (34, 44, 104), 0.42),
}


def tint(light: str, strength: float = 1.0) -> Callable[[Colour], Colour]:
    """A function that changes a colour as the light does."""
    _, _, tone, share = LIGHTS[light]
    return lambda colour: mix(colour, tone, share * strength)


class Backdrop:
    """A square canvas, and methods that paint what several places have in common."""

    def __init__(self, canvas: Image.Image, light: str, rng: Random):
        self.canvas, self.light, self.rng = canvas, light, rng
        self.tint = tint(light)
        self.zenith, self.far = LIGHTS[light][:2]
        self.size = canvas.width

    def gradient(self, top: float, bottom: float, above: Colour, below: Colour) -> None:
        """Fills a band of the whole width."""
        first, last = round(top * self.size), round(bottom * self.size)
        ramp = Image.linear_gradient("L").resize((1, last - first))
        column = Image.composite(*(Image.new("RGB", ramp.size, c) for c in (below, above)), ramp)
        band = column.resize((self.size, last - first), Image.Resampling.NEAREST)
        self.canvas.paste(band, (0, first))

    def sky(self, horizon: float) -> None:
        """The sky down to `horizon`, with stars at night."""
        self.gradient(0, horizon, self.zenith, self.far)
        if self.light == "night":
            draw = ImageDraw.Draw(self.canvas)
            for _ in range(36):
                x, y = self.rng.random() * self.size, self.rng.random() * horizon * self.size
                r = self.rng.choice((0.0016, 0.0024, 0.0036)) * self.size
                colour = mix((255, 250, 224), self.zenith, y / self.size)
                draw.ellipse((x - r, y - r, x + r, y + r), colour)

    def ground(self, horizon: float, above: Colour, below: Colour) -> None:
        """The ground from `horizon` down."""
        self.gradient(horizon, 1, self.tint(above), self.tint(below))

    def paint(self, pen: Pen) -> None:
        """Paints a pen whose unit is the picture, with y up from its lower edge."""
        paint(self.canvas, pen, Transform(0, self.size, self.size), self.tint)

    def hills(self, base: float, height: float, colour: Colour, waves: int, shading=0.1) -> None:
        """A range of hills across the picture, down to `base` (from the top)."""
        steps = [i / waves for i in range(-1, waves + 2)]
        tops = [(x, 1 - base + height * self.rng.uniform(0.25, 1.0)) for x in steps]
        pen = Pen()
        pen.polygon([*smooth(tops), (1.5, 1 - base), (-0.5, 1 - base)], colour, shading)
        self.paint(pen)

    def band(self, y: float, sway: float, colour: Colour) -> None:
        """Fills everything below a wavy edge at `y` (from the top)."""
        xs = [-0.1, 0.15, 0.4, 0.65, 0.9, 1.15]
        edge = smooth([(x, 1 - y + sway * self.rng.uniform(-1, 1)) for x in xs])
        pen = Pen()
        pen.polygon([*edge, (1.15, 0.0), (-0.1, 0.0)], colour)
        self.paint(pen)

    def scatter(self, count: int, top: float, draw: Callable[[Pen, float, float, float], None]):
        """Calls `draw(pen, x, y, scale)` at random points of the ground; nearer ones are larger."""
        pen = Pen()
        for _ in range(count):
            depth = self.rng.random() ** 0.8
            draw(pen, self.rng.random(), (1 - top) * (1 - depth), 0.5 + 0.7 * depth)
        self.paint(pen)

    def waves(self, top: float, bottom: float, count: int, colour: Colour) -> None:
        """Short crests between `top` and `bottom` (from the top)."""
        pen = Pen()
        for _ in range(count):
            depth = self.rng.random()
            x, y = self.rng.random(), 1 - top - (bottom - top) * depth
            crest = moved("-1,0 -.4,.005 .3,0 1,.003", x, y, 0.02 + 0.035 * depth)
            pen.line(crest, [0.002, 0.006, 0.006, 0.002], colour)
        self.paint(pen)


def falling(canvas: Image.Image, light: str, rng: Random) -> None:
    """Paints rain or snow over everything."""
    size, veil = canvas.width, Image.new("L", canvas.size)
    draw = ImageDraw.Draw(veil)
    if light == "rain":
        for _ in range(70):
            x, y = rng.uniform(-0.05, 1.1) * size, rng.uniform(-0.05, 1) * size
            length = rng.uniform(0.02, 0.045) * size
            drop = (x, y, x - length * 0.25, y + length)
            draw.line(drop, fill=rng.randint(70, 130), width=max(1, size // 220))
        canvas.paste((226, 236, 246), (0, 0), veil)
    elif light == "snow":
        for _ in range(80):
            x, y, r = rng.random() * size, rng.random() * size, rng.uniform(0.003, 0.008) * size
            draw.ellipse((x - r, y - r, x + r, y + r), fill=rng.randint(150, 245))
        canvas.paste((255, 255, 255), (0, 0), veil)
