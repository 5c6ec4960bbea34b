"""What can be where: each place has zones, from the sky to the foreground, and each zone objects.

Lengths are shares of the picture, y from the top. An object stands on the ground of its zone, or
anywhere in the zone if that is off the ground; objects in front are larger.
"""

from dataclasses import dataclass

# Colours that do not stand out in a light, above all against the sky.
LOW_CONTRAST = {"night": {"black", "grey", "purple"}, "sunset": {"orange"}, "sun": {"blue"}}
SKY = "bird kite balloon butterfly plane"
PEOPLE = "man woman boy girl"
PETS = "dog cat rabbit"


@dataclass(frozen=True)
class Zone:
    """A band of the picture at one distance."""

    top: float
    bottom: float
    scale: float  # of its objects
    options: tuple[str, ...]  # nouns, or "noun/pose" for a pose that is possible only here
    off_ground: bool = False  # objects are anywhere in the zone: in the air, or deep in the water
    afloat: bool = False  # objects swim on water: ripples instead of a shadow


@dataclass(frozen=True)
class Place:
    """The scenery of a picture."""

    weight: float  # how often, compared to the others
    lights: tuple[str, ...]
    low_contrast: set[str]  # colours that do not stand out before its ground
    zones: dict[str, Zone]


def _zone(top: float, bottom: float, scale: float, options: str, **more: bool) -> Zone:
    return Zone(top, bottom, scale, tuple(options.split()), **more)


def _place(weight: float, lights: str, low_contrast: str, **zones: Zone) -> Place:
    return Place(weight, tuple(lights.split()), set(low_contrast.split()), zones)


PLACES = {
    "meadow": _place(2, "sun sun clouds rain sunset night", "green",
        sky=_zone(0.04, 0.42, 1.15, SKY, off_ground=True),
        back=_zone(0.64, 0.72, 1, "tree house tent horse sheep bench"),
        front=_zone(
            0.85, 0.95, 1.22, f"{PEOPLE} {PETS} {PETS} horse horse sheep flower ball bicycle"
        ),
    ),
    "lake": _place(1, "sun clouds rain sunset night", "green",
        sky=_zone(0.04, 0.36, 1.1, SKY, off_ground=True),
        water=_zone(0.62, 0.7, 0.85, "boat duck/swims duck/swims fish/jumps", afloat=True),
        front=_zone(0.88, 0.96, 1.2, f"{PEOPLE} {PETS} duck duck bench tent tent flower bicycle"),
    ),
    "beach": _place(1.3, "sun sun clouds sunset", "",
        sky=_zone(0.04, 0.32, 1.1, SKY, off_ground=True),
        water=_zone(0.5, 0.55, 0.75, "boat", afloat=True),
        back=_zone(0.68, 0.74, 1, "tree umbrella chair"),
        front=_zone(0.86, 0.95, 1.22, f"{PEOPLE} dog ball crab umbrella chair"),
    ),
    "sea": _place(1.6, "sun clouds rain sunset night", "blue",
        sky=_zone(0.04, 0.38, 1.15, "bird plane balloon", off_ground=True),
        far=_zone(0.54, 0.6, 0.85, "boat", afloat=True),
        near=_zone(0.78, 0.92, 1.2, "boat whale whale fish/jumps", afloat=True),
    ),
    "water": _place(2.3, "sun", "blue",
        middle=_zone(0.05, 0.83, 1.25, "fish fish turtle", off_ground=True),
        floor=_zone(0.93, 0.97, 1.15, "crab"),
    ),
    "snow": _place(1.2, "sun clouds snow snow night", "white",
        sky=_zone(0.04, 0.38, 1.15, "bird plane balloon", off_ground=True),
        back=_zone(0.65, 0.72, 1, "tree house tent snowman"),
        front=_zone(0.85, 0.95, 1.22, f"{PEOPLE} {PETS} horse horse snowman snowman"),
    ),
    "street": _place(1.6, "sun clouds rain sunset night", "grey",
        sky=_zone(0.03, 0.24, 0.95, "bird plane balloon", off_ground=True),
        back=_zone(0.73, 0.77, 1.02, f"{PEOPLE} tree dog cat bench bicycle"),
        front=_zone(0.9, 0.97, 1, "car car bus bus bicycle"),
    ),
    "room": _place(1.8, "sun", "",
        wall=_zone(0.06, 0.38, 1, "clock picture", off_ground=True),
        back=_zone(0.76, 0.8, 1.1, "table table chair sofa lamp lamp"),
        front=_zone(0.89, 0.96, 1.25, f"{PEOPLE} dog cat ball chair"),
    ),
}  # fmt: skip
