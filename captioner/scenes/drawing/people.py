"""How people are drawn: they face right, are about 1 high and stand on the ground at 0."""

from dataclasses import dataclass
from functools import partial
from random import Random

from captioner.scenes.drawing.pen import Colour, Pen, Point, darker, lighter, mix, moved, path

INK = (44, 40, 52)
BLACK, BROWN, BLOND, RED = (58, 44, 44), (104, 66, 44), (222, 178, 98), (168, 84, 48)
SKINS = {  # skin -> the hair colours that go with it
    (250, 214, 184): (BROWN, BLOND, RED),
    (236, 188, 150): (BLACK, BROWN, BLOND),
    (196, 142, 104): (BLACK, BROWN),
    (136, 92, 66): (BLACK,),
}
TROUSERS = ((66, 78, 110), (92, 92, 102), (120, 100, 84), (54, 60, 78))


@dataclass(frozen=True)
class Build:
    """The proportions of a person; lengths are shares of the height."""

    head: float  # radius
    hips: float  # height of the hips
    shoulders: float  # half the width
    dress: bool = False  # and long hair
    on_head: str = ""  # "cap" or "bow", worn by children only, in the colour of the clothes


# Pose -> feet and hands, the far one first.
POSES = {
    "stands": "-.06,.02 .06,.02 -.17,.42 .17,.42",
    "runs": "-.3,.16 .22,.04 .26,.6 -.24,.54",
    "holds": "-.07,.02 .06,.02 -.16,.42 .27,.66",  # the last is HAND
    "rides": ".06,0 .12,.06 .39,.37 .41,.35",
    "sits": ".24,-.2 .28,-.2 .14,.22 .2,.2",
}
HAND = path(POSES["holds"])[-1]


