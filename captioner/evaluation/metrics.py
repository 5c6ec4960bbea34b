"""Scores of captions against reference captions: BLEU-1..4, ROUGE-L and CIDEr-D.

The numbers equal those of the COCO evaluation code (pycocoevalcap) on the same words, with its
small constants and corner cases, so that they compare with published numbers. They are computed
here, not by that package: it needs Java, and self-critical training calls CIDEr in every step.
Papers differ in how they split captions into words; here `tokens` does so for all scores.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from captioner.vocabulary import standardise

ORDERS = (1, 2, 3, 4)  # lengths of the n-grams that BLEU and CIDEr count

Words = list[str]
Candidates, References = Sequence[Words], Sequence[Sequence[Words]]  # one entry per photo


def tokens(caption: str) -> Words:
    """The words that are scored: those of the vocabulary, without "'" and "-" inside them."""
    return [word.replace("'", "").replace("-", "") for word in standardise(caption)]


def scores(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Scores one caption per photo against the reference captions of that photo.

    CIDEr weights words by how rare they are among these photos: it is 0 for a single photo, and
    only scores of the same photos compare. An empty caption is scored, too.

    Returns:
        "BLEU-1" to "BLEU-4" and "ROUGE-L", 0 to 1, and "CIDEr", 0 to 10.

    Raises:
        ValueError: There is no photo, a photo has no reference, or the lengths differ.
    """
    words = split(candidates, references)
    means = {name: float(np.mean(PER_PHOTO[name](*words))) for name in ("ROUGE-L", "CIDEr")}
    return _bleu(*words) | means


