"""How animals on land are drawn: they face right, are about 1 high and stand on the ground at 0."""

from random import Random

from captioner.scenes.drawing.pen import Colour, Pen, darker, lighter, mix, moved, path

INK = (44, 40, 52)
WHITE = (252, 250, 246)
ROSE = (240, 150, 160)


def eye(pen: Pen, x: float, y: float, radius: float, colour: Colour = (0, 0, 0)) -> None:
    """A dark eye with a highlight; on a dark `colour` it has a light ring."""
    if sum(colour) < 300:
        pen.dot(x, y, radius * 1.5, mix(colour, WHITE, 0.75))
    pen.dot(x, y, radius, INK)
    pen.dot(x - radius * 0.3, y + radius * 0.35, radius * 0.38, WHITE)


def _closed_eye(pen: Pen, x: float, y: float, width: float, colour: Colour) -> None:
    line = mix(colour, WHITE, 0.7) if sum(colour) < 300 else INK
    pen.limb(moved("-1,0 0,-.6 1,0", x, y, width, width), width * 0.5, line)


def _dog_head(pen: Pen, x: float, y: float, c: Colour, upright: bool, asleep=False) -> None:
    pen.oval(x, y, 0.2, 0.18, c)
    pen.oval(x + 0.17, y - 0.06, 0.13, 0.09, lighter(c, 0.4))
    pen.oval(x + 0.27, y - 0.02, 0.045, 0.04, INK, shading=0)
    if asleep:
        _closed_eye(pen, x + 0.07, y + 0.03, 0.05, c)
    else:
        eye(pen, x + 0.07, y + 0.05, 0.035, c)
    if upright:
        pen.polygon(moved("-.18,.08 -.12,.32 .03,.14", x, y), darker(c, 0.35))
    else:
        ear = moved("-.16,.13 -.02,.12 -.05,-.1 -.16,-.19 -.23,-.06", x, y)
        pen.blob(ear, darker(c, 0.35))


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
    pen.limb("-.42,.66 -.66,.74 -.86,.72", [0.13, 0.1, 0.05], far)
    for leg in ("-.34,.48 -.55,.3 -.8,.2", ".3,.48 .55,.36 .78,.22"):
        pen.limb(leg, [0.2, 0.12, 0.09], far)
    pen.blob("-.5,.54 -.4,.7 0,.7 .3,.76 .44,.6 .3,.4 0,.42 -.35,.4", c)
    pen.limb(".28,.62 .42,.84", [0.3, 0.25], c)
    for leg in ("-.36,.5 -.36,.26 -.6,.05", ".26,.5 .36,.26 .62,.1"):
        pen.limb(leg, [0.2, 0.13, 0.1], c)
        pen.limb(moved("0,0 .07,0", *path(leg)[-1]), 0.1, pale)
    _dog_head(pen, 0.46, 0.92, c, upright)


def _cat_head(pen: Pen, x: float, y: float, c: Colour, asleep=False) -> None:
    for side in (-1, 1):
        pen.polygon(moved(".2,.04 .18,.3 .02,.16", x, y, side), c)
        pen.polygon(moved(".17,.1 .16,.23 .07,.15", x, y, side), ROSE)
    pen.oval(x, y, 0.22, 0.18, c)
    pen.oval(x, y - 0.08, 0.1, 0.07, lighter(c, 0.5))
    for side in (-1, 1):
        if asleep:
            _closed_eye(pen, x + side * 0.09, y + 0.03, 0.045, c)
        else:
            eye(pen, x + side * 0.09, y + 0.03, 0.034, c)
    pen.polygon(moved("-.03,-.03 .03,-.03 0,-.065", x, y), ROSE)