def _person(build: Build, pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    skin = rng.choice(tuple(SKINS))
    hair, trousers = rng.choice(SKINS[skin]), rng.choice(TROUSERS)
    seated = pose in ("sits", "rides")
    hips = 0.06 if pose == "sits" else 0.3 if pose == "rides" else build.hips
    drop = build.hips - hips  # everything above the hips is so much lower
    lean = 0.06 if pose in ("runs", "rides") else 0.0
    shoulders = 1 - 2.25 * build.head - drop
    *feet, far_hand, hand = path(POSES[pose])
    neck = (lean, shoulders + 0.03)
    head = (lean * 1.3, 1 - build.head - drop)
    if build.dress:
        _long_hair(pen, head, build.head, hair, pose == "runs")
    far_shoulder = (lean - 0.2 * build.shoulders, shoulders)
    _arm(pen, far_shoulder, far_hand, darker(c, 0.2), darker(skin, 0.15))
    for side, (foot, tone) in enumerate(zip(feet, (0.2, 0.0), strict=True)):
        cloth = None if build.dress else darker(trousers, tone)
        bare = darker(skin, tone) if build.dress or build.head > 0.1 else cloth
        _leg(pen, (-0.04 + 0.07 * side, hips), foot, bare, cloth, seated)
    _body(pen, c, build, hips, shoulders, lean, seated)
    pen.line([neck, head], build.head * 0.8, darker(skin, 0.12))
    _head(pen, head, build.head, skin, hair, build.dress)
    if build.on_head == "cap":
        _cap(pen, head, build.head, c)
    elif build.on_head == "bow":
        _bow(pen, head, build.head, c)
    _arm(pen, (lean + 0.4 * build.shoulders, shoulders - 0.02), hand, lighter(c, 0.08), skin)


def _leg(pen, hip: Point, foot: Point, bare: Colour, cloth: Colour | None, seated: bool) -> None:
    """A leg; where `cloth` has another colour than the leg, it is a pair of shorts."""
    (x, y), (u, v) = hip, foot
    knee = ((x + u) / 2 + 0.04, (y + v) / 2 + 0.02)
    if seated:
        knee = (max(x, u) + 0.02, y + 0.03)
    width = [0.13, 0.11, 0.1] if bare == cloth else [0.12, 0.09, 0.075]
    pen.limb([hip, knee, foot], width, bare)
    if cloth and cloth != bare:
        pen.limb([hip, knee], [0.15, 0.14], cloth)
    pen.line([(u, v + 0.005), (u + 0.06, v - 0.005)], 0.065, darker(INK, 0.1))


def _arm(pen, shoulder: Point, hand: Point, sleeve: Colour, skin: Colour) -> None:
    (x, y), (u, v) = shoulder, hand
    bend = 0.05 if u > x else -0.05
    elbow = ((x + u) / 2 + (bend if v > y else bend * 0.6), (y + v) / 2 - 0.04)
    pen.limb([shoulder, elbow, hand], [0.085, 0.07, 0.055], skin)
    half = ((x * 0.35 + elbow[0] * 0.65), (y * 0.35 + elbow[1] * 0.65))
    pen.limb([shoulder, half], [0.1, 0.09], sleeve)
    pen.dot(u, v, 0.034, skin)


def _body(pen, c, build: Build, hips, shoulders, lean, seated) -> None:
    w, top = build.shoulders, shoulders + 0.035
    middle = (hips + shoulders) / 2
    collar = [(lean - w * 0.5, top), (lean + w * 0.5, top)]
    if build.dress and not seated:
        hem, sleeve = hips * 0.52, shoulders - 0.03
        left = [collar[0], (lean - w * 0.95, sleeve), (-w * 0.7, middle), (-w * 1.75, hem)]
        right = [(w * 1.75, hem), (w * 0.7, middle), (lean + w * 0.95, sleeve), collar[1]]
        pen.blob([*left, (0, hem - 0.03), *right], c)
        belt = [(-w * 0.72, middle - 0.005), (0, middle - 0.02), (w * 0.72, middle - 0.005)]
        pen.line(belt, 0.03, darker(c, 0.3))
        return
    waist = [(-w * 0.85, middle), (-w * 0.8, hips - 0.04), (w * 0.8, hips - 0.04)]
    arms = [(lean - w, shoulders - 0.02), (lean + w, shoulders - 0.02)]
    pen.blob([collar[0], arms[0], *waist, (w * 0.85, middle), arms[1], collar[1]], c)
    if build.dress:  # the skirt over the lap
        pen.limb([(-0.03, hips + 0.02), (0.16, hips + 0.02)], [0.17, 0.15], c)


def _long_hair(pen, head: Point, r: float, hair: Colour, blown: bool) -> None:
    x, y = head
    back = -r * 2.3 if blown else -r * 1.25
    outline = [(x - r * 0.2, y + r * 1.15), (x - r * 1.15, y + r * 0.4), (x + back, y - r * 1.0)]
    outline += [(x + back * 0.7, y - r * 1.75), (x + r * 0.1, y - r * 1.2), (x + r * 0.6, y)]
    pen.blob(outline, darker(hair, 0.12))


def _head(pen, head: Point, r: float, skin: Colour, hair: Colour, long_hair: bool) -> None:
    x, y = head
    pen.oval(x, y, r * 0.95, r, skin, shading=0.08)
    outline = path("-1.02,-.2 -.98,.6 -.2,1.15 .7,.95 .98,.35 .2,.5")
    if long_hair:
        outline += path("-.35,.3 -.6,-.5 -.85,-.8")
    else:
        outline += path("-.45,.35 -.6,-.1")
        pen.dot(x - r * 0.42, y - r * 0.1, r * 0.2, darker(skin, 0.12))
    pen.blob(moved(outline, x, y, r, r), hair)
    for dx in (0.12, 0.62):
        pen.dot(x + r * dx, y - r * 0.02, r * 0.12, INK)
    pen.dot(x + r * 0.05, y - r * 0.38, r * 0.17, mix(skin, (236, 106, 100), 0.4))
    smile = moved(".2,-.42 .4,-.55 .62,-.42", x, y, r, r)
    pen.line(smile, r * 0.1, mix(skin, (150, 50, 56), 0.75))


def _cap(pen, head: Point, r: float, c: Colour) -> None:
    crown = "-1.08,.3 -.9,.95 0,1.3 .85,.95 1.02,.4 0,.35"
    pen.blob(moved(crown, *head, r, r), c)
    pen.line(moved(".2,.42 .95,.5 1.6,.36", *head, r, r), r * 0.22, darker(c, 0.25))


def _bow(pen, head: Point, r: float, c: Colour) -> None:
    x, y = head[0] - r * 0.25, head[1] + r * 1.2
    for side in (-1, 1):
        pen.blob(moved("0,0 .45,.48 .95,.5 .95,-.4 .45,-.38", x, y, side * r, r), c)
    pen.dot(x, y, r * 0.2, darker(c, 0.25))


man = partial(_person, Build(head=0.095, hips=0.44, shoulders=0.135))
woman = partial(_person, Build(head=0.095, hips=0.45, shoulders=0.11, dress=True))
boy = partial(_person, Build(head=0.135, hips=0.34, shoulders=0.13, on_head="cap"))
girl = partial(_person, Build(head=0.135, hips=0.35, shoulders=0.115, dress=True, on_head="bow"))
