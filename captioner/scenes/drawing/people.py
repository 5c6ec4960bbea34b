"""How people are drawn: they look to the right, are about 1 high and stand on the ground at 0."""

from dataclasses import dataclass
from random import Random

from captioner.scenes.drawing.pen import Colour, Pen, Point, darker, lighter, mix, path

INK = (44, 40, 52)
BLACK, BROWN, BLOND, RED = (58, 44, 44), (104, 66, 44), (222, 178, 98), (168, 84, 48)
SKINS = {  # and the hair that goes with each
    (250, 214, 184): (BROWN, BLOND, RED),
    (236, 188, 150): (BLACK, BROWN, BLOND),
    (196, 142, 104): (BLACK, BROWN),
    (136, 92, 66): (BLACK,),
}
TROUSERS = ((66, 78, 110), (92, 92, 102), (120, 100, 84), (54, 60, 78))


@dataclass(frozen=True)
class Build:
    """What tells one kind of person from another; lengths are shares of the height."""

    head: float  # radius
    hips: float  # height of the hips
    shoulders: float  # half the width
    dress: bool
    long_hair: bool
    on_head: str = ""  # in the colour of the clothes: children wear something, adults do not


MAN = Build(head=0.095, hips=0.44, shoulders=0.135, dress=False, long_hair=False)
WOMAN = Build(head=0.095, hips=0.45, shoulders=0.11, dress=True, long_hair=True)
BOY = Build(head=0.135, hips=0.34, shoulders=0.13, dress=False, long_hair=False, on_head="cap")
GIRL = Build(head=0.135, hips=0.35, shoulders=0.115, dress=True, long_hair=True, on_head="bow")

# Pose -> feet and hands, the far one first: x from the middle, y from the ground.
POSES = {
    "stands": "-.06,.02 .06,.02 -.17,.42 .17,.42",
    "runs": "-.3,.16 .22,.04 .26,.6 -.24,.54",
    "holds": "-.07,.02 .06,.02 -.16,.42 .27,.66",  # the last is HAND
    "rides": ".06,0 .12,.06 .39,.37 .41,.35",
    "sits": ".24,-.2 .28,-.2 .14,.22 .2,.2",
}
HAND = path(POSES["holds"])[-1]


