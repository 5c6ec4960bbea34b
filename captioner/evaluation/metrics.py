"""How near captions come to those that people wrote: BLEU-1..4, ROUGE-L, CIDEr-D and METEOR.

The numbers equal those of the COCO evaluation code (pycocoevalcap) on the same words, the small
constants and corner cases included, so that they can be set beside published ones. What differs
from paper to paper is how captions are split into words; here it is `tokens`, for all scores.
"""

import importlib.util
import math
import shutil
from collections import Counter
from collections.abc import Sequence

import numpy as np

from captioner.vocabulary import standardise

ORDERS = (1, 2, 3, 4)  # lengths of the n-grams that BLEU and CIDEr count
PER_PHOTO = ("CIDEr", "ROUGE-L", "BLEU-4")  # what a photo has by itself

Words = list[str]


class NoMeteor(ValueError):
    """METEOR cannot be computed here; one sentence says why."""


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
    said, written = _split(candidates, references)
    bleu = {f"BLEU-{n}": score for n, score in zip(ORDERS, _bleu(said, written), strict=True)}
    rouge, cider = np.mean(_rouge(said, written)), np.mean(_cider(said, written))
    return {**bleu, "ROUGE-L": float(rouge), "CIDEr": float(cider)}


def photo_scores(
    candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> list[dict[str, float]]:
    """The scores PER_PHOTO of every photo by itself.

    The means of the first two are those of `scores`. BLEU is made for many sentences: with one,
    a single order without a match makes all of it 0. So 1 is added to matches and n-grams of all
    orders above 1 (Lin and Och 2004, ORANGE, COLING); a caption without one right word has 0.

    Raises as `scores` does.
    """
    said, written = _split(candidates, references)
    bleu = [_smoothed_bleu(*photo) for photo in zip(said, written, strict=True)]
    each = zip(_cider(said, written), _rouge(said, written), bleu, strict=True)
    return [dict(zip(PER_PHOTO, photo, strict=True)) for photo in each]


def meteor(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """METEOR 1.5 (Denkowski and Lavie 2014, WMT) of a whole set, 0 to 1.

    Its authors' own program, which is Java, as pycocoevalcap brings and calls it.

    Raises NoMeteor if Java or that package is missing or they fail, and else as `scores` does.
    """
    said, written = _split(candidates, references)
    if shutil.which("java") is None:
        raise NoMeteor("METEOR needs Java, which is not on this machine.")
    if importlib.util.find_spec("pycocoevalcap") is None:
        raise NoMeteor("METEOR needs the package pycocoevalcap: install requirements-meteor.txt.")
    from pycocoevalcap.meteor.meteor import Meteor

    texts = {i: [" ".join(words)] for i, words in enumerate(said)}
    known = {i: [" ".join(words) for words in one] for i, one in enumerate(written)}
    program = Meteor()
    try:
        found = float(program.compute_score(known, texts)[0])
    except Exception as error:  # of another program: whatever it is, the other scores stand
        raise NoMeteor(f"METEOR could not be computed: its program failed ({error}).") from error
    finally:
        _end(program)
    if not math.isfinite(found):
        raise NoMeteor("METEOR could not be computed: its program gave no number.")
    return found


def _end(program) -> None:
    """Ends METEOR and closes its pipes. It would leave them open, or, where it failed, wait for its
    own lock for ever when it is deleted."""
    if program.lock.locked():
        program.lock.release()
    program.meteor_p.kill()
    program.meteor_p.communicate()


def _split(
    candidates: Sequence[str], references: Sequence[Sequence[str]]
) -> tuple[list[Words], list[list[Words]]]:
    """The words of both. Raises ValueError where there is nothing to compare."""
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} captions, but references for {len(references)} photos")
    if not candidates:
        raise ValueError("there are no captions to score")
    for number, written in enumerate(references):
        if isinstance(written, str) or not written:
            raise ValueError(f"photo {number} needs a list of one or more reference captions")
    said = [tokens(caption) for caption in candidates]
    return said, [[tokens(caption) for caption in captions] for captions in references]


def ngrams(words: Words, n: int) -> Counter:
    """How often each group of `n` words in a row stands there."""
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
        long_written += _closest_length(candidate, references)
        for n in ORDERS:
            right[n] += _right(candidate, references, n)
            guessed[n] += max(0, len(candidate) - n + 1)
    # The constants are the COCO code's: they stand in for divisions by zero.
    ratio = (long + 1e-15) / (long_written + 1e-9)
    penalty = math.exp(min(0.0, 1 - 1 / ratio))
    precisions = [(right[n] + 1e-15) / (guessed[n] + 1e-9) for n in ORDERS]
    return [math.prod(precisions[:n]) ** (1 / n) * penalty for n in ORDERS]


def _closest_length(candidate: Words, references: list[Words]) -> int:
    lengths = [len(reference) for reference in references]
    return min(lengths, key=lambda length: (abs(length - len(candidate)), length))


def _right(candidate: Words, references: list[Words], n: int) -> int:
    """How many n-grams of the candidate some reference has, each no oftener than that."""
    allowed = Counter()
    for reference in references:
        allowed |= ngrams(reference, n)
    return (ngrams(candidate, n) & allowed).total()


def _smoothed_bleu(candidate: Words, references: list[Words]) -> float:
    right = [_right(candidate, references, n) for n in ORDERS]
    if not right[0]:
        return 0.0
    more = [int(n > 1) for n in ORDERS]
    guessed = [max(0, len(candidate) - n + 1) for n in ORDERS]
    precisions = [(r + m) / (g + m) for r, g, m in zip(right, guessed, more, strict=True)]
    penalty = math.exp(min(0.0, 1 - _closest_length(candidate, references) / len(candidate)))
    return math.prod(precisions) ** (1 / len(ORDERS)) * penalty


def _rouge(said: list[Words], written: list[list[Words]]) -> list[float]:
    """ROUGE-L of each photo (Lin 2004, Text Summarization Branches Out) with beta 1.2.

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
    return each


def _common(one: Words, other: Words) -> int:
    """Length of the longest common subsequence, row by row of the usual table."""
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for j, another in enumerate(other):
            row.append(above[j] + 1 if word == another else max(above[j + 1], row[j]))
        above = row
    return above[-1]


class Cider:
    """CIDEr-D of single captions (Vedantam, Zitnick and Parikh 2015, CVPR), sigma 6, times 10.

    Captions become vectors of n-gram counts weighed by log(photos / photos whose references have
    the n-gram); the score is their cosine, with the candidate's weights clipped to the
    reference's and a Gaussian penalty on the difference in length.
    """

    def __init__(self, written: Sequence[list[Words]]):
        """`written` are the references of all photos, by which n-grams are weighed."""
        self._photos = len(written)
        self._spread = Counter()  # n-gram -> photos whose references have it
        for references in written:
            grams = (ngrams(reference, n) for reference in references for n in ORDERS)
            self._spread.update(set().union(*grams))

    def __call__(self, candidates: Sequence[Words], references: list[Words]) -> list[float]:
        """The scores of captions of one photo with these references, 0 to 10."""
        known = [(reference, self._weighed(reference)) for reference in references]
        return [self._score(candidate, known) for candidate in candidates]

    def _score(self, candidate: Words, known: list[tuple[Words, dict]]) -> float:
        vectors, total = self._weighed(candidate), 0.0
        for reference, others in known:
            # The COCO code measures length in pairs of words.
            apart = max(0, len(candidate) - 1) - max(0, len(reference) - 1)
            closeness = math.exp(-(apart**2) / (2 * 6.0**2))
            total += closeness * sum(_clipped_cosine(vectors[n], others[n]) for n in ORDERS)
        return 10 * total / len(ORDERS) / len(known)

    def _weighed(self, words: Words) -> dict[int, dict[tuple[str, ...], float]]:
        """For every order the n-grams and their weights."""
        return {
            n: {
                gram: count * math.log(self._photos / max(1, self._spread[gram]))
                for gram, count in ngrams(words, n).items()
            }
            for n in ORDERS
        }


def _cider(said: list[Words], written: list[list[Words]]) -> list[float]:
    cider = Cider(written)
    return [cider([one], known)[0] for one, known in zip(said, written, strict=True)]


def _clipped_cosine(candidate: dict, reference: dict) -> float:
    shared = candidate.keys() & reference.keys()
    product = sum(min(candidate[gram], reference[gram]) * reference[gram] for gram in shared)
    norms = math.hypot(*candidate.values()) * math.hypot(*reference.values())
    return product / norms if norms else 0.0
