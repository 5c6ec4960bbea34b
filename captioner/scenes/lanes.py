"""What may stand where: a place has lanes, each with a cast of its own.

Lengths are shares of the picture, y from above. A lane's things stand on its ground, or hang in
it if it is in the air; what lies in front is larger.
"""

from dataclasses import dataclass

# Colours that do not stand out in a light, against the sky above all.
LOST = {"night": {"black", "grey", "purple"}, "sunset": {"orange"}, "sun": {"blue"}}
SKY = "bird kite balloon butterfly plane"
PEOPLE = "man woman boy girl"
PETS = "dog cat rabbit"


@dataclass(frozen=True)
class Lane:
    top: float  # of the ground that its things stand on, or of the air they hang in
    bottom: float
    scale: float
    cast: tuple[str, ...]  # nouns, or "noun/pose" for what something does only here
    hangs: bool = False
    wet: bool = False  # things swim in it: no shadow, but ripples


def _lane(top: float, bottom: float, scale: float, cast: str, **more: bool) -> Lane:
    return Lane(top, bottom, scale, tuple(cast.split()), **more)


@dataclass(frozen=True)
class Setting:
    weight: float  # how often, against the others
    lights: str
    avoid: str  # colours that are lost before the ground
    lanes: dict[str, Lane]


SETTINGS = {
    "meadow": Setting(2, "sun sun clouds rain sunset night", "green", {
        "sky": _lane(0.04, 0.42, 1.15, SKY, hangs=True),
        "back": _lane(0.64, 0.72, 1, "tree house tent horse sheep bench"),
        "front": _lane(
            0.85, 0.95, 1.22, f"{PEOPLE} {PETS} {PETS} horse horse sheep flower ball bicycle"
        ),
    }),
    "lake": Setting(1, "sun clouds rain sunset night", "green", {
        "sky": _lane(0.04, 0.36, 1.1, SKY, hangs=True),
        "water": _lane(0.62, 0.7, 0.85, "boat duck/swims duck/swims fish/jumps", wet=True),
        "front": _lane(
            0.88, 0.96, 1.2, f"{PEOPLE} {PETS} duck duck bench tent tent flower bicycle"
        ),
    }),
    "beach": Setting(1.3, "sun sun clouds sunset", "", {
        "sky": _lane(0.04, 0.32, 1.1, SKY, hangs=True),
        "water": _lane(0.5, 0.55, 0.75, "boat", wet=True),
        "back": _lane(0.68, 0.74, 1, "tree umbrella chair"),
        "front": _lane(0.86, 0.95, 1.22, f"{PEOPLE} dog ball crab umbrella chair"),
    }),
    "sea": Setting(1.6, "sun clouds rain sunset night", "blue", {
        "sky": _lane(0.04, 0.38, 1.15, "bird plane balloon", hangs=True),
        "far": _lane(0.54, 0.6, 0.85, "boat", wet=True),
        "near": _lane(0.78, 0.92, 1.2, "boat whale whale fish/jumps", wet=True),
    }),
    "water": Setting(2.3, "sun", "blue", {
        "middle": _lane(0.05, 0.83, 1.25, "fish fish turtle", hangs=True),
        "floor": _lane(0.93, 0.97, 1.15, "crab"),
    }),
    "snow": Setting(1.2, "sun clouds snow snow night", "white", {
        "sky": _lane(0.04, 0.38, 1.15, "bird plane balloon", hangs=True),
        "back": _lane(0.65, 0.72, 1, "tree house tent snowman"),
        "front": _lane(0.85, 0.95, 1.22, f"{PEOPLE} {PETS} horse horse snowman snowman"),
    }),
    "street": Setting(1.6, "sun clouds rain sunset night", "grey", {
        "sky": _lane(0.03, 0.24, 0.95, "bird plane balloon", hangs=True),
        "back": _lane(0.73, 0.77, 1.02, f"{PEOPLE} tree dog cat bench bicycle"),
        "front": _lane(0.9, 0.97, 1, "car car bus bus bicycle"),
    }),
    "room": Setting(1.8, "sun", "", {
        "wall": _lane(0.06, 0.38, 1, "clock picture", hangs=True),
        "back": _lane(0.76, 0.8, 1.1, "table table chair sofa lamp lamp"),
        "front": _lane(0.89, 0.96, 1.25, f"{PEOPLE} dog cat ball chair"),
    }),
}  # fmt: skip
