"""How vehicles, toys, houses and furniture are drawn: about 1 high, from the ground at 0."""

import math
from random import Random

from captioner.scenes.drawing.pen import Colour, Pen, darker, lighter, mix, path, polar

INK = (52, 50, 60)
GLASS = (190, 224, 240)
CREAM = (250, 240, 220)
WOOD = (170, 120, 78)
STEEL = (176, 182, 192)
LAMP = (255, 226, 140)


def _wheel(pen: Pen, x: float, y: float, r: float) -> None:
    pen.dot(x, y, r, INK)
    pen.oval(x, y, r * 0.55, r * 0.55, STEEL, shading=0.1)


def car(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    if rng.random() < 0.5:
        cabin = path("-.72,.5 -.5,.98 .22,1 .6,.52")
    else:
        cabin = path("-.98,.5 -.86,.96 .2,1 .58,.52")
    (a, low), (b, high), (d, _), (e, _) = cabin
    roof = [(a, low), (b, high - 0.06), (b + 0.08, high), (d - 0.1, high), (d, high - 0.05)]
    pen.polygon([*roof, (e, low)], c, 0.08)
    pen.polygon("-1.12,.24 -1.12,.5 -1.02,.58 .62,.58 1.02,.5 1.14,.38 1.14,.2 -1.06,.2", c, 0.14)
    middle, top = (b + d) / 2 - 0.06, high - 0.08
    rear = [(a + 0.16, 0.57), (b + 0.12, top), (middle, top), (middle, 0.57)]
    front = [(middle + 0.08, 0.57), (middle + 0.08, top), (d - 0.08, top), (e - 0.16, 0.57)]
    for window in (rear, front):
        pen.polygon(window, GLASS, 0.1)
    pen.box(-1.16, 0.2, 1.16, 0.27, darker(c, 0.4), radius=0.03, shading=0)
    pen.box(middle + 0.12, 0.46, middle + 0.26, 0.49, darker(c, 0.35), shading=0)
    pen.oval(1.06, 0.43, 0.06, 0.07, LAMP, shading=0)
    pen.box(-1.13, 0.4, -1.05, 0.5, (224, 84, 74), shading=0)
    for x in (-0.62, 0.64):
        pen.oval(x, 0.2, 0.27, 0.25, darker(c, 0.5), shading=0)
        _wheel(pen, x, 0.2, 0.2)


def bus(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.box(-1.1, 0.1, 1.1, 1.0, c, radius=0.1, shading=0.12)
    pen.box(-1.1, 0.34, 1.1, 0.41, lighter(c, 0.7), shading=0)
    for x in (-1.0, -0.66, -0.32, 0.02):
        pen.box(x, 0.52, x + 0.28, 0.84, GLASS, radius=0.03, shading=0.12)
    pen.box(0.38, 0.16, 0.66, 0.84, mix(GLASS, INK, 0.12), radius=0.03)
    pen.box(0.51, 0.16, 0.53, 0.84, darker(c, 0.3), shading=0)
    pen.box(0.76, 0.5, 1.08, 0.86, GLASS, radius=0.04, shading=0.12)
    pen.oval(1.04, 0.24, 0.05, 0.06, LAMP, shading=0)
    pen.box(-1.1, 0.1, 1.1, 0.16, darker(c, 0.4), radius=0.03, shading=0)
    for x in (-0.68, 0.74):
        _wheel(pen, x, 0.14, 0.16)


def bicycle(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """The saddle is at (-0.25, 0.92), the handlebars are at (0.48, 1.0)."""
    for x in (-0.58, 0.58):
        for degrees in (20, 65, 110, 155):  # spokes
            pen.line([polar(x, 0.42, r, degrees) for r in (-0.38, 0.38)], 0.018, STEEL)
        pen.line([polar(x, 0.42, 0.39, degrees) for degrees in range(0, 361, 20)], 0.075, INK)
    frame = ("-.58,.42 -.05,.4", "-.58,.42 -.2,.78", "-.05,.4 -.23,.88")
    for tube in (*frame, "-.2,.78 .42,.8", "-.05,.4 .42,.78", ".58,.42 .4,1"):
        pen.line(tube, 0.085, c)
    pen.line("-.38,.92 -.1,.92", [0.11, 0.07], INK)
    pen.line(".38,1 .46,1.03 .56,.98", 0.06, INK)
    pen.dot(-0.05, 0.4, 0.085, INK)


def boat(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.limb("0,.1 0,.98", 0.035, WOOD)
    sail = rng.choice((CREAM, (255, 255, 255), lighter(c, 0.75)))
    pen.blob(".04,.96 .2,.7 .44,.33 .04,.32 .05,.6", sail)
    pen.polygon("-.04,.86 -.34,.34 -.04,.32", darker(sail, 0.1), 0.08)
    pen.polygon("0,.99 0,.92 -.13,.95", c)
    pen.polygon("-.52,.26 .56,.26 .42,.02 .34,-.02 -.34,-.02 -.42,.04", c, 0.14)
    pen.polygon("-.52,.26 .56,.26 .53,.2 -.5,.2", lighter(c, 0.6))


def plane(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.polygon("-.2,.56 -.62,.9 -.4,.9 .22,.58", darker(c, 0.25))
    pen.polygon("-1.1,.62 -1.28,1 -1.04,1 -.76,.6", darker(c, 0.12))
    pen.blob("-1.12,.56 -.6,.68 .5,.7 1.02,.56 1.06,.42 .5,.3 -.5,.34", c)
    pen.blob(".72,.64 .98,.56 .82,.52 .66,.54", GLASS)
    for x in (-0.5, -0.24, 0.02, 0.28):
        pen.dot(x, 0.55, 0.055, GLASS)
    pen.polygon(".28,.42 -.1,.42 -.62,.02 -.36,.02", lighter(c, 0.3), 0.1)
    pen.polygon("-.86,.54 -1.24,.42 -1.02,.42 -.6,.5", lighter(c, 0.2))


def kite(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """Without its string."""
    pen.line("0,.22 .07,.12 -.05,.02 .03,-.1", 0.025, darker(c, 0.2))
    for x, y in ((0.06, 0.11), (-0.03, 0.0)):
        pen.polygon([(x, y), (x - 0.1, y + 0.05), (x - 0.1, y - 0.05)], lighter(c, 0.35))
        pen.polygon([(x, y), (x + 0.1, y + 0.05), (x + 0.1, y - 0.05)], lighter(c, 0.35))
    pen.polygon("0,1 -.32,.66 0,.2", c, 0.08)
    pen.polygon("0,1 .32,.66 0,.2", lighter(c, 0.3), 0.08)
    pen.polygon("-.32,.66 0,.66 0,.2", darker(c, 0.15))
    pen.polygon(".32,.66 0,.66 0,.2", c)


def balloon(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """Without its string, which begins at (0, 0.12)."""
    pen.polygon("0,.2 -.09,.1 .09,.1", darker(c, 0.25))
    half = path(".2,.28 .35,.5 .38,.72 .27,.92")
    pen.blob([(0, 0.16), *half, (0, 1.0), *((-x, y) for x, y in reversed(half))], c, 0.2)
    pen.oval(-0.16, 0.76, 0.06, 0.13, lighter(c, 0.65), turn=-25, shading=0)


def ball(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """A beach ball, whose panels meet in a pole."""
    pen.oval(0, 0.5, 0.5, 0.5, c, shading=0.18)
    start, pole = rng.randrange(0, 60, 20), (-0.08, 0.62)
    for first in range(start, start + 360, 120):
        rim = [polar(0, 0.5, 0.5, degrees) for degrees in range(first, first + 41, 8)]
        pen.polygon([pole, *rim], CREAM, 0.1)
    pen.dot(*pole, 0.07, c)
    pen.oval(-0.22, 0.78, 0.1, 0.06, lighter(c, 0.6), turn=35, shading=0)


def umbrella(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """A parasol on the ground, or, "held", an umbrella with a short handle at (0, 0.15)."""
    low = 0.1 if pose == "held" else 0.0
    pen.line([(0, low), (0, 0.95)], 0.045, WOOD)
    if pose == "held":
        pen.line("0,.12 .03,.06 .08,.1", 0.045, WOOD)
    rim, curve = 0.58, [(t, (1 - t * t) ** 0.5) for t in (0, 0.3, 0.6, 0.8, 0.92, 1)]
    edges = [-0.62, -0.31, 0, 0.31, 0.62]
    for i, (left, right) in enumerate(zip(edges, edges[1:], strict=False)):
        rising = [(left * across, rim + 0.4 * t) for t, across in curve]
        falling = [(right * across, rim + 0.4 * t) for t, across in reversed(curve)]
        scallop = [
            (right - (right - left) * t, rim + 0.05 * math.sin(math.pi * t))
            for t in (0.25, 0.5, 0.75)
        ]
        pen.polygon([*rising, *falling, *scallop], lighter(c, 0.72) if i % 2 else c, 0.1)
    pen.line("0,.97 0,1.03", 0.04, WOOD)


def house(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """In the colour of its walls; "lit": with light in the windows."""
    roof = rng.choice(((148, 84, 70), (96, 88, 106), (120, 72, 64)))
    pane = LAMP if pose == "lit" else GLASS
    wide = rng.choice((0.44, 0.5))
    pen.box(wide * 0.4, 0.72, wide * 0.4 + 0.1, 0.98, darker(roof, 0.2))
    pen.box(-wide, 0, wide, 0.6, c, shading=0.1)
    pen.polygon([(-wide - 0.08, 0.56), (wide + 0.08, 0.56), (0, 1.0)], roof, 0.12)
    eaves = [(-wide - 0.08, 0.56), (wide + 0.08, 0.56), (wide + 0.03, 0.6), (-wide - 0.03, 0.6)]
    pen.polygon(eaves, darker(roof, 0.25))
    pen.box(-0.09, 0, 0.11, 0.32, darker(c, 0.55), radius=0.02)
    pen.dot(0.07, 0.15, 0.015, LAMP)
    for x in (-wide + 0.08, wide - 0.24):
        pen.box(x - 0.02, 0.2, x + 0.18, 0.42, CREAM, shading=0)
        pen.box(x, 0.22, x + 0.16, 0.4, pane)
        pen.box(x + 0.072, 0.22, x + 0.088, 0.4, CREAM, shading=0)
    pen.dot(0, 0.74, 0.085, CREAM)
    pen.dot(0, 0.74, 0.065, pane)


def tent(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.polygon("-.3,1 .42,.92 1,0 .3,0", darker(c, 0.25), 0.1)
    pen.polygon("-.3,1 -.9,0 .34,0", c, 0.12)
    pen.polygon("-.3,.78 -.56,0 -.02,0", INK if pose != "lit" else LAMP)
    pen.polygon("-.3,.78 -.56,0 -.42,0", lighter(c, 0.4))
    pen.limb("-.3,.98 -.3,1.06", 0.04, WOOD)


def bench(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """The seat is 0.5 high."""
    for x in (-0.8, 0.8):
        pen.line([(x, 0), (x, 0.98)], 0.08, INK)
        pen.line([(x * 1.08, 0), (x * 1.08, 0.46)], 0.08, INK)
    for y in (0.62, 0.82):
        pen.box(-1.02, y, 1.02, y + 0.14, c, radius=0.03)
    pen.box(-1.06, 0.42, 1.06, 0.54, lighter(c, 0.12), radius=0.03)


def lamp(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.box(-0.14, 0, 0.14, 0.03, INK, radius=0.015)
    pen.box(-0.018, 0.02, 0.018, 0.72, INK, shading=0)
    pen.polygon("-.2,.66 .2,.66 .11,1 -.11,1", c, 0.14)
    pen.box(-0.2, 0.655, 0.2, 0.685, lighter(c, 0.5), shading=0)


def chair(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """The seat is 0.46 high."""
    for x in (-0.24, 0.2):
        pen.line([(x, 0.42), (x, 0.02)], 0.06, darker(c, 0.35))
    pen.box(-0.31, 0.4, -0.23, 1.0, darker(c, 0.15), radius=0.04)
    pen.box(-0.29, 0.66, -0.21, 0.96, c, radius=0.03)
    for x in (-0.3, 0.3):
        pen.line([(x, 0.42), (x, 0.02)], 0.07, darker(c, 0.1))
    pen.box(-0.34, 0.38, 0.36, 0.47, c, radius=0.04)


def table(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    for x in (-0.66, 0.66):
        pen.limb([(x, 0.9), (x * 1.06, 0.03)], [0.12, 0.08], darker(c, 0.15))
    pen.box(-0.76, 0.78, 0.76, 0.9, darker(c, 0.22), shading=0)
    pen.box(-0.9, 0.88, 0.9, 1.0, c, radius=0.04)


def sofa(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """The seat is 0.5 high."""
    for x in (-0.9, 0.9):
        pen.line([(x, 0.14), (x, 0.02)], 0.08, WOOD)
    pen.box(-0.98, 0.3, 0.98, 1.0, darker(c, 0.14), radius=0.16)
    pen.box(-0.95, 0.1, 0.95, 0.4, darker(c, 0.22), radius=0.06)
    for x in (-0.82, 0.01):
        pen.box(x, 0.34, x + 0.81, 0.54, c, radius=0.07)
        pen.box(x + 0.02, 0.54, x + 0.79, 0.92, lighter(c, 0.06), radius=0.09, shading=0.06)
    for x in (-1.12, 0.82):
        pen.box(x, 0.1, x + 0.3, 0.68, c, radius=0.13)


def cup(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.line(".3,.66 .62,.62 .56,.3 .28,.24", 0.12, darker(c, 0.15))
    pen.blob("-.42,.86 -.38,.3 -.2,.02 .2,.02 .38,.3 .42,.86 0,.9", c)
    pen.oval(0, 0.87, 0.42, 0.1, lighter(c, 0.5), shading=0)
    pen.oval(0, 0.86, 0.34, 0.07, (122, 82, 60), shading=0)


def clock(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.oval(0, 0.5, 0.5, 0.5, c)
    pen.oval(0, 0.5, 0.4, 0.4, (252, 250, 244), shading=0.05)
    for hour in range(12):
        pen.dot(*polar(0, 0.5, 0.33, 30 * hour), 0.028, INK)
    for length in (0.2, 0.3):
        pen.line([(0, 0.5), polar(0, 0.5, length, 30 * rng.randrange(12))], 0.055, INK)


def picture(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """In the colour of its frame."""
    pen.box(-0.62, 0, 0.62, 1, c, radius=0.03)
    pen.box(-0.5, 0.12, 0.5, 0.88, (250, 246, 234), shading=0)
    pen.box(-0.42, 0.2, 0.42, 0.8, (168, 210, 232), shading=0.1)
    pen.polygon("-.42,.2 -.42,.36 -.14,.62 .12,.34 .26,.48 .42,.34 .42,.2", (122, 170, 120), 0.08)
    pen.dot(0.22, 0.66, 0.08, (250, 214, 110))
