"""Occlusion sensitivity (Zeiler and Fergus 2014, arXiv:1311.2901).

A patch is moved over the photo. Where the probability of a word falls, the word depends on what the
patch hides. Attention shows where the decoder reads; this shows what its words depend on.
"""

from collections.abc import Iterator

import numpy as np

from captioner.attention_maps import Geometry


def patch(geometry: Geometry, row: int, col: int) -> tuple[slice, slice]:
    """The pixels (vertical, horizontal) of the patch of a cell: a square of two strides around its
    centre, cut at the rim."""
    centres = geometry.first + geometry.stride * np.array([row, col])
    ends = np.clip([centres - geometry.stride, centres + geometry.stride], 0, geometry.size)
    vertical, horizontal = map(slice, *np.rint(ends).astype(int))
    return vertical, horizontal


def covered(pixels: np.ndarray, geometry: Geometry) -> Iterator[np.ndarray]:
    """Covers one cell after the other of a photo, uint8 (S, S, 3), with its mean colour.

    Yields:
        uint8 (cols, S, S, 3) for each row of cells.
    """
    colour = np.rint(pixels.mean(axis=(0, 1))).astype(np.uint8)
    for row in range(geometry.rows):
        batch = np.repeat(pixels[None], geometry.cols, axis=0)
        for col, variant in enumerate(batch):
            variant[patch(geometry, row, col)] = colour
        yield batch


def falls(whole: np.ndarray, patched: np.ndarray, geometry: Geometry) -> np.ndarray:
    """How much the probability of each word falls when the patch of a cell is covered.

    Args:
        whole: probabilities of T words for the whole photo, (T,).
        patched: the same with each patch covered, row by row, (cells, T).
        geometry: of the grid.

    Returns:
        float32 (T, rows, cols), negative where covering makes a word more probable.
    """
    maps = (whole - patched).T.reshape(-1, geometry.rows, geometry.cols)
    return maps.astype(np.float32)
