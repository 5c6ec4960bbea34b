"""How animals with fur are drawn: they look to the right, about 1 high, on the ground at 0."""

from random import Random

from captioner.scenes.drawing.pen import Colour, Pen, darker, lighter, mix, path

INK = (44, 40, 52)
WHITE = (252, 250, 246)
ROSE = (240, 150, 160)


def eye(pen: Pen, x: float, y: float, radius: float, colour: Colour = (0, 0, 0)) -> None:
    """A dark eye with a glint; on dark fur it has a light ring."""
    if sum(colour) < 300:
        pen.dot(x, y, radius * 1.5, mix(colour, WHITE, 0.75))
    pen.dot(x, y, radius, INK)
    pen.dot(x - radius * 0.3, y + radius * 0.35, radius * 0.38, WHITE)


def _shut(pen: Pen, x: float, y: float, width: float, colour: Colour) -> None:
    """An eye that sleeps."""
    line = mix(colour, WHITE, 0.7) if sum(colour) < 300 else INK
    path = [(x - width, y), (x, y - width * 0.6), (x + width, y)]
    pen.limb(path, width * 0.5, line)


def _dog_head(pen: Pen, x: float, y: float, c: Colour, upright: bool, asleep=False) -> None:
    pen.oval(x, y, 0.2, 0.18, c)
    pen.oval(x + 0.17, y - 0.06, 0.13, 0.09, lighter(c, 0.4))
    pen.oval(x + 0.27, y - 0.02, 0.045, 0.04, INK, shading=0)
    if asleep:
        _shut(pen, x + 0.07, y + 0.03, 0.05, c)
    else:
        eye(pen, x + 0.07, y + 0.05, 0.035, c)
    if upright:
        ear = [(x - 0.18, y + 0.08), (x - 0.12, y + 0.32), (x + 0.03, y + 0.14)]
        pen.polygon(ear, darker(c, 0.35))
    else:
        ear = [
            (x - 0.16, y + 0.13),
            (x - 0.02, y + 0.12),
            (x - 0.05, y - 0.1),
            (x - 0.16, y - 0.19),
        ]
        pen.blob([*ear, (x - 0.23, y - 0.06)], darker(c, 0.35))


