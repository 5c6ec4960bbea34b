"""Cause beside attention: what a word loses when a part of the photo is covered.

Occlusion sensitivity (Zeiler and Fergus 2014, arXiv:1311.2901): a patch is moved over the photo,
and what it hides matters as much as the answer suffers. Attention says where the decoder took its
numbers from; this says what in the photo they depend on.
"""

from collections.abc import Iterator

import numpy as np

from captioner.attention_maps import Geometry


def patch(geometry: Geometry, row: int, col: int) -> tuple[slice, slice]:
    """The pixels, down and across, that are covered for a cell: two strides square around its
    centre, less what lies beyond the rim."""
    return _span(geometry, row), _span(geometry, col)


def _span(geometry: Geometry, number: int) -> slice:
    centre = geometry.first + number * geometry.stride
    ends = np.clip([centre - geometry.stride, centre + geometry.stride], 0, geometry.size)
    return slice(*np.rint(ends).astype(int))


def covered(pixels: np.ndarray, geometry: Geometry) -> Iterator[np.ndarray]:
    """A photo, uint8 (S, S, 3), with a patch of its mean colour over one cell after the other.

    Yields uint8 (cols, S, S, 3) for each row of cells: batches of one size, whatever the grid.
    """
    colour = np.rint(pixels.mean(axis=(0, 1))).astype(np.uint8)
    for row in range(geometry.rows):
        batch = np.repeat(pixels[None], geometry.cols, axis=0)
        for col, variant in enumerate(batch):
            variant[patch(geometry, row, col)] = colour
        yield batch


def falls(whole: np.ndarray, patched: np.ndarray, geometry: Geometry) -> np.ndarray:
    """By how much each word's probability falls when a cell's patch is covered.

    Probabilities of T words with the whole photo (T,) and with each cell's patch covered, row by
    row (cells, T) -> float32 (T, rows, cols), below 0 where covering makes a word likelier.
    """
    maps = (whole - patched).T.reshape(-1, geometry.rows, geometry.cols)
    return maps.astype(np.float32)
