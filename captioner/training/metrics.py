"""How near captions come to those that people wrote: BLEU-1..4, ROUGE-L and CIDEr-D.

The numbers equal those of the COCO evaluation code (pycocoevalcap) on the same words, the small
constants and corner cases included, so that they can be set beside published ones. What differs
from paper to paper is how captions are split into words; here it is `tokens`, for all scores.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from captioner.vocabulary import standardise

ORDERS = (1, 2, 3, 4)  # lengths of the n-grams that BLEU and CIDEr count

Words = list[str]


def tokens(caption: str) -> Words:
    """The words that are scored: split as the vocabulary does, "t-shirt" and "dog's" without
    their punctuation."""
    return [word.replace("'", "").replace("-", "") for word in standardise(caption)]


def scores(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Scores one caption per photo against the captions that people wrote for that photo.

    Returns "BLEU-1" to "BLEU-4" and "ROUGE-L", 0 to 1, and "CIDEr", 0 to 10. CIDEr weighs words
    by how few of these photos they are said of: it is 0 for a single photo, and only scores of
    the same photos compare. An empty candidate is scored as such.

    Raises ValueError if there is no photo, a photo has no reference, or the lengths differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} captions, but references for {len(references)} photos")
    if not candidates:
        raise ValueError("there are no captions to score")
    for number, written in enumerate(references):
        if isinstance(written, str) or not written:
            raise ValueError(f"photo {number} needs a list of one or more reference captions")
    said = [tokens(caption) for caption in candidates]
    written = [[tokens(caption) for caption in captions] for captions in references]
    bleu = {f"BLEU-{n}": score for n, score in zip(ORDERS, _bleu(said, written), strict=True)}
    return {**bleu, "ROUGE-L": _rouge(said, written), "CIDEr": _cider(said, written)}


def _ngrams(words: Words, n: int) -> Counter:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _bleu(said: list[Words], written: list[list[Words]]) -> list[float]:
    """Corpus BLEU of orders 1 to 4 (Papineni et al. 2002, ACL).

    Counts are summed over all photos before they are divided. An n-gram is right as often as the
    reference that has it most often; the brevity penalty compares with the reference of the
    closest length, the shorter of two.
    """
    right, guessed = dict.fromkeys(ORDERS, 0), dict.fromkeys(ORDERS, 0)
    long = long_written = 0
    for candidate, references in zip(said, written, strict=True):
        long += len(candidate)
        lengths = [len(reference) for reference in references]
        long_written += min(lengths, key=lambda length: (abs(length - len(candidate)), length))
        for n in ORDERS:
            allowed = Counter()
            for reference in references:
                allowed |= _ngrams(reference, n)
            right[n] += (_ngrams(candidate, n) & allowed).total()
            guessed[n] += max(0, len(candidate) - n + 1)
    # The constants are the COCO code's: they stand in for divisions by zero.
    ratio = (long + 1e-15) / (long_written + 1e-9)
    penalty = math.exp(min(0.0, 1 - 1 / ratio))
    precisions = [(right[n] + 1e-15) / (guessed[n] + 1e-9) for n in ORDERS]
    return [math.prod(precisions[:n]) ** (1 / n) * penalty for n in ORDERS]


def _rouge(said: list[Words], written: list[list[Words]]) -> float:
    """Mean ROUGE-L (Lin 2004, Text Summarization Branches Out) with beta 1.2.

    Precision and recall of the longest common subsequence, each the best over the references.
    An empty sentence counts as one empty word, as in the COCO code.
    """
    beta = 1.2**2
    each = []
    for candidate, references in zip(said, written, strict=True):
        candidate = candidate or [""]
        references = [reference or [""] for reference in references]
        common = [_common(candidate, reference) for reference in references]
        precision = max(common) / len(candidate)
        recall = max(c / len(r) for c, r in zip(common, references, strict=True))
        weighed = recall + beta * precision
        each.append((1 + beta) * precision * recall / weighed if weighed else 0.0)
    return float(np.mean(each))


def _common(one: Words, other: Words) -> int:
    """Length of the longest common subsequence, row by row of the usual table."""
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j, another in enumerate(other):
            row.append(above[j] + 1 if word == another else max(above[j + 1], row[j]))
        above = row
    return above[-1]


def _cider(said: list[Words], written: list[list[Words]]) -> float:
    """Mean CIDEr-D (Vedantam, Zitnick and Parikh 2015, CVPR), sigma 6, times 10.

    Captions become vectors of n-gram counts weighed by log(photos / photos whose references have
    the n-gram); the score is their cosine, with the candidate's weights clipped to the
    reference's and a Gaussian penalty on the difference in length.
    """
    known = [[{n: _ngrams(reference, n) for n in ORDERS} for reference in one] for one in written]
    spread = Counter()  # n-gram -> photos whose references have it
    for references in known:
        spread.update({gram for reference in references for n in ORDERS for gram in reference[n]})

    def weighed(counts: Counter) -> dict[tuple[str, ...], float]:
        return {g: c * math.log(len(said) / max(1, spread[g])) for g, c in counts.items()}

    each = []
    for candidate, references in zip(said, known, strict=True):
        vectors = {n: weighed(_ngrams(candidate, n)) for n in ORDERS}
        total = 0.0
        for reference in references:
            # The COCO code measures length in pairs of words.
            apart = max(0, len(candidate) - 1) - reference[2].total()
            closeness = math.exp(-(apart**2) / (2 * 6.0**2))
            for n in ORDERS:
                total += closeness * _clipped_cosine(vectors[n], weighed(reference[n]))
        each.append(10 * total / len(ORDERS) / len(references))
    return float(np.mean(each))


def _clipped_cosine(candidate: dict, reference: dict) -> float:
    shared = candidate.keys() & reference.keys()
    product = sum(min(candidate[gram], reference[gram]) * reference[gram] for gram in shared)
    norms = math.hypot(*candidate.values()) * math.hypot(*reference.values())
    return product / norms if norms else 0.0
