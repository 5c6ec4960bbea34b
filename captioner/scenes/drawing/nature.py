"""How plants, the sky's objects and a snowman are drawn: about 1 high, from the ground at 0."""

from random import Random

from captioner.scenes.drawing.pen import Colour, Pen, darker, lighter, moved, path, polar

TRUNK = (134, 94, 66)
STEM = (84, 148, 84)
SNOW = (248, 250, 254)


def tree(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.polygon("-.065,0 .065,0 .04,.5 -.04,.5", TRUNK, 0.1)
    pen.limb("0,.3 .13,.46", [0.05, 0.03], darker(TRUNK, 0.1))
    if rng.random() < 0.5:
        pen.oval(0, 0.65, 0.32, 0.35, c)
        pen.oval(-0.08, 0.72, 0.2, 0.22, lighter(c, 0.14))
        leaves = path(".12,.55 -.16,.5 .02,.44 .17,.74")
    else:
        crown = ((-0.22, 0.55, 0.21), (0.23, 0.55, 0.2), (0.0, 0.76, 0.24), (0.0, 0.52, 0.22))
        for x, y, r in crown:
            pen.oval(x, y, r, r * 0.95, darker(c, 0.08))
        for x, y, r in ((-0.2, 0.6, 0.15), (-0.02, 0.8, 0.17), (0.2, 0.6, 0.13)):
            pen.oval(x, y, r, r * 0.9, lighter(c, 0.1))
        leaves = path(".1,.5 -.1,.46 .26,.46 .06,.66")
    for x, y in leaves:
        pen.limb(moved("-.035,.01 0,-.015 .035,.01", x, y), 0.018, darker(c, 0.25))


def snowy_tree(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.box(-0.05, 0, 0.05, 0.2, TRUNK)
    for bottom, top, half in ((0.12, 0.5, 0.32), (0.34, 0.74, 0.26), (0.56, 1.0, 0.19)):
        sag = bottom - 0.02
        outline = [(-half, bottom), (-half * 0.45, sag), (0, bottom - 0.01), (half * 0.45, sag)]
        pen.polygon([*outline, (half, bottom), (0, top)], c, 0.16)
        pen.polygon([(half, bottom), (half * 0.45, sag), (0, bottom), (0, top)], darker(c, 0.14))
        low, edge = bottom + 0.02, bottom + (top - bottom) * 0.3
        hem = [(-half, bottom), (-half * 0.6, low), (-half * 0.3, bottom), (0, low + 0.02)]
        hem += [(half * 0.3, bottom), (half * 0.6, low), (half, bottom)]
        pen.polygon([*hem, (half * 0.7, edge), (0, low + 0.07), (-half * 0.7, edge)], SNOW)
    pen.polygon("0,1 -.1,.8 -.03,.83 .02,.79 .1,.8", SNOW)


def palm(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    trunk = (178, 134, 92)
    pen.limb("-.1,0 -.06,.35 .08,.72", [0.12, 0.08, 0.06], trunk)
    for t in (0.12, 0.26, 0.4, 0.54):
        x = -0.1 + 0.16 * t + 0.12 * t * t
        pen.line([(x - 0.035, t), (x + 0.035, t - 0.015)], 0.014, darker(trunk, 0.25))
    leaves = ((200, 0.36), (-20, 0.38), (165, 0.42), (15, 0.42), (120, 0.34), (65, 0.34))
    for angle, length in leaves:
        u, v = polar(0, 0, 1, angle)
        tip = (0.08 + u * length, 0.74 + v * length * 0.6 - 0.1)
        middle = (0.08 + u * length * 0.55, 0.77 + v * length * 0.62 + 0.04)
        tone = darker(c, 0.16) if angle in (200, -20, 120) else c
        pen.limb([(0.08, 0.73), middle, tip], [0.06, 0.11, 0.015], tone)
    for x in (0.04, 0.12):
        pen.dot(x, 0.7, 0.03, (112, 76, 52))


def flower(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pen.line("0,0 .03,.3 0,.66", 0.06, STEM)
    pen.blob(".02,.1 .14,.34 .3,.38 .18,.18", STEM)
    pen.blob(".02,.05 -.14,.24 -.28,.26 -.16,.1", darker(STEM, 0.12))
    if rng.random() < 0.4:  # a tulip
        pen.blob("-.2,.98 -.22,.74 0,.58 .22,.74 .2,.98 .09,.84", c)
        pen.blob("0,1 -.11,.78 0,.6 .11,.78", lighter(c, 0.2))
        return
    for i in range(6):
        angle = 60 * i + 10
        x, y = polar(0, 0.74, 0.18, angle)
        pen.oval(x, y, 0.15, 0.1, darker(c, 0.1 * (i % 2)), turn=angle)
    middle = (250, 206, 84) if c[2] > 100 or c[1] < 120 else (150, 92, 56)
    pen.oval(0, 0.74, 0.11, 0.11, middle)


def cloud(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    shapes = (
        ((-0.7, 0.3, 0.3), (-0.3, 0.55, 0.42), (0.25, 0.62, 0.38), (0.72, 0.32, 0.32)),
        ((-0.8, 0.26, 0.26), (-0.42, 0.42, 0.34), (0.1, 0.6, 0.44), (0.7, 0.32, 0.32)),
        ((-0.55, 0.34, 0.34), (0.0, 0.6, 0.42), (0.55, 0.34, 0.34)),
    )
    puffs = rng.choice(shapes)
    left, right = puffs[0][0], puffs[-1][0]
    for x, y, r in puffs:
        pen.oval(x, y, r, r, darker(c, 0.06), shading=0.05)
    pen.box(left - 0.1, 0, right + 0.1, 0.4, darker(c, 0.06), radius=0.2, shading=0.03)
    for x, y, r in puffs:
        pen.oval(x - 0.04, y + 0.05, r * 0.8, r * 0.78, c, shading=0.03)


def sun(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    if rng.random() < 0.5:
        for i in range(12):
            u, v = polar(0, 0, 1, 30 * i + 8)
            ray = [(0.38 * u - 0.05 * v, 0.5 + 0.38 * v + 0.05 * u), (0.52 * u, 0.5 + 0.52 * v)]
            pen.polygon([*ray, (0.38 * u + 0.05 * v, 0.5 + 0.38 * v - 0.05 * u)], lighter(c, 0.15))
    pen.oval(0, 0.5, 0.34, 0.34, c)
    pen.oval(0, 0.5, 0.27, 0.27, lighter(c, 0.22))


def moon(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    if rng.random() < 0.5:  # full
        pen.oval(0, 0.5, 0.5, 0.5, c)
        craters = ((-0.16, 0.6, 0.11), (0.2, 0.42, 0.14), (0.06, 0.78, 0.08), (-0.18, 0.28, 0.08))
        for x, y, r in craters:
            pen.dot(x, y, r, darker(c, 0.12))
        return
    outer = [polar(0.0, 0.5, 0.5, angle) for angle in range(50, 311, 10)]
    inner = [polar(0.2, 0.5, 0.41, angle) for angle in range(290, 69, -10)]
    pen.polygon(outer + inner, c, 0.08)


def snowman(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    coal, scarf = (52, 50, 60), rng.choice(((224, 70, 64), (62, 124, 214), (82, 168, 88)))
    for side in (-1, 1):
        pen.limb([(side * 0.16, 0.48), (side * 0.42, 0.66)], [0.03, 0.022], TRUNK)
        pen.limb([(side * 0.36, 0.62), (side * 0.44, 0.58)], 0.02, TRUNK)
    pen.oval(0, 0.2, 0.27, 0.22, c, shading=0.2)
    pen.oval(0, 0.48, 0.2, 0.18, c, shading=0.2)
    pen.oval(0, 0.72, 0.145, 0.14, c, shading=0.16)
    pen.limb("-.12,.62 0,.585 .12,.62", 0.06, scarf)
    pen.limb(".07,.6 .1,.45", [0.055, 0.06], darker(scarf, 0.15))
    pen.box(-0.17, 0.82, 0.17, 0.855, coal, radius=0.015)
    pen.box(-0.11, 0.84, 0.11, 1.0, coal, radius=0.02)
    pen.box(-0.11, 0.86, 0.11, 0.895, scarf, shading=0)
    for x in (-0.05, 0.06):
        pen.dot(x, 0.755, 0.018, coal)
    pen.polygon("-.01,.735 .17,.7 -.01,.69", (244, 146, 50))
    for y in (0.53, 0.45, 0.26):
        pen.dot(0.01, y, 0.02, coal)
