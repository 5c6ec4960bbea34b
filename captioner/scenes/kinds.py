"""Every kind of object: its words, how it is drawn, its size, its colours, what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from captioner.scenes.drawing import air_and_sea_animals as air_and_sea
from captioner.scenes.drawing import land_animals as land
from captioner.scenes.drawing import nature, objects, people
from captioner.scenes.drawing.pen import Colour, Pen

Draw = Callable[[Pen, Colour, str, Random], None]

COLOURS: Mapping[str, Colour] = {
    "red": (224, 70, 64),
    "orange": (244, 146, 50),
    "yellow": (250, 206, 66),
    "green": (82, 168, 88),
    "blue": (62, 124, 214),
    "purple": (146, 96, 190),
    "pink": (246, 148, 180),
    "brown": (150, 98, 62),
    "black": (60, 58, 68),
    "grey": (152, 156, 166),
    "white": (248, 246, 242),
}
CLOTHES = "red yellow green blue"


@dataclass(frozen=True)
class Kind:
    """One kind of object."""

    noun: str
    plural: str  # "" for a kind of which there is one at most
    draw: Draw
    height: float  # a share of the picture, for an object in front
    colours: tuple[str, ...]  # of a person: of the clothes
    poses: tuple[str, ...]  # verbs
    family: str
    has_sizes: bool = False  # whether there are small and big ones, too
    elsewhere: Mapping[str, Draw] = field(default_factory=dict)
    """Place -> how it is drawn there, always in the first colour."""

    @property
    def person(self) -> bool:
        """Whether it is a person."""
        return self.family == "person"

    @property
    def living(self) -> bool:
        """Whether it is a person or an animal."""
        return self.family in ("person", "animal")


# Family -> noun, plural, drawing, height, colours, poses, and what not every kind has. The order
# is that in which captions mention them. The colours of a kind are few and far apart: they must be
# recognisable on small objects, too.
_TABLE: dict[str, list[tuple]] = {
    "person": [
        ("man", "", people.man, 0.54, CLOTHES, "stands runs"),
        ("woman", "", people.woman, 0.52, CLOTHES, "stands runs"),
        ("boy", "boys", people.boy, 0.4, CLOTHES, "stands runs"),
        ("girl", "girls", people.girl, 0.39, CLOTHES, "stands runs"),
    ],
    "animal": [
        ("dog", "dogs", land.dog, 0.31, "brown black white", "runs sits sleeps"),
        ("cat", "cats", land.cat, 0.3, "black white orange", "sits sleeps"),
        ("horse", "horses", land.horse, 0.38, "brown black white", "stands runs"),
        ("sheep", "sheep", land.sheep, 0.27, "white black", "stands eats"),
        ("rabbit", "rabbits", land.rabbit, 0.26, "brown white grey", "sits jumps"),
        ("duck", "ducks", air_and_sea.duck, 0.26, "yellow white brown", "stands"),
        ("bird", "birds", air_and_sea.bird, 0.24, "red yellow black", "flies"),
        ("butterfly", "butterflies", air_and_sea.butterfly, 0.19, "orange purple", "flies"),
        ("fish", "fish", air_and_sea.fish, 0.165, "red yellow purple", "swims",
            {"has_sizes": True}),
        ("whale", "", air_and_sea.whale, 0.25, "grey", "swims"),
        ("turtle", "turtles", air_and_sea.turtle, 0.23, "green brown", "swims"),
        ("crab", "crabs", air_and_sea.crab, 0.2, "red", "sits"),
    ],
    "vehicle": [
        ("car", "cars", objects.car, 0.23, "red yellow blue white", "drives"),
        ("bus", "", objects.bus, 0.25, "red yellow green", "drives"),
        ("bicycle", "", objects.bicycle, 0.25, "red blue", "stands"),
        ("boat", "boats", objects.boat, 0.36, "red yellow green brown", "sails"),
        ("plane", "", objects.plane, 0.18, "white red yellow", "flies"),
    ],
    "toy": [
        ("kite", "kites", objects.kite, 0.27, "red yellow blue purple", "flies"),
        ("balloon", "balloons", objects.balloon, 0.24, "red yellow green blue", "floats"),
        ("ball", "balls", objects.ball, 0.21, "red blue green", "lies"),
        ("umbrella", "umbrellas", objects.umbrella, 0.4, "red yellow blue pink", "stands"),
    ],
    "outdoor": [
        ("snowman", "", nature.snowman, 0.42, "white", "stands"),
        ("house", "", objects.house, 0.42, "red yellow blue white", "stands"),
        ("tent", "tents", objects.tent, 0.28, "orange blue", "stands"),
        ("tree", "trees", nature.tree, 0.46, "green orange", "stands",
            {"has_sizes": True, "elsewhere": {"snow": nature.snowy_tree, "beach": nature.palm}}),
        ("flower", "flowers", nature.flower, 0.26, "red yellow pink", "stands"),
        ("bench", "", objects.bench, 0.25, "brown blue", "stands"),
    ],
    "furniture": [
        ("chair", "chairs", objects.chair, 0.34, "red blue white", "stands"),
        ("table", "", objects.table, 0.31, "brown white", "stands"),
        ("sofa", "", objects.sofa, 0.3, "red green blue", "stands"),
        ("lamp", "", objects.lamp, 0.5, "yellow red", "stands"),
        ("cup", "cups", objects.cup, 0.19, "red blue green", "stands"),
        ("clock", "", objects.clock, 0.22, "red blue black", "hangs"),
        ("picture", "", objects.picture, 0.24, "brown red", "hangs"),
    ],
    "sky": [
        ("sun", "", nature.sun, 0.22, "yellow", "shines"),
        ("moon", "", nature.moon, 0.15, "yellow", "shines"),
        ("cloud", "clouds", nature.cloud, 0.09, "white grey", "floats"),
    ],
}  # fmt: skip


def _kind(family, noun, plural, draw, height, colours, poses, more=None) -> Kind:
    colours, poses = tuple(colours.split()), tuple(poses.split())
    return Kind(noun, plural, draw, height, colours, poses, family, **(more or {}))


OBJECT_KINDS: Mapping[str, Kind] = {
    row[0]: _kind(family, *row) for family, rows in _TABLE.items() for row in rows
}

# Word of a caption -> the noun that names the category of the boxes.
NOUNS: Mapping[str, str] = {
    word: noun for noun, kind in OBJECT_KINDS.items() for word in (noun, kind.plural) if word
}
