"""How photos are looked at when there are few of them: as they are, mirrored, or in part."""

from dataclasses import dataclass

import numpy as np

from captioner.training import crops

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
            rng = np.random.default_rng([self.crop, *name.encode()])
            pixels = crops.crop(pixels, rng, len(pixels), PART)
        return pixels[:, ::-1] if self.mirrored else pixels


PLAIN = View()
