"""Whether attention is faithful. Four questions, asked of captions and the maps in them:

pointing    does the map of a noun lie on the thing that it names?
mosaic      of two photos in one picture, does it lie on the one that the noun belongs to?
cover       does a word depend on the cells that its map marks?
maps        do maps belong to their words, or would any map do?

`probes` puts them to a captioner.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from captioner.caption import Caption, Word
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure
from captioner.evaluation.pointing import FINE, POINTING, pointing

__all__ = ["POINTING", "cover_losses", "map_distances", "mosaic_focus", "pointing"]

COVERED = 5  # one cell in so many is covered in the cover test


def mosaic_focus(
    captions: Iterable[Caption],
    sides: Iterable[tuple[set[str], set[str]]],
    nouns: Mapping[str, str],
) -> Measure | None:
    """How much of a noun's attention lies on the photo that it belongs to, of two in one picture.

    After the measure Focus (Arias-Duart et al. 2022, arXiv:2109.15035), which lays mosaics of
    four photos, two of them of its class, before a classifier; here two stand side by side, and a
    noun of the caption belongs to the one whose references have it. `sides` are the nouns of
    the left and of the right photo, as `nouns` names them; words of neither or of both are not
    asked about. The chance is 0.5. None if there is no such word.
    """
    shares = []
    for caption, (left, right) in zip(captions, sides, strict=True):
        of_picture = []
        for i, word in enumerate(caption.words):
            noun = nouns.get(word.text)
            if (noun in left) != (noun in right):
                placed = caption.placed_attention(i, (FINE, FINE))
                halves = placed[:, : FINE // 2].sum(), placed[:, FINE // 2 :].sum()
                of_picture.append(float(halves[noun in right] / sum(halves)))
        shares.append(of_picture)
    return intervals.mean(shares, chance=0.5)


def cover_losses(
    captions: Sequence[Caption],
    probable: Callable[[int, np.ndarray], np.ndarray],
    seed: int = 0,
) -> dict[str, Measure]:
    """By how much a word's probability falls when cells are hidden from the decoder: the most
    attended ones, as many at random, and the least attended: "cover_most", "cover_random",
    "cover_least".

    Erasure, as in "Is Attention Interpretable?" (Serrano and Smith 2019, arXiv:1906.03731). One
    cell in COVERED is covered, at least one; cells of equal weight come in random order.
    `probable(i, covered)` tells how probable the words of caption `i` are with each of N
    coverings, bool (N, rows, cols) -> (N, words). Empty if no caption has a word, or the grid
    has one cell only.
    """
    rng = np.random.default_rng(seed)
    losses = []  # of each caption: (words, 3)
    for i, caption in enumerate(captions):
        words = len(caption.words)
        if words and caption.geometry.cells > 1:
            covered = np.stack([_coverings(word.attention, rng) for word in caption.words])
            after = probable(i, covered.reshape(-1, *covered.shape[2:]))
            after = after.reshape(words, 3, words)[np.arange(words), :, np.arange(words)]
            losses.append(np.array([[word.probability] for word in caption.words]) - after)
    names = ("cover_most", "cover_random", "cover_least")
    found = {
        name: intervals.mean([of[:, n] for of in losses], span=(-1, 1))
        for n, name in enumerate(names)
    }
    return {name: measure for name, measure in found.items() if measure}


def _coverings(attention: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The most attended cells, random ones, the least attended: bool (3, rows, cols)."""
    count = max(1, attention.size // COVERED)
    order = np.lexsort([rng.permutation(attention.size), -attention.ravel()])
    covered = np.zeros((3, attention.size), bool)
    covered[0, order[:count]] = True
    covered[1, rng.permutation(attention.size)[:count]] = True
    covered[2, order[-count:]] = True
    return covered.reshape(3, *attention.shape)


def map_distances(said: Iterable[Sequence[Caption]], seed: int = 0) -> dict[str, Measure]:
    """How far apart maps are, 0 for equal ones to 1: "maps_within" for different words of a
    caption, "maps_between" for the same word in other captions of the photo.

    The distance is total variation, half the sum of the absolute differences. Its chance is that
    of the same maps with the cells of one of them shuffled. Maps that belong to their words lie
    nearer between than within, and nearer than by chance. The measure is our own, against a doubt
    of Jain and Wallace (2019, arXiv:1902.10186): that other maps would do as well.

    `said` are the captions of each photo; the first is the one that is asked about. Between are
    only words that stand once in both captions, and after another beginning: after the same one
    they have the same map, however it came about. What there is nothing of is left out.
    """
    rng = np.random.default_rng(seed)
    within, between = [], []
    for caption, *others in said:
        pairs = itertools.combinations(caption.words, 2)
        within.append([_apart(*pair, rng) for pair in pairs if pair[0].text != pair[1].text])
        again = (pair for other in others for pair in _same_words(caption, other))
        between.append([_apart(*pair, rng) for pair in again])
    found = {"maps_within": _distance(within), "maps_between": _distance(between)}
    return {name: measure for name, measure in found.items() if measure}


def _same_words(one: Caption, other: Caption) -> Iterator[tuple[Word, Word]]:
    """The words that stand once in both captions, after another beginning."""
    said, again = ([word.text for word in caption.words] for caption in (one, other))
    for i, word in enumerate(said):
        if said.count(word) == again.count(word) == 1:
            j = again.index(word)
            if said[:i] != again[:j]:
                yield one.words[i], other.words[j]


def _apart(one: Word, other: Word, rng: np.random.Generator) -> tuple[float, float]:
    """Total variation between the maps of two words, and with the cells of one shuffled."""
    maps = one.attention.ravel(), other.attention.ravel()
    apart, shuffled = (np.abs(maps[0] - m).sum() / 2 for m in (maps[1], rng.permutation(maps[1])))
    return float(apart), float(shuffled)


def _distance(groups: list[list[tuple[float, float]]]) -> Measure | None:
    chances = [shuffled for group in groups for _, shuffled in group]
    chance = float(np.mean(chances)) if chances else None
    return intervals.mean([[apart for apart, _ in group] for group in groups], chance)