def photo_scores(
    candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> list[dict[str, float]]:
    """The scores that PER_PHOTO lists, of every photo by itself.

    The means of CIDEr and ROUGE-L are those of `scores`. BLEU-4 is smoothed. Raises as `scores`.
    """
    words = split(candidates, references)
    columns = [metric(*words) for metric in PER_PHOTO.values()]
    return [dict(zip(PER_PHOTO, row, strict=True)) for row in zip(*columns, strict=True)]


def split(
    candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> tuple[list[Words], list[list[Words]]]:
    """The words of candidates and references. Raises ValueError if there is nothing to compare."""
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} captions, but references for {len(references)} photos")
    if not candidates:
        raise ValueError("there are no captions to score")
    for number, captions in enumerate(references):
        if isinstance(captions, str) or not captions:
            raise ValueError(f"photo {number} needs a list of one or more reference captions")
    words = [tokens(caption) for caption in candidates]
    return words, [[tokens(caption) for caption in captions] for captions in references]


def ngrams(words: Words, n: int) -> Counter:
    """How often each sequence of `n` words occurs."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _bleu(candidates: Candidates, references: References) -> dict[str, float]:
    """BLEU of all photos together, orders 1 to 4 (Papineni et al. 2002, ACL).

    Counts are summed over all photos before they are divided. An n-gram matches as often as the
    reference that has it most often; the brevity penalty compares with the reference of the
    closest length, the shorter one of two.
    """
    pairs = list(zip(candidates, references, strict=True))
    length = sum(map(len, candidates))
    # The constants are those of the COCO code: they stand in for divisions by zero.
    ratio = (length + 1e-15) / (sum(_closest_length(*pair) for pair in pairs) + 1e-9)
    penalty = math.exp(min(0.0, 1 - 1 / ratio))
    precisions = []
    for n in ORDERS:
        total = sum(max(0, len(words) - n + 1) for words in candidates)
        precisions.append((sum(_matches(*pair, n) for pair in pairs) + 1e-15) / (total + 1e-9))
    return {f"BLEU-{n}": math.prod(precisions[:n]) ** (1 / n) * penalty for n in ORDERS}


def _smoothed_bleu(candidates: Candidates, references: References) -> list[float]:
    """BLEU-4 of each photo. Without smoothing one order without a match makes all of it 0: so 1 is
    added to matches and n-grams of orders above 1 (Lin and Och 2004, ORANGE, COLING)."""
    found = []
    for words, of_photo in zip(candidates, references, strict=True):
        matches = [_matches(words, of_photo, n) for n in ORDERS]
        if not matches[0]:
            found.append(0.0)
            continue
        added = [int(n > 1) for n in ORDERS]
        totals = [max(0, len(words) - n + 1) for n in ORDERS]
        precisions = [(m + a) / (t + a) for m, t, a in zip(matches, totals, added, strict=True)]
        penalty = math.exp(min(0.0, 1 - _closest_length(words, of_photo) / len(words)))
        found.append(math.prod(precisions) ** (1 / len(ORDERS)) * penalty)
    return found


def _closest_length(candidate: Words, references: Sequence[Words]) -> int:
    lengths = [len(reference) for reference in references]
    return min(lengths, key=lambda length: (abs(length - len(candidate)), length))


def _matches(candidate: Words, references: Sequence[Words], n: int) -> int:
    """How many n-grams of the candidate a reference has, each at most as often as there."""
    allowed = Counter()
    for reference in references:
        allowed |= ngrams(reference, n)
    return (ngrams(candidate, n) & allowed).total()


def _rouge(candidates: Candidates, references: References) -> list[float]:
    """ROUGE-L of each photo (Lin 2004, Text Summarization Branches Out) with beta 1.2.

    Precision and recall of the longest common subsequence, each the best over the references.
    An empty sentence counts as one empty word, as in the COCO code.
    """
    beta = 1.2**2
    found = []
    for words, of_photo in zip(candidates, references, strict=True):
        words, of_photo = words or [""], [reference or [""] for reference in of_photo]
        common = [_longest_common(words, reference) for reference in of_photo]
        precision = max(common) / len(words)
        recall = max(c / len(r) for c, r in zip(common, of_photo, strict=True))
        weighted = recall + beta * precision
        found.append((1 + beta) * precision * recall / weighted if weighted else 0.0)
    return found


def _longest_common(one: Words, other: Words) -> int:
    """Length of the longest common subsequence, by the usual table, row by row."""
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j, another in enumerate(other):
            row.append(above[j] + 1 if word == another else max(above[j + 1], row[j]))
        above = row
    return above[-1]


class Cider:
    """CIDEr-D of single captions (Vedantam, Zitnick and Parikh 2015, CVPR), sigma 6, times 10.

    Captions become vectors of n-gram counts, weighted by log(photos / photos whose references have
    the n-gram). The score is their cosine, with the candidate's weights clipped to the reference's
    and a Gaussian penalty on the difference in length.
    """

    def __init__(self, references: References):
        """`references` of all photos determine the weights of n-grams."""
        self._photos = len(references)
        self._photos_with = Counter()  # n-gram -> number of photos whose references have it
        for of_photo in references:
            grams = (ngrams(reference, n) for reference in of_photo for n in ORDERS)
            self._photos_with.update(set().union(*grams))

    def __call__(self, candidates: Candidates, references: Sequence[Words]) -> list[float]:
        """The scores, 0 to 10, of several captions of one photo, which has these references."""
        known = [(reference, self._vectors(reference)) for reference in references]
        return [self._score(candidate, known) for candidate in candidates]

    def _score(self, candidate: Words, known: list[tuple[Words, dict]]) -> float:
        vectors, total = self._vectors(candidate), 0.0
        for reference, weights in known:
            # The COCO code measures length in pairs of words.
            difference = max(0, len(candidate) - 1) - max(0, len(reference) - 1)
            closeness = math.exp(-(difference**2) / (2 * 6.0**2))
            total += closeness * sum(_clipped_cosine(vectors[n], weights[n]) for n in ORDERS)
        return 10 * total / len(ORDERS) / len(known)

    def _vectors(self, words: Words) -> dict[int, dict[tuple[str, ...], float]]:
        """For every order the weight of each n-gram."""
        return {
            n: {
                gram: count * math.log(self._photos / max(1, self._photos_with[gram]))
                for gram, count in ngrams(words, n).items()
            }
            for n in ORDERS
        }


def _clipped_cosine(candidate: dict, reference: dict) -> float:
    shared = candidate.keys() & reference.keys()
    product = sum(min(candidate[gram], reference[gram]) * reference[gram] for gram in shared)
    norms = math.hypot(*candidate.values()) * math.hypot(*reference.values())
    return product / norms if norms else 0.0


def _cider(candidates: Candidates, references: References) -> list[float]:
    cider = Cider(references)
    return [cider([one], known)[0] for one, known in zip(candidates, references, strict=True)]


PER_PHOTO = {"CIDEr": _cider, "ROUGE-L": _rouge, "BLEU-4": _smoothed_bleu}  # the table of photos
