"""Scenes by number: the same seed and number always give the same picture and captions."""

from dataclasses import dataclass
from random import Random

from PIL import Image

from captioner.scenes import words
from captioner.scenes.compose import compose
from captioner.scenes.render import Box, render
from captioner.scenes.stage import Item, Stage


@dataclass(frozen=True)
class Thing:
    """An object in a picture."""

    noun: str
    colour: str  # of a person's clothes
    box: Box  # left, top, right, bottom in pixels, the last two exclusive: what is seen of it


@dataclass(frozen=True)
class Scene:
    image: Image.Image  # RGB
    captions: list[str]
    objects: list[Thing]


def draw(seed: int, number: int, size: int = 224) -> Scene:
    """Picture `number` of the data set `seed`, `size` pixels wide and high.

    What it shows and what is said of it is the same in every size.
    """
    stage, captions = staged(seed, number)
    image, boxes = painted(stage, seed, number, size)
    groups = [group for group in stage.groups for _ in group.items]
    objects = [
        Thing(group.kind.noun, group.colour, box)
        for group, box in zip(groups, boxes, strict=True)
        if box is not None
    ]
    return Scene(image, captions, objects)


def staged(seed: int, number: int) -> tuple[Stage, list[str]]:
    """What is in the picture, and five captions."""
    rng = Random(f"scene {seed} {number}")
    while True:  # one in some hundred has not enough to say
        stage = compose(rng)
        captions = words.captions(stage)
        if len(captions) == words.CAPTIONS:
            return stage, captions


def painted(stage: Stage, seed: int, number: int, size: int, without: Item | None = None):
    """The picture and the boxes, as `render` gives them."""
    return render(stage, size, Random(f"place {seed} {number}"), without)
