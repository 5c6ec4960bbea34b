"""The tree of a beam search: which sentences were kept, which were dropped, and their scores."""

from dataclasses import dataclass, replace

import numpy as np

from captioner.decoding import Search, Step
from captioner.vocabulary import END, Vocabulary


@dataclass(frozen=True)
class Branch:
    """One word that a beam search considered, at the end of one sentence.

    `kept`: it was among the best of its step. A sentence that has ended stays among them at no
    cost until others drive it out, and is not `kept` then.
    """

    parent: int  # number of the branch it goes on from; -1 for a first word
    text: str  # `<end>` where the sentence ends
    probability: float  # the model's own, given the words before
    score: float  # sum of the log-probabilities from the first word to this one
    kept: bool
    ended: bool


@dataclass(frozen=True)
class Tree:
    """All branches in the order in which they were considered, step by step, best kept first."""

    branches: list[Branch]
    best: list[int]  # numbers of the branches of the winning sentence, from its first word on


def grow(found: Search, photo: int, words: Vocabulary) -> Tree:
    """The tree of one photo of a search: at each step the kept branches, then the best of the
    dropped ones, at most as many as there are beams."""
    branches: list[Branch] = []
    ends = [-1] * found.scores.shape[1]  # number of the last branch of each kept sentence
    for step in found.steps:
        kept, dropped = _ranked(step, photo)
        after = []
        for row, token in [*kept, *dropped]:
            is_kept = len(after) < len(kept)
            number = ends[row]
            score = step.scores[photo, row] + step.offered[photo, row, token]
            over = number >= 0 and branches[number].ended
            if np.isfinite(score) and not over:
                probability = float(np.exp(step.offered[photo, row, token]))
                branches.append(
                    Branch(number, words[token], probability, float(score), is_kept, token == END)
                )
                number = len(branches) - 1
            after.append(number)
        ends = after[: len(kept)]
    best = _path(branches, ends[found.best(photo)])
    for number, branch in enumerate(branches):
        if branch.ended and number not in ends:
            branches[number] = replace(branch, kept=False)
    return Tree(branches, best)


def _ranked(step: Step, photo: int) -> tuple[list, list]:
    """(row, token) of what was kept, row by row, and of the best that was dropped."""
    totals = step.scores[photo][:, None] + step.offered[photo]  # (K, V)
    parents, tokens = step.parents[photo].tolist(), step.tokens[photo].tolist()
    kept = list(zip(parents, tokens, strict=True))
    order = np.argsort(-totals, axis=None, kind="stable")[: 2 * len(kept)]
    ranked = [divmod(int(place), totals.shape[1]) for place in order]
    return kept, [choice for choice in ranked if choice not in kept][: len(kept)]


def _path(branches: list[Branch], number: int) -> list[int]:
    """From a first word to the branch of that number."""
    path = []
    while number >= 0:
        path.append(number)
        number = branches[number].parent
    return path[::-1]