def man(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    _person(pen, c, pose, rng, MAN)


def woman(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    _person(pen, c, pose, rng, WOMAN)


def boy(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    _person(pen, c, pose, rng, BOY)


def girl(pen: Pen, c: Colour, pose: str, rng: Random) -> None:
    _person(pen, c, pose, rng, GIRL)


def _person(pen: Pen, c: Colour, pose: str, rng: Random, build: Build) -> None:
    skin = rng.choice(tuple(SKINS))
    hair, trousers = rng.choice(SKINS[skin]), rng.choice(TROUSERS)
    seated = pose in ("sits", "rides")
    hips = 0.06 if pose == "sits" else 0.3 if pose == "rides" else build.hips
    drop = build.hips - hips  # how much lower everything above the hips is
    lean = 0.06 if pose in ("runs", "rides") else 0.0
    shoulders = 1 - 2.25 * build.head - drop
    *feet, far_hand, hand = path(POSES[pose])
    neck = (lean, shoulders + 0.03)
    head = (lean * 1.3, 1 - build.head - drop)
    if build.long_hair:
        _long_hair(pen, head, build.head, hair, pose == "runs")
    _arm(
        pen, (lean - 0.2 * build.shoulders, shoulders), far_hand, darker(c, 0.2), darker(skin, 0.15)
    )
    for side, (foot, tone) in enumerate(zip(feet, (0.2, 0.0), strict=True)):
        cloth = None if build.dress else darker(trousers, tone)
        bare = darker(skin, tone) if build.dress or build.head > 0.1 else cloth
        _leg(pen, (-0.04 + 0.07 * side, hips), foot, bare, cloth, seated)
    _body(pen, c, build, hips, shoulders, lean, seated)
    pen.limb([neck, head], build.head * 0.8, darker(skin, 0.12), shading=0)
    _head(pen, head, build.head, skin, hair, build.long_hair)
    if build.on_head:
        {"cap": _cap, "bow": _bow}[build.on_head](pen, head, build.head, c)
    _arm(pen, (lean + 0.4 * build.shoulders, shoulders - 0.02), hand, lighter(c, 0.08), skin)


def _leg(pen, hip: Point, foot: Point, bare: Colour, cloth: Colour | None, seated: bool) -> None:
    """A leg of one colour, or, if the two differ, one in shorts."""
    (x, y), (u, v) = hip, foot
    knee = ((x + u) / 2 + 0.04, (y + v) / 2 + 0.02)
    if seated:
        knee = (max(x, u) + 0.02, y + 0.03)
    width = [0.13, 0.11, 0.1] if bare == cloth else [0.12, 0.09, 0.075]
    pen.limb([hip, knee, foot], width, bare)
    if cloth and cloth != bare:
        pen.limb([hip, knee], [0.15, 0.14], cloth)
    pen.limb([(u, v + 0.005), (u + 0.06, v - 0.005)], 0.065, darker(INK, 0.1), shading=0)


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
    if build.dress and not seated:
        hem = hips * 0.52
        outline = [(lean - w * 0.5, top), (lean - w * 0.95, shoulders - 0.03), (-w * 0.7, middle)]
        outline += [(-w * 1.75, hem), (0, hem - 0.03), (w * 1.75, hem), (w * 0.7, middle)]
        outline += [(lean + w * 0.95, shoulders - 0.03), (lean + w * 0.5, top)]
        pen.blob(outline, c)
        belt = [(-w * 0.72, middle - 0.005), (0, middle - 0.02), (w * 0.72, middle - 0.005)]
        pen.limb(belt, 0.03, darker(c, 0.3), shading=0)
        return
    outline = [(lean - w * 0.5, top), (lean - w, shoulders - 0.02), (-w * 0.85, middle)]
    outline += [(-w * 0.8, hips - 0.04), (w * 0.8, hips - 0.04), (w * 0.85, middle)]
    pen.blob([*outline, (lean + w, shoulders - 0.02), (lean + w * 0.5, top)], c)
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
    cap = [(x - r * 1.02, y - r * 0.2), (x - r * 0.98, y + r * 0.6), (x - r * 0.2, y + r * 1.15)]
    cap += [(x + r * 0.7, y + r * 0.95), (x + r * 0.98, y + r * 0.35), (x + r * 0.2, y + r * 0.5)]
    if long_hair:
        cap += [
            (x - r * 0.35, y + r * 0.3),
            (x - r * 0.6, y - r * 0.5),
            (x - r * 0.85, y - r * 0.8),
        ]
    else:
        cap += [(x - r * 0.45, y + r * 0.35), (x - r * 0.6, y - r * 0.1)]
        pen.dot(x - r * 0.42, y - r * 0.1, r * 0.2, darker(skin, 0.12))
    pen.blob(cap, hair)
    for dx in (0.12, 0.62):
        pen.dot(x + r * dx, y - r * 0.02, r * 0.12, INK)
    pen.dot(x + r * 0.05, y - r * 0.38, r * 0.17, mix(skin, (236, 106, 100), 0.4))
    smile = [(x + r * 0.2, y - r * 0.42), (x + r * 0.4, y - r * 0.55), (x + r * 0.62, y - r * 0.42)]
    pen.limb(smile, r * 0.1, mix(skin, (150, 50, 56), 0.75), shading=0)


def _cap(pen, head: Point, r: float, c: Colour) -> None:
    x, y = head
    crown = [(x - r * 1.08, y + r * 0.3), (x - r * 0.9, y + r * 0.95), (x, y + r * 1.3)]
    crown += [(x + r * 0.85, y + r * 0.95), (x + r * 1.02, y + r * 0.4), (x, y + r * 0.35)]
    pen.blob(crown, c)
    peak = [(x + r * 0.2, y + r * 0.42), (x + r * 0.95, y + r * 0.5), (x + r * 1.6, y + r * 0.36)]
    pen.limb(peak, r * 0.22, darker(c, 0.25), shading=0)


def _bow(pen, head: Point, r: float, c: Colour) -> None:
    x, y = head[0] - r * 0.25, head[1] + r * 1.2
    for side in (-1, 1):
        wing = [(x, y), (x + side * r * 0.45, y + r * 0.48), (x + side * r * 0.95, y + r * 0.5)]
        wing += [(x + side * r * 0.95, y - r * 0.4), (x + side * r * 0.45, y - r * 0.38)]
        pen.blob(wing, c)
    pen.dot(x, y, r * 0.2, darker(c, 0.25))