def dog(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far, pale, upright = darker(c, 0.28), lighter(c, 0.4), rng.random() < 0.35
    if pose == "sleeps":
        pen.limb("-.5,.12 -.75,.1 -.85,.2", [0.12, 0.1, 0.06], far)
        pen.blob("-.62,.04 -.58,.36 -.2,.47 .2,.42 .4,.2 .35,0", c)
        pen.oval(-0.38, 0.2, 0.25, 0.21, c)
        pen.limb(".25,.07 .62,.06", 0.13, pale)
        _dog_head(pen, 0.5, 0.26, c, upright, asleep=True)
        pen.limb("-.35,.06 -.08,.06", 0.12, pale)
        return
    if pose == "sits":
        pen.limb("-.3,.1 -.55,.12 -.66,.34", [0.12, 0.1, 0.06], far)
        pen.limb(".12,.5 .2,.25 .18,.06", [0.16, 0.12, 0.1], far)
        pen.blob("-.42,.05 -.4,.34 -.12,.68 .12,.8 .27,.55 .12,.06", c)
        pen.oval(-0.2, 0.19, 0.26, 0.19, c)
        pen.limb(".08,.45 .1,.22 .12,.05", [0.16, 0.13, 0.11], c)
        pen.limb(".1,.05 .2,.05", 0.1, pale)
        pen.limb("-.2,.05 0,.05", 0.1, pale)
        _dog_head(pen, 0.17, 0.88, c, upright)
        return
    tail = path("-.42,.66 -.62,.78 -.68,.97")
    if pose == "runs":
        tail = path("-.42,.66 -.66,.74 -.86,.72")
        legs = [path("-.34,.48 -.55,.3 -.8,.2"), path(".3,.48 .55,.36 .78,.22")]
        near = [path("-.36,.5 -.36,.26 -.6,.05"), path(".26,.5 .36,.26 .62,.1")]
    else:
        legs = [path("-.3,.5 -.34,.27 -.28,.05"), path(".32,.48 .36,.25 .35,.05")]
        near = [path("-.38,.5 -.46,.28 -.42,.05"), path(".22,.5 .22,.25 .22,.05")]
    pen.limb(tail, [0.13, 0.1, 0.05], far)
    for leg in legs:
        pen.limb(leg, [0.2, 0.12, 0.09], far)
    body = path("-.5,.54 -.4,.7 0,.7 .3,.76 .44,.6 .3,.4 0,.42")
    pen.blob([*body, (-0.35, 0.4)], c)
    pen.limb(".28,.62 .42,.84", [0.3, 0.25], c)
    for leg in near:
        pen.limb(leg, [0.2, 0.13, 0.1], c)
        x, y = leg[-1]
        pen.limb([(x, y), (x + 0.07, y)], 0.1, pale)
    _dog_head(pen, 0.46, 0.92, c, upright)


def _cat_head(pen: Pen, x: float, y: float, c: Colour, asleep=False) -> None:
    for side in (-1, 1):
        ear = [(x + side * 0.2, y + 0.04), (x + side * 0.18, y + 0.3), (x + side * 0.02, y + 0.16)]
        pen.polygon(ear, c)
        inner = [
            (x + side * 0.17, y + 0.1),
            (x + side * 0.16, y + 0.23),
            (x + side * 0.07, y + 0.15),
        ]
        pen.polygon(inner, ROSE)
    pen.oval(x, y, 0.22, 0.18, c)
    pen.oval(x, y - 0.08, 0.1, 0.07, lighter(c, 0.5))
    for side in (-1, 1):
        if asleep:
            _shut(pen, x + side * 0.09, y + 0.03, 0.045, c)
        else:
            eye(pen, x + side * 0.09, y + 0.03, 0.034, c)
    pen.polygon([(x - 0.03, y - 0.03), (x + 0.03, y - 0.03), (x, y - 0.065)], ROSE)


def cat(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far, pale, stripe = darker(c, 0.28), lighter(c, 0.5), darker(c, 0.2)
    if pose == "sleeps":
        pen.oval(-0.05, 0.24, 0.55, 0.25, c)
        for x in (-0.3, -0.14, 0.02):
            pen.limb([(x, 0.46), (x - 0.03, 0.34)], 0.05, stripe)
        pen.limb("-.52,.2 -.42,.06 0,.06 .2,.07", [0.13, 0.13, 0.12, 0.1], far)
        _cat_head(pen, 0.34, 0.25, c, asleep=True)
        return
    if pose == "sits":
        pen.limb("-.2,.1 -.5,.1 -.58,.34 -.48,.5", [0.12, 0.11, 0.1, 0.08], far)
        pen.blob("-.36,.04 -.34,.3 -.14,.62 .12,.68 .22,.4 .2,.02", c)
        pen.oval(-0.16, 0.18, 0.22, 0.17, c)
        pen.blob(".02,.5 .16,.52 .18,.28 .08,.26", pale)
        for x in (0.02, 0.16):
            pen.limb([(x, 0.3), (x + 0.02, 0.05)], 0.1, c)
            pen.limb([(x + 0.01, 0.045), (x + 0.05, 0.045)], 0.09, pale)
        _cat_head(pen, 0.12, 0.76, c)
        return
    pen.limb("-.5,.5 -.72,.6 -.68,.86 -.78,1", [0.11, 0.1, 0.1, 0.08], far)
    for top, foot in ((-0.32, -0.24), (0.3, 0.38)):
        pen.limb([(top, 0.4), (foot, 0.05)], [0.16, 0.09], far)
    pen.blob("-.54,.46 -.4,.62 .1,.58 .42,.62 .4,.36 0,.32 -.42,.32", c)
    for x in (-0.25, -0.1, 0.05):
        pen.limb([(x, 0.59), (x - 0.02, 0.47)], 0.05, stripe)
    for top, foot in ((-0.4, -0.44), (0.24, 0.2)):
        pen.limb([(top, 0.42), (foot, 0.06)], [0.18, 0.1], c)
        pen.limb([(foot, 0.045), (foot + 0.06, 0.045)], 0.09, pale)
    _cat_head(pen, 0.46, 0.72, c)


def horse(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far, mane = darker(c, 0.25), darker(c, 0.6) if sum(c) < 600 else (176, 168, 168)
    hoof = darker(mane, 0.4)
    if pose == "runs":
        legs = [path("-.3,.45 -.52,.3 -.66,.12"), path(".24,.45 .46,.36 .48,.16")]
        near = [path("-.32,.46 -.26,.24 -.44,.05"), path(".2,.46 .4,.27 .6,.14")]
        tail = path("-.42,.66 -.62,.68 -.82,.56")
    else:
        legs = [path("-.26,.45 -.28,.24 -.24,.05"), path(".26,.45 .28,.24 .27,.05")]
        near = [path("-.34,.46 -.39,.24 -.36,.05"), path(".18,.46 .17,.24 .17,.05")]
        tail = path("-.42,.66 -.56,.5 -.54,.22")
    pen.limb(tail, [0.08, 0.13, 0.05], mane)
    for leg in legs:
        pen.limb(leg, [0.16, 0.08, 0.06], far)
        pen.limb([leg[-1], (leg[-1][0] + 0.03, leg[-1][1] - 0.01)], 0.075, hoof)
    pen.blob("-.45,.56 -.36,.7 0,.65 .28,.7 .36,.52 .2,.39 -.1,.38 -.36,.4", c)
    grazing = pose == "eats"
    head = (0.66, 0.2) if grazing else (0.56, 0.98)
    neck = [(0.22, 0.6), (0.45, 0.46), head] if grazing else path(".2,.58 .38,.82 .48,.96")
    for leg in near:
        pen.limb(leg, [0.18, 0.09, 0.065], c)
        pen.limb([leg[-1], (leg[-1][0] + 0.03, leg[-1][1] - 0.01)], 0.08, hoof)
    pen.limb(neck, [0.32, 0.23, 0.18], c, shading=0.1)
    x, y = head
    if grazing:
        pen.limb(".24,.72 .44,.6 .6,.36", [0.1, 0.11, 0.05], mane)
        pen.limb([(x - 0.02, y + 0.06), (x + 0.08, y - 0.12)], [0.19, 0.12], c)
        pen.polygon([(x - 0.06, y + 0.1), (x - 0.08, y + 0.24), (x + 0.03, y + 0.15)], c)
        eye(pen, x + 0.03, y + 0.05, 0.024, c)
        return
    pen.limb(".14,.74 .3,.94 .46,1.08", [0.07, 0.13, 0.08], mane)
    pen.limb([(x - 0.05, y + 0.02), (x + 0.2, y - 0.14)], [0.2, 0.12], c)
    pen.limb([(x + 0.19, y - 0.13), (x + 0.2, y - 0.15)], 0.125, lighter(c, 0.3))
    pen.polygon([(x - 0.1, y + 0.08), (x - 0.08, y + 0.22), (x + 0.01, y + 0.1)], c)
    eye(pen, x + 0.02, y + 0.02, 0.026, c)


def sheep(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    face = (70, 62, 68) if sum(c) > 400 else (206, 194, 186)
    for x in (-0.24, 0.3):
        pen.limb([(x, 0.35), (x, 0.04)], [0.11, 0.08], darker(face, 0.35))
    for x in (-0.36, 0.18):
        pen.limb([(x, 0.35), (x, 0.04)], [0.12, 0.09], face)
    lumps = path("-.46,.5 -.36,.72 -.12,.8 .14,.8 .36,.72 .44,.5")
    lumps += path(".28,.36 .02,.33 -.26,.35")
    for x, y in lumps:
        pen.oval(x, y, 0.19, 0.18, darker(c, 0.07))
    pen.oval(-0.02, 0.56, 0.46, 0.28, c, shading=0.1)
    for x, y in ((-0.25, 0.62), (0.02, 0.52), (0.18, 0.66), (-0.08, 0.7)):
        pen.limb([(x - 0.07, y), (x, y - 0.05), (x + 0.07, y)], 0.03, darker(c, 0.16))
    x, y = (0.6, 0.24) if pose == "eats" else (0.56, 0.72)
    pen.oval(x, y, 0.14, 0.19, face, turn=35)
    pen.limb([(x - 0.1, y + 0.12), (x - 0.26, y + 0.08)], [0.08, 0.1], darker(face, 0.2))
    pen.oval(x - 0.06, y + 0.17, 0.13, 0.09, c)
    eye(pen, x + 0.02, y + 0.05, 0.03, face)


def rabbit(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far, pale = darker(c, 0.22), lighter(c, 0.5)
    leaps = pose == "jumps"
    lift = 0.14 if leaps else 0.0
    if leaps:
        pen.limb("-.3,.4 -.58,.24 -.78,.18", [0.2, 0.14, 0.1], far)
        pen.limb(".22,.38 .44,.28 .56,.16", [0.14, 0.11, 0.09], far)
    pen.oval(-0.46, 0.3 + lift, 0.12, 0.12, WHITE)
    body = path("-.44,.2 -.36,.46 .02,.52 .3,.46 .3,.14 -.1,.04")
    pen.blob([(x, y + lift) for x, y in body], c)
    if leaps:
        pen.limb("-.26,.34 -.42,.16 -.68,.06", [0.26, 0.15, 0.1], c)
        pen.limb(".18,.36 .36,.2 .5,.06", [0.14, 0.11, 0.09], c)
    else:
        pen.oval(-0.18, 0.19, 0.22, 0.18, darker(c, 0.08))
        pen.limb("-.22,.05 .02,.05", 0.11, pale)
        pen.limb(".2,.25 .24,.05", [0.13, 0.1], c)
    x, y = 0.34, 0.58 + lift
    for turn, tone in ((24, far), (4, c)):
        a = 0.14 if turn > 20 else 0.02
        pen.limb([(x - 0.05, y + 0.12), (x - 0.06 - a, y + 0.46)], [0.1, 0.13], tone)
        pen.limb([(x - 0.055 - a * 0.2, y + 0.18), (x - 0.06 - a, y + 0.44)], [0.03, 0.06], ROSE)
    pen.oval(x, y, 0.19, 0.17, c)
    pen.oval(x + 0.12, y - 0.06, 0.09, 0.075, pale)
    pen.dot(x + 0.2, y - 0.03, 0.025, ROSE)
    eye(pen, x + 0.07, y + 0.04, 0.034, c)
