"""Covered cells: does a word depend on the cells that its map marks?"""

from collections.abc import Callable, Sequence

import numpy as np

from captioner.caption import Caption
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure

COVER = ("cover_most", "cover_random", "cover_least")
ONE_IN = 5  # one cell of so many is covered, at least one


def losses(
    captions: Sequence[Caption],
    probabilities: Callable[[int, np.ndarray], np.ndarray],
) -> dict[str, Measure]:
    """By how much a word's probability falls if cells are hidden from the decoder: the most
    attended ones, as many random ones, or the least attended ones.

    Erasure, as in "Is Attention Interpretable?" (Serrano and Smith 2019, arXiv:1906.03731). Cells
    of equal weight are ordered at random.

    Args:
        captions: What is tested.
        probabilities: (i, covered) -> the probabilities (N, words) of the words of caption `i`
            with each of N coverings, bool (N, rows, cols).

    Returns:
        A measure for each name of COVER, -1 to 1. Empty if no caption has a word, or the grid has
        one cell only.
    """
    rng = np.random.default_rng(0)
    found = []  # of each caption: (words, COVER)
    for i, caption in enumerate(captions):
        words = len(caption.words)
        if words and caption.geometry.cells > 1:
            covered = np.stack([_coverings(word.attention, rng) for word in caption.words])
            after = probabilities(i, covered.reshape(-1, *covered.shape[2:]))
            after = after.reshape(words, len(COVER), words)[np.arange(words), :, np.arange(words)]
            found.append(np.array([[word.probability] for word in caption.words]) - after)
    measures = {
        name: intervals.mean([of_caption[:, n] for of_caption in found], span=(-1, 1))
        for n, name in enumerate(COVER)
    }
    return {name: measure for name, measure in measures.items() if measure}


def _coverings(attention: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The most attended cells, random ones, the least attended: bool (3, rows, cols)."""
    count = max(1, attention.size // ONE_IN)
    order = np.lexsort([rng.permutation(attention.size), -attention.ravel()])
    covered = np.zeros((len(COVER), attention.size), bool)
    covered[0, order[:count]] = True
    covered[1, rng.permutation(attention.size)[:count]] = True
    covered[2, order[-count:]] = True
    return covered.reshape(-1, *attention.shape)