def cat(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far = darker(c, 0.28)
    if pose == "sleeps":
        pen.oval(-0.05, 0.24, 0.55, 0.25, c)
        for x in (-0.3, -0.14, 0.02):
            pen.limb([(x, 0.46), (x - 0.03, 0.34)], 0.05, darker(c, 0.2))
        pen.limb("-.52,.2 -.42,.06 0,.06 .2,.07", [0.13, 0.13, 0.12, 0.1], far)
        _cat_head(pen, 0.34, 0.25, c, asleep=True)
        return
    pen.limb("-.2,.1 -.5,.1 -.58,.34 -.48,.5", [0.12, 0.11, 0.1, 0.08], far)
    pen.blob("-.36,.04 -.34,.3 -.14,.62 .12,.68 .22,.4 .2,.02", c)
    pen.oval(-0.16, 0.18, 0.22, 0.17, c)
    pen.blob(".02,.5 .16,.52 .18,.28 .08,.26", lighter(c, 0.5))
    for x in (0.02, 0.16):
        pen.limb([(x, 0.3), (x + 0.02, 0.05)], 0.1, c)
        pen.limb([(x + 0.01, 0.045), (x + 0.05, 0.045)], 0.09, lighter(c, 0.5))
    _cat_head(pen, 0.12, 0.76, c)


def horse(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far, mane = darker(c, 0.25), darker(c, 0.6) if sum(c) < 600 else (176, 168, 168)
    hoof = darker(mane, 0.4)
    if pose == "runs":
        tail = "-.42,.66 -.62,.68 -.82,.56"
        far_legs = ("-.3,.45 -.52,.3 -.66,.12", ".24,.45 .46,.36 .48,.16")
        near_legs = ("-.32,.46 -.26,.24 -.44,.05", ".2,.46 .4,.27 .6,.14")
    else:
        tail = "-.42,.66 -.56,.5 -.54,.22"
        far_legs = ("-.26,.45 -.28,.24 -.24,.05", ".26,.45 .28,.24 .27,.05")
        near_legs = ("-.34,.46 -.39,.24 -.36,.05", ".18,.46 .17,.24 .17,.05")
    pen.limb(tail, [0.08, 0.13, 0.05], mane)
    for leg in far_legs:
        pen.limb(leg, [0.16, 0.08, 0.06], far)
        pen.limb(moved("0,0 .03,-.01", *path(leg)[-1]), 0.075, hoof)
    pen.blob("-.45,.56 -.36,.7 0,.65 .28,.7 .36,.52 .2,.39 -.1,.38 -.36,.4", c)
    for leg in near_legs:
        pen.limb(leg, [0.18, 0.09, 0.065], c)
        pen.limb(moved("0,0 .03,-.01", *path(leg)[-1]), 0.08, hoof)
    x, y = 0.56, 0.98
    pen.limb(".2,.58 .38,.82 .48,.96", [0.32, 0.23, 0.18], c, shading=0.1)
    pen.limb(".14,.74 .3,.94 .46,1.08", [0.07, 0.13, 0.08], mane)
    pen.limb(moved("-.05,.02 .2,-.14", x, y), [0.2, 0.12], c)
    pen.limb(moved(".19,-.13 .2,-.15", x, y), 0.125, lighter(c, 0.3))
    pen.polygon(moved("-.1,.08 -.08,.22 .01,.1", x, y), c)
    eye(pen, x + 0.02, y + 0.02, 0.026, c)


def sheep(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    face = (70, 62, 68) if sum(c) > 400 else (206, 194, 186)
    for x in (-0.24, 0.3):
        pen.limb([(x, 0.35), (x, 0.04)], [0.11, 0.08], darker(face, 0.35))
    for x in (-0.36, 0.18):
        pen.limb([(x, 0.35), (x, 0.04)], [0.12, 0.09], face)
    fleece = "-.46,.5 -.36,.72 -.12,.8 .14,.8 .36,.72 .44,.5 .28,.36 .02,.33 -.26,.35"
    for x, y in path(fleece):
        pen.oval(x, y, 0.19, 0.18, darker(c, 0.07))
    pen.oval(-0.02, 0.56, 0.46, 0.28, c, shading=0.1)
    for x, y in path("-.25,.62 .02,.52 .18,.66 -.08,.7"):
        pen.limb(moved("-.07,0 0,-.05 .07,0", x, y), 0.03, darker(c, 0.16))
    x, y = (0.6, 0.24) if pose == "eats" else (0.56, 0.72)
    pen.oval(x, y, 0.14, 0.19, face, turn=35)
    pen.limb(moved("-.1,.12 -.26,.08", x, y), [0.08, 0.1], darker(face, 0.2))
    pen.oval(x - 0.06, y + 0.17, 0.13, 0.09, c)
    eye(pen, x + 0.02, y + 0.05, 0.03, face)


def rabbit(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far, pale = darker(c, 0.22), lighter(c, 0.5)
    jumps = pose == "jumps"
    lift = 0.14 if jumps else 0.0
    if jumps:
        pen.limb("-.3,.4 -.58,.24 -.78,.18", [0.2, 0.14, 0.1], far)
        pen.limb(".22,.38 .44,.28 .56,.16", [0.14, 0.11, 0.09], far)
    pen.oval(-0.46, 0.3 + lift, 0.12, 0.12, WHITE)
    pen.blob(moved("-.44,.2 -.36,.46 .02,.52 .3,.46 .3,.14 -.1,.04", y=lift), c)
    if jumps:
        pen.limb("-.26,.34 -.42,.16 -.68,.06", [0.26, 0.15, 0.1], c)
        pen.limb(".18,.36 .36,.2 .5,.06", [0.14, 0.11, 0.09], c)
    else:
        pen.oval(-0.18, 0.19, 0.22, 0.18, darker(c, 0.08))
        pen.limb("-.22,.05 .02,.05", 0.11, pale)
        pen.limb(".2,.25 .24,.05", [0.13, 0.1], c)
    x, y = 0.34, 0.58 + lift
    for lean, tone in ((0.14, far), (0.02, c)):  # ears
        pen.limb([(x - 0.05, y + 0.12), (x - 0.06 - lean, y + 0.46)], [0.1, 0.13], tone)
        inner = [(x - 0.055 - lean * 0.2, y + 0.18), (x - 0.06 - lean, y + 0.44)]
        pen.limb(inner, [0.03, 0.06], ROSE)
    pen.oval(x, y, 0.19, 0.17, c)
    pen.oval(x + 0.12, y - 0.06, 0.09, 0.075, pale)
    pen.dot(x + 0.2, y - 0.03, 0.025, ROSE)
    eye(pen, x + 0.07, y + 0.04, 0.034, c)
