"""Mosaics: of two photos in one picture, does attention lie on the one that a noun belongs to?

After the measure Focus (Arias-Duart et al. 2022, arXiv:2109.15035), which shows a classifier
mosaics of four photos, two of them of its class. Here two photos stand side by side.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from captioner import photos
from captioner.caption import Caption
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure
from captioner.evaluation.pointing import FINE
from captioner.vocabulary import standardise


def nouns_in(captions: Iterable[str], nouns: Mapping[str, str]) -> set[str]:
    """The nouns that captions contain; `nouns` maps words to nouns."""
    return {nouns[word] for text in captions for word in standardise(text) if word in nouns}


def pairs(named: Sequence[set[str]], count: int, seed: int = 0) -> list[tuple[int, int]]:
    """Draws up to `count` pairs of photos that share no noun, as indices.

    `named` are the nouns of each photo; a photo without any is in no pair, and none is in two.
    """
    remaining = [int(i) for i in np.random.default_rng(seed).permutation(len(named)) if named[i]]
    found: list[tuple[int, int]] = []
    while remaining and len(found) < count:
        left = remaining.pop(0)
        right = next((i for i in remaining if not named[i] & named[left]), None)
        if right is not None:
            remaining.remove(right)
            found.append((left, right))
    return found


def side_by_side(left, right, size: int) -> np.ndarray:
    """Two photos, each squashed to half the width of one picture: uint8 (size, size, 3).

    Raises PhotoError for what is no photo.
    """
    half = size // 2
    one = photos.open_photo(left).resize((half, size))
    other = photos.open_photo(right).resize((size - half, size))
    return np.concatenate([np.asarray(one), np.asarray(other)], axis=1)


def focus(
    captions: Iterable[Caption],
    sides: Iterable[tuple[set[str], set[str]]],
    nouns: Mapping[str, str],
) -> Measure | None:
    """The share of a noun's attention that lies on the photo that it belongs to.

    `sides` are the nouns of the left and of the right photo of each mosaic, taken from their
    references; words of neither or of both are ignored. None if there is no other word.
    """
    shares = []
    for caption, (left, right) in zip(captions, sides, strict=True):
        of_mosaic = []
        for i, word in enumerate(caption.words):
            noun = nouns.get(word.text)
            if (noun in left) != (noun in right):
                placed = caption.placed_attention(i, (FINE, FINE))
                halves = placed[:, : FINE // 2].sum(), placed[:, FINE // 2 :].sum()
                of_mosaic.append(float(halves[noun in right] / sum(halves)))
        shares.append(of_mosaic)
    return intervals.mean(shares, chance=0.5)
