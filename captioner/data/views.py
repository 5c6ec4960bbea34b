"""How photos are looked at when there are few of them: as they are, mirrored, or in part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from captioner.data import crops
from captioner.data.boxes import Box, Part

PART = 0.6  # of a photo's area at least: what its captions say should still be in it


@dataclass(frozen=True)
class View:
    """One way to look at every photo of a data set."""

    mirrored: bool = False
    crop: int = 0  # the n-th of many random crops of each photo, or 0 for the whole of it

    def __post_init__(self):
        """Raises ValueError for a crop that is negative."""
        if self.crop < 0:
            raise ValueError(f"crops are counted from 1, and 0 is the whole photo, not {self.crop}")

    def of(self, pixels: np.ndarray, name: str) -> np.ndarray:
        """What is seen of a photo, uint8 (S, S, 3) both. `name` is that of its file: the same crop
        is drawn for it every time."""
        if self.crop:
            pixels = crops.resized(pixels, self._box(name, len(pixels)), len(pixels))
        return pixels[:, ::-1] if self.mirrored else pixels

    def shows(self, boxes: Sequence[Box], name: str) -> list[Box]:
        """Where the objects of a photo are in this view of it."""
        part = Part.of(self._box(name, 1), 1) if self.crop else Part()
        return [box.within(part, self.mirrored) for box in boxes]

    def _box(self, name: str, side: int) -> tuple[float, ...]:
        rng = np.random.default_rng([self.crop, *name.encode()])
        return crops.random_box(rng, side, PART)


PLAIN = View()
