"""Augmentation of photos: random crops, mirroring, and changes of brightness and contrast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from captioner.data.boxes import Box, Part

VIEW_MIN_AREA = 0.6  # of a photo: what its captions describe should still be in the crop


def random_box(rng: np.random.Generator, side: int, min_area: float) -> tuple[float, ...]:
    """A random crop of a square photo, with an aspect ratio between 3:4 and 4:3.

    Args:
        rng: source of randomness.
        side: of the photo, in the unit of the result.
        min_area: least share of the photo's area; boxes reach up to the whole photo.

    Returns:
        (left, upper, right, lower).
    """
    area = rng.uniform(min_area, 1.0) * side * side
    aspect = np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
    width, height = min(side, np.sqrt(area * aspect)), min(side, np.sqrt(area / aspect))
    left, upper = rng.uniform(0, side - width), rng.uniform(0, side - height)
    return left, upper, left + width, upper + height


def resized_crop(photo: np.ndarray, box: tuple[float, ...], size: int) -> np.ndarray:
    """The part of a uint8 photo within `box` (in pixels), resized to uint8 (size, size, 3)."""
    image = Image.fromarray(photo).resize((size, size), Image.Resampling.BILINEAR, box=box)
    return np.asarray(image)


def random_crop(
    photo: np.ndarray, rng: np.random.Generator, size: int, min_area: float
) -> tuple[np.ndarray, tuple[float, ...], bool]:
    """A random crop, mirrored half of the time, with random brightness and contrast.

    Returns:
        The pixels, uint8 (size, size, 3); the box of the crop in pixels of the photo; whether it
        is mirrored.
    """
    box = random_box(rng, len(photo), min_area)
    pixels = resized_crop(photo, box, size)
    mirrored = bool(rng.random() < 0.5)
    contrast, brightness = rng.uniform(0.7, 1.3), rng.uniform(-30, 30)
    levels = np.clip((np.arange(256) - 128) * contrast + 128 + brightness, 0, 255).astype(np.uint8)
    return levels[pixels[:, ::-1] if mirrored else pixels], box, mirrored


@dataclass(frozen=True)
class View:
    """One fixed augmentation of every photo of a data set, so that its features can be cached."""

    mirrored: bool = False
    crop: int = 0  # number of the random crop, from 1; 0 is the whole photo

    def __post_init__(self):
        if self.crop < 0:
            raise ValueError(f"crops are counted from 1, and 0 is the whole photo, not {self.crop}")

    def apply(self, pixels: np.ndarray, name: str) -> np.ndarray:
        """The augmented photo, uint8 (S, S, 3) like `pixels`.

        `name` is the photo's file name; together with the crop's number it seeds the crop.
        """
        if self.crop:
            pixels = resized_crop(pixels, self._box(name, len(pixels)), len(pixels))
        return pixels[:, ::-1] if self.mirrored else pixels

    def apply_to_boxes(self, boxes: Sequence[Box], name: str) -> list[Box]:
        """Where the objects of the photo `name` are in this view of it."""
        part = Part.of(self._box(name, 1), 1) if self.crop else Part()
        return [box.within(part, self.mirrored) for box in boxes]

    def _box(self, name: str, side: int) -> tuple[float, ...]:
        rng = np.random.default_rng([self.crop, *name.encode()])
        return random_box(rng, side, VIEW_MIN_AREA)


PLAIN = View()


def views(mirror: bool, crops: int) -> list[View]:
    """The views of each photo: the whole photo first, then crops, each mirrored, too."""
    mirrorings = (False, True) if mirror else (False,)
    return [View(mirrored, crop) for crop in range(crops + 1) for mirrored in mirrorings]
