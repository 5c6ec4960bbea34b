"""Captions of known attention maps on a grid of 4 x 4 cells."""

import numpy as np

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word

GRID = Geometry(rows=4, cols=4, size=64, stride=16.0, first=8.0)  # centres at 1/8, 3/8, 5/8, 7/8
UNIFORM = np.full((4, 4), 1 / 16, np.float32)


def one_hot(row: int, col: int) -> np.ndarray:
    attention = np.zeros((4, 4), np.float32)
    attention[row, col] = 1
    return attention


def caption(*words, probability: float = 0.5, geometry: Geometry = GRID) -> Caption:
    """("dog", map), .. -> Caption"""
    return Caption([Word(text, probability, attention, []) for text, attention in words], geometry)
