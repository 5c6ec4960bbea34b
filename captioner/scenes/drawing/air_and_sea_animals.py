"""How birds, insects and animals of the water are drawn; sizes as in `land_animals`."""

from random import Random

from captioner.scenes.drawing.land_animals import INK, WHITE, eye
from captioner.scenes.drawing.pen import Colour, Pen, darker, lighter, moved, path, smooth

BEAK = (244, 164, 58)


def duck(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    body = path("-.62,.52 -.5,.3 -.2,.1 .2,.08 .42,.28 .32,.5 -.1,.42")
    if pose == "swims":  # nothing is drawn under water
        lift = -0.1
        body = [(x, max(y, 0.1)) for x, y in body]
    else:
        lift = 0.16
        for x in (-0.08, 0.1):
            pen.limb([(x, 0.25), (x, 0.05)], 0.06, BEAK)
            pen.limb([(x, 0.03), (x + 0.13, 0.03)], 0.06, BEAK)
    pen.blob(moved(body, y=lift), c)
    pen.limb(moved(".26,.4 .3,.68", y=lift), [0.28, 0.2], c)
    pen.oval(0.34, 0.74 + lift, 0.2, 0.18, c)
    pen.blob(moved(".5,.77 .64,.76 .72,.71 .62,.66 .5,.67", y=lift), BEAK)
    pen.blob(moved("-.44,.46 -.1,.42 .14,.34 0,.2 -.24,.22", y=lift), darker(c, 0.15))
    eye(pen, 0.39, 0.79 + lift, 0.035, c)


def bird(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    pale, far = lighter(c, 0.55), darker(c, 0.28)
    if pose == "sits":
        for x in (-0.03, 0.09):
            pen.limb([(x, 0.2), (x + 0.02, 0.02)], 0.035, darker(BEAK, 0.2))
        pen.polygon("-.3,.4 -.72,.12 -.6,.06 -.2,.24", far)
        pen.blob("-.36,.34 -.1,.16 .2,.18 .36,.44 .28,.7 -.06,.62", c)
        pen.blob(".34,.42 .2,.19 -.04,.17 .14,.42 .3,.58", pale)
        pen.oval(0.2, 0.78, 0.21, 0.2, c)
        pen.blob(".06,.6 -.1,.3 -.5,.22 -.3,.5 -.1,.62", far)
        pen.polygon(".38,.84 .58,.77 .38,.7", BEAK)
        eye(pen, 0.27, 0.83, 0.036, c)
        return
    flap = rng.choice((1.0, 0.45))
    pen.polygon("-.3,.44 -.78,.56 -.74,.38 -.82,.26 -.28,.34", far)
    pen.blob([(0.16, 0.5), (0.02, 0.5 + 0.5 * flap), (-0.2, 0.5 + 0.62 * flap), (-0.06, 0.46)], far)
    pen.blob("-.4,.4 -.1,.24 .26,.28 .48,.46 .2,.56 -.14,.5", c)
    pen.blob("-.24,.32 -.06,.25 .24,.28 .4,.4 .1,.36", pale)
    pen.oval(0.42, 0.52, 0.17, 0.16, c)
    pen.polygon(".56,.58 .76,.5 .56,.45", BEAK)
    tips = [(0.0, 0.5 + 0.42 * flap), (-0.34, 0.48 + 0.56 * flap)]
    pen.blob([(0.18, 0.44), *tips, (-0.3, 0.46), (-0.12, 0.38)], darker(c, 0.14))
    eye(pen, 0.47, 0.56, 0.033, c)


def butterfly(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    spread = rng.uniform(0.8, 1.0)
    for side in (-1, 1):
        for wing in (".03,.55 .2,.95 .52,1 .56,.68 .3,.5", ".03,.5 .3,.48 .44,.26 .28,.04 .1,.2"):
            outer = [(side * x * spread, y) for x, y in path(wing)]
            pen.blob(outer, darker(c, 0.25), shading=0)
            pen.blob([(side * (0.06 + x * 0.8) * spread, 0.1 + y * 0.8) for x, y in path(wing)], c)
        pen.dot(side * 0.38 * spread, 0.78, 0.07, lighter(c, 0.7))
        pen.dot(side * 0.28 * spread, 0.26, 0.05, lighter(c, 0.7))
        pen.limb([(0, 0.74), (side * 0.1, 0.98)], 0.025, INK)
    pen.limb("0,.22 0,.74", [0.06, 0.1], INK)


def fish(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    fin, stripe = darker(c, 0.22), lighter(c, 0.6)
    pen.blob("-.5,.5 -.92,.92 -.8,.5 -.92,.08", fin)
    pen.blob("-.3,.76 -.1,1.06 .26,.98 .3,.78", fin)
    pen.blob("-.2,.22 -.16,-.04 .06,.04 .14,.2", fin)
    pen.blob("-.62,.5 -.3,.8 .2,.9 .6,.7 .72,.48 .56,.28 .16,.12 -.3,.22", c)
    if rng.random() < 0.6:
        pen.limb(".26,.84 .18,.5 .24,.18", [0.1, 0.14, 0.1], stripe)
        pen.limb("-.2,.78 -.26,.5 -.2,.22", [0.08, 0.12, 0.08], stripe)
    else:
        pen.blob(".68,.42 .5,.27 .1,.15 -.2,.24 .1,.36", stripe)
    pen.blob(".08,.46 -.18,.56 -.2,.36", fin)
    pen.dot(0.46, 0.6, 0.1, WHITE)
    pen.dot(0.49, 0.6, 0.06, INK)
    pen.limb(".6,.42 .67,.4", 0.03, darker(c, 0.5))


def whale(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    """Only the part above the water, whose surface is at 0."""
    for side in (-1, 1):
        spout = moved("0,.7 .06,.98 .2,.94", x=0.4, sx=side)
        pen.limb(spout, [0.05, 0.07, 0.05], (226, 244, 252))
    pen.blob("-.72,.3 -.92,.62 -1.2,.78 -1.12,.5 -.98,.2 -.8,.02", c)
    pen.blob("-.88,.56 -.66,.82 -.6,.6 -.82,.36", c)
    pen.polygon(smooth(path("-.98,0 -.72,.34 -.3,.4 .1,.66 .6,.68 .94,.4 .98,0")), c, 0.16)
    pen.polygon(smooth(path(".12,0 .4,.16 .96,.24 .98,0")), lighter(c, 0.6))
    pen.limb(".3,.14 .1,.06 0,.02", [0.14, 0.12, 0.05], darker(c, 0.2))
    eye(pen, 0.62, 0.34, 0.045, c)


def turtle(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    skin = (156, 190, 110)
    pen.limb("-.5,.3 -.74,.16", [0.2, 0.1], darker(skin, 0.2))
    pen.limb(".4,.35 .62,.05 .6,-.06", [0.2, 0.18, 0.08], darker(skin, 0.2))
    pen.limb(".5,.42 .78,.54", [0.22, 0.2], skin)
    pen.oval(0.86, 0.58, 0.19, 0.16, skin)
    pen.limb("-.62,.34 -.84,.28", [0.12, 0.04], skin)
    pen.blob("-.68,.3 -.5,.7 -.05,.92 .4,.74 .6,.34 0,.22", c)
    for x, y, r in ((-0.36, 0.55, 0.14), (-0.02, 0.66, 0.16), (0.3, 0.54, 0.13)):
        pen.oval(x, y, r, r * 0.85, darker(c, 0.22))
    pen.limb("-.66,.3 0,.22 .58,.33", 0.1, lighter(c, 0.45))
    pen.limb(".16,.26 .3,-.02 .14,-.18", [0.22, 0.2, 0.08], skin)
    pen.limb("-.42,.26 -.58,.04", [0.18, 0.12], skin)
    eye(pen, 0.92, 0.63, 0.035, skin)


def crab(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    far = darker(c, 0.2)
    for side in (-1, 1):
        for k in range(3):
            knee, foot = (side * (0.72 - 0.14 * k), 0.34), (side * (0.86 - 0.16 * k), 0.02)
            pen.limb([(side * 0.4, 0.36), knee, foot], [0.1, 0.09, 0.05], far)
        pen.limb(moved(".46,.46 .8,.56 .78,.74", sx=side), [0.13, 0.12, 0.14], far)
        pen.blob(moved(".66,.72 .56,.98 .74,.9 .88,1.04 1,.8 .84,.66", sx=side), c)
        pen.limb(moved(".16,.6 .18,.8", sx=side), 0.07, c)
    pen.oval(0, 0.4, 0.56, 0.3, c)
    for side in (-1, 1):
        pen.dot(side * 0.18, 0.82, 0.1, WHITE)
        pen.dot(side * 0.18, 0.82, 0.055, INK)
    pen.limb("-.16,.34 0,.27 .16,.34", 0.045, darker(c, 0.5))
