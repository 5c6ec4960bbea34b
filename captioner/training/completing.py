"""Captions for photos of which only a noun is known: a captioner tells where the thing is.

It is asked for something of the same kind that it knows: would a horse be standing in the grass, or
in the snow? Then so is the zebra.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from captioner import decoding
from captioner.checkpoints import Checkpoint
from captioner.compiled import Compiled
from captioner.training.everyday import KINDS, with_article

KEPT = 3  # captions of a photo at most
RARE = 0.03  # share of the named photos; rarer nouns are said more than once
_BATCH = 32
_TINY = 1e-30


def completed(
    names: Mapping[Path, str], captioner: Checkpoint, report: Callable[[int, int], None]
) -> dict[Path, list[str]]:
    """Photo -> captions that name its noun and go on as suits the photo best.

    Of the ends of its kind those are taken which the captioner finds likeliest after the noun of
    the kind that it knows: KEPT, but no more than half of them. Half of what it finds on average is
    taken off the logarithm: what is likely for any photo says little of this one. Captions with a
    rare noun come as often as the root of how much rarer it is than RARE (repeat factor sampling,
    Gupta et al. 2019, arXiv:1908.03195).

    Raises UnknownWordError if the captioner does not know a kind's noun, or a word of its ends.
    """
    said, result = _Likelihood(captioner), {}
    rarity = {n: RARE * len(names) / count for n, count in Counter(names.values()).items()}
    for kind in KINDS:
        nouns = kind.nouns
        photos = [photo for photo, noun in names.items() if noun in nouns]
        if photos:
            ends = [end.strip() for end in kind.ends.split(";")]
            likely = said.of(photos, ["a", kind.like], [end.split() for end in ends])
            order = np.argsort(likely.mean(axis=0) / 2 - likely, axis=1, kind="stable")
            for photo, best in zip(photos, order[:, : min(KEPT, len(ends) // 2)], strict=True):
                noun = names[photo]
                times = math.ceil(math.sqrt(max(1.0, rarity[noun])))
                result[photo] = [f"{with_article(noun)} {ends[end]}" for end in best] * times
            report(len(result), len(names))
    return result


class _Likelihood:
    """How likely a captioner finds it that a sentence goes on in this way or that."""

    def __init__(self, captioner: Checkpoint):
        self._words, self._backbone = captioner.vocabulary, captioner.backbone.folded()
        self._decoder = Compiled(captioner.decoder)

    def of(self, photos: Sequence[Path], begun: list[str], ends: list[list[str]]) -> np.ndarray:
        """Log-probabilities of the ends after the words that it has begun with: (photos, ends)."""
        sentences = [self._words.ids(begun + end) for end in ends]
        likely = np.zeros((len(photos), len(ends)))
        for first in range(0, len(photos), _BATCH):
            some = slice(first, first + _BATCH)
            pixels = np.stack([self._backbone.pixels(photo) for photo in photos[some]])
            seen = self._decoder.see(self._backbone.features(pixels))
            for column, ids in enumerate(sentences):
                shares = decoding.probabilities(self._decoder.step, seen, ids)
                likely[some, column] = np.log(shares[:, len(begun) :] + _TINY).sum(axis=1)
        return likely
