"""Scenes by number: the same seed and number always give the same picture and captions."""

from dataclasses import dataclass
from random import Random

from PIL import Image

from captioner.scenes.captions import CAPTIONS_PER_SCENE, captions
from captioner.scenes.compose import compose
from captioner.scenes.layout import Layout
from captioner.scenes.render import PixelBox, render


@dataclass(frozen=True)
class SceneObject:
    """An object in a picture."""

    noun: str
    colour: str  # of a person: of the clothes
    box: PixelBox  # of its visible part


@dataclass(frozen=True)
class Scene:
    """A picture with its captions and objects."""

    image: Image.Image  # RGB
    captions: list[str]
    objects: list[SceneObject]


def draw(seed: int, number: int, size: int = 224) -> Scene:
    """Draws picture `number` of the data set `seed`, `size` pixels wide and high.

    The objects and the captions are the same in every size.
    """
    layout, texts = describe(seed, number)
    image, boxes = render(layout, size, Random(f"place {seed} {number}"))
    groups = [group for group in layout.groups for _ in group.items]
    objects = [
        SceneObject(group.kind.noun, group.colour, box)
        for group, box in zip(groups, boxes, strict=True)
        if box is not None
    ]
    return Scene(image, texts, objects)


def describe(seed: int, number: int) -> tuple[Layout, list[str]]:
    """The layout of a picture, and its five captions."""
    rng = Random(f"scene {seed} {number}")
    while True:  # one layout in some hundred has not enough content for five captions
        layout = compose(rng)
        texts = captions(layout)
        if len(texts) == CAPTIONS_PER_SCENE:
            return layout, texts
