"""Where the objects in photos are, and how much of each cell of a grid they cover."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from captioner.attention_maps import Geometry

POINTS_PER_SIDE = 8  # of a cell, at which its coverage is sampled


@dataclass(frozen=True)
class Box:
    """An object: its category, and its edges as shares of the photo's width or height."""

    category: str
    left: float
    top: float
    right: float
    bottom: float

    def within(self, part: "Part", mirrored: bool = False) -> "Box":
        """The same object in a view of a part of the photo, mirrored or not.

        Edges below 0 or above 1 lie outside of the view.
        """
        left, right = ((x - part.left) / part.width for x in (self.left, self.right))
        top, bottom = ((y - part.top) / part.height for y in (self.top, self.bottom))
        if mirrored:
            left, right = 1 - right, 1 - left
        return replace(self, left=left, top=top, right=right, bottom=bottom)


@dataclass(frozen=True)
class Part:
    """A rectangle of a photo, in shares of its width and height."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @classmethod
    def of(cls, box: tuple[float, ...], side: float) -> "Part":
        """The part within (left, upper, right, lower) of a square photo with this side."""
        left, top, right, bottom = (edge / side for edge in box)
        return cls(left, top, right - left, bottom - top)


def covers(boxes: Iterable[Box], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points lie in at least one box: bool (H, W).

    `x` (W,) and `y` (H,) are shares of the photo's width and height.
    """
    inside = np.zeros((len(y), len(x)), bool)
    for box in boxes:
        across, down = (box.left <= x) & (x < box.right), (box.top <= y) & (y < box.bottom)
        inside |= down[:, None] & across
    return inside


def coverage(boxes: Iterable[Box], geometry: Geometry) -> np.ndarray:
    """The share of each cell that lies in at least one box: float32 (cells,).

    A cell is the square around its centre that is as wide as the stride.
    """
    offsets = (np.arange(POINTS_PER_SIDE) + 0.5) / POINTS_PER_SIDE - 0.5
    step = geometry.stride / geometry.size

    def points(count: int) -> np.ndarray:
        return (geometry.centres(count)[:, None] + step * offsets).ravel()

    inside = covers(boxes, points(geometry.cols), points(geometry.rows))
    cells = inside.reshape(geometry.rows, POINTS_PER_SIDE, geometry.cols, POINTS_PER_SIDE)
    return cells.mean(axis=(1, 3), dtype=np.float32).ravel()
