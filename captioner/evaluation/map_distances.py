"""Distances of maps: do maps belong to their words, or would any map do?"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from captioner.caption import Caption, Word
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure


def distances(captions: Iterable[Sequence[Caption]]) -> dict[str, Measure]:
    """The total variation distance (half the sum of absolute differences) between maps, 0 to 1.

    Its chance is the distance after the cells of one map were shuffled. If maps belong to their
    words, the distance of the same word in other captions is smaller than that of other words, and
    than chance. The measure is our own; it answers a doubt of Jain and Wallace (2019,
    arXiv:1902.10186), that other maps would do as well.

    Of the captions of each photo the first one is tested.

    Returns:
        "maps_within": different words of a caption; "maps_between": the same word in the other
        captions of the photo. Only words count that occur once in both captions, and after
        different words: after the same words they have the same map in any case. A measure without
        such words is absent.
    """
    rng = np.random.default_rng(0)
    within, between = [], []
    for caption, *others in captions:
        pairs = itertools.combinations(caption.words, 2)
        within.append([_distance(*pair, rng) for pair in pairs if pair[0].text != pair[1].text])
        repeated = (pair for other in others for pair in _same_words(caption, other))
        between.append([_distance(*pair, rng) for pair in repeated])
    found = {"maps_within": _measure(within), "maps_between": _measure(between)}
    return {name: measure for name, measure in found.items() if measure}


def _same_words(one: Caption, other: Caption) -> Iterator[tuple[Word, Word]]:
    """The words that occur once in both captions, after different words."""
    texts, others = ([word.text for word in caption.words] for caption in (one, other))
    for i, word in enumerate(texts):
        if texts.count(word) == others.count(word) == 1:
            j = others.index(word)
            if texts[:i] != others[:j]:
                yield one.words[i], other.words[j]


def _distance(one: Word, other: Word, rng: np.random.Generator) -> tuple[float, float]:
    """The distance of the maps of two words, and after the cells of one were shuffled."""
    a, b = one.attention.ravel(), other.attention.ravel()
    distance, shuffled = (np.abs(a - c).sum() / 2 for c in (b, rng.permutation(b)))
    return float(distance), float(shuffled)


def _measure(groups: list[list[tuple[float, float]]]) -> Measure | None:
    chances = [shuffled for group in groups for _, shuffled in group]
    chance = float(np.mean(chances)) if chances else None
    return intervals.mean([[distance for distance, _ in group] for group in groups], chance)
