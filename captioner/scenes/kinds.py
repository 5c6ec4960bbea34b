"""Every kind of thing: its words, how it is drawn, its size, its colours, what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from captioner.scenes.drawing import animals, creatures, goods, nature, people
from captioner.scenes.drawing.pen import Colour, Pen

Draw = Callable[[Pen, Colour, str, Random], None]

COLOURS: Mapping[str, Colour] = MappingProxyType(
    {
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
)
CLOTHES = "red yellow green blue"


# Family -> noun, plural, how it is drawn, height, colours, poses. What one would speak of first
# comes first. Without a plural there is never more than one. The colours of a kind are few and far
# apart: one must see which it is, also of a small thing.
_FAMILIES: dict[str, list[tuple[str, str, Callable, float, str, str]]] = {
    "person": [
        ("man", "", people.man, 0.54, CLOTHES, "stands runs"),
        ("woman", "", people.woman, 0.52, CLOTHES, "stands runs"),
        ("boy", "boys", people.boy, 0.4, CLOTHES, "stands runs"),
        ("girl", "girls", people.girl, 0.39, CLOTHES, "stands runs"),
    ],
    "animal": [
        ("dog", "dogs", animals.dog, 0.31, "brown black white", "runs sits sleeps"),
        ("cat", "cats", animals.cat, 0.3, "black white orange", "sits sleeps"),
        ("horse", "horses", animals.horse, 0.38, "brown black white", "stands runs"),
        ("sheep", "sheep", animals.sheep, 0.27, "white black", "stands eats"),
        ("rabbit", "rabbits", animals.rabbit, 0.26, "brown white grey", "sits jumps"),
        ("duck", "ducks", creatures.duck, 0.26, "yellow white brown", "stands"),
        ("bird", "birds", creatures.bird, 0.24, "red yellow black", "flies"),
        ("butterfly", "butterflies", creatures.butterfly, 0.19, "orange purple", "flies"),
        ("fish", "fish", creatures.fish, 0.165, "red yellow purple", "swims"),
        ("whale", "", creatures.whale, 0.25, "grey", "swims"),
        ("turtle", "turtles", creatures.turtle, 0.23, "green brown", "swims"),
        ("crab", "crabs", creatures.crab, 0.2, "red", "sits"),
    ],
    "vehicle": [
        ("car", "cars", goods.car, 0.23, "red yellow blue white", "drives"),
        ("bus", "", goods.bus, 0.25, "red yellow green", "drives"),
        ("bicycle", "", goods.bicycle, 0.25, "red blue", "stands"),
        ("boat", "boats", goods.boat, 0.36, "red yellow green brown", "sails"),
        ("plane", "", goods.plane, 0.18, "white red yellow", "flies"),
    ],
    "toy": [
        ("kite", "kites", goods.kite, 0.27, "red yellow blue purple", "flies"),
        ("balloon", "balloons", goods.balloon, 0.24, "red yellow green blue", "floats"),
        ("ball", "balls", goods.ball, 0.21, "red blue green", "lies"),
        ("umbrella", "umbrellas", goods.umbrella, 0.4, "red yellow blue pink", "stands"),
    ],
    "outdoor": [
        ("snowman", "", nature.snowman, 0.42, "white", "stands"),
        ("house", "", goods.house, 0.42, "red yellow blue white", "stands"),
        ("tent", "tents", goods.tent, 0.28, "orange blue", "stands"),
        ("tree", "trees", nature.tree, 0.46, "green orange", "stands"),
        ("flower", "flowers", nature.flower, 0.26, "red yellow pink", "stands"),
        ("bench", "", goods.bench, 0.25, "brown blue", "stands"),
    ],
    "furniture": [
        ("chair", "chairs", goods.chair, 0.34, "red blue white", "stands"),
        ("table", "", goods.table, 0.31, "brown white", "stands"),
        ("sofa", "", goods.sofa, 0.3, "red green blue", "stands"),
        ("lamp", "", goods.lamp, 0.5, "yellow red", "stands"),
        ("cup", "cups", goods.cup, 0.19, "red blue green", "stands"),
        ("clock", "", goods.clock, 0.22, "red blue black", "hangs"),
        ("picture", "", goods.picture, 0.24, "brown red", "hangs"),
    ],
    "sky": [
        ("sun", "", nature.sun, 0.22, "yellow", "shines"),
        ("moon", "", nature.moon, 0.15, "yellow", "shines"),
        ("cloud", "clouds", nature.cloud, 0.09, "white grey", "floats"),
    ],
}
_SIZED = ("fish", "tree")
_ELSEWHERE = {"tree": {"snow": nature.snowy_tree, "beach": nature.palm}}


@dataclass(frozen=True)
class Kind:
    """One kind of thing."""

    noun: str
    plural: str
    draw: Draw
    height: float  # a share of the picture, for a thing that stands in front
    colours: tuple[str, ...]  # of a person: of the clothes
    poses: tuple[str, ...]  # verbs
    family: str
    sizes: bool  # whether there are small and big ones, too
    elsewhere: Mapping[str, Draw]  # place -> how it is drawn there, always in the first colour

    @property
    def person(self) -> bool:
        return self.family == "person"

    @property
    def living(self) -> bool:
        return self.family in ("person", "animal")


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        noun: Kind(
            noun, plural, draw, height, tuple(colours.split()), tuple(poses.split()),
            family, noun in _SIZED, _ELSEWHERE.get(noun, {}),
        )
        for family, rows in _FAMILIES.items()
        for noun, plural, draw, height, colours, poses in rows
    }
)  # fmt: skip

# What captions call things -> the category that the boxes of `folder` have.
NOUNS: Mapping[str, str] = MappingProxyType(
    {word: noun for noun, kind in KINDS.items() for word in (noun, kind.plural) if word}
)
