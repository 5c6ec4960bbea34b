"""Two photos side by side in one picture, chosen so that no noun is true of both."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from captioner import photos
from captioner.vocabulary import standardise


def nouns_in(captions: Iterable[str], nouns: Mapping[str, str]) -> set[str]:
    """What the captions name, as `nouns` has it: word -> noun."""
    return {nouns[word] for text in captions for word in standardise(text) if word in nouns}


def pairs(named: Sequence[set[str]], count: int, seed: int = 0) -> list[tuple[int, int]]:
    """Up to `count` pairs of photos that share no noun, by number, drawn with a seed.

    `named` are the nouns of each photo; one without any is in no pair, and none is in two.
    """
    waiting = [int(i) for i in np.random.default_rng(seed).permutation(len(named)) if named[i]]
    found: list[tuple[int, int]] = []
    while waiting and len(found) < count:
        left = waiting.pop(0)
        right = next((i for i in waiting if not named[i] & named[left]), None)
        if right is not None:
            waiting.remove(right)
            found.append((left, right))
    return found


def side_by_side(left, right, size: int) -> np.ndarray:
    """Two photos, each squeezed to half the width of one picture: uint8 (size, size, 3).

    Raises PhotoError for what is no photo.
    """
    half = size // 2
    one = photos.open_photo(left).resize((half, size))
    other = photos.open_photo(right).resize((size - half, size))
    return np.concatenate([np.asarray(one), np.asarray(other)], axis=1)
