"""The tree of a beam search: the sentences that were kept and dropped, and their scores."""

from dataclasses import dataclass, replace

import numpy as np

from captioner.decoding import Search, Step
from captioner.vocabulary import END, Vocabulary


@dataclass(frozen=True)
class Node:
    """A word that the search considered as the continuation of one sentence."""

    parent: int  # number of the node before it; -1 for a first word
    text: str  # `<end>` where the sentence ends
    probability: float  # of the model, given the words before
    score: float  # sum of the log-probabilities from the first word to this one
    # Among the best of its step. A sentence that has ended stays there until better ones replace
    # it, and is not kept then.
    kept: bool
    ended: bool


@dataclass(frozen=True)
class Tree:
    """All nodes, step by step; in each step first the kept ones, best first."""

    nodes: list[Node]
    best: list[int]  # numbers of the nodes of the best sentence, from its first word on


def build(search: Search, photo: int, words: Vocabulary) -> Tree:
    """The tree of one photo of a search.

    Each step has the kept nodes, then the best of the dropped ones, at most as many as beams.
    """
    nodes: list[Node] = []
    last = [-1] * search.scores.shape[1]  # number of the last node of each beam
    for step in search.steps:
        kept, dropped = _ranked(step, photo)
        after = []
        for row, token in [*kept, *dropped]:
            number = last[row]
            score = step.scores[photo, row] + step.offered[photo, row, token]
            finished = number >= 0 and nodes[number].ended
            if np.isfinite(score) and not finished:
                probability = float(np.exp(step.offered[photo, row, token]))
                is_kept, ended = len(after) < len(kept), token == END
                nodes.append(Node(number, words[token], probability, float(score), is_kept, ended))
                number = len(nodes) - 1
            after.append(number)
        last = after[: len(kept)]
    for number, node in enumerate(nodes):
        if node.ended and number not in last:
            nodes[number] = replace(node, kept=False)
    path, number = [], last[search.best(photo)]
    while number >= 0:
        path.append(number)
        number = nodes[number].parent
    return Tree(nodes, path[::-1])


def _ranked(step: Step, photo: int) -> tuple[list, list]:
    """(row, token) of the kept choices, row by row, and of the best dropped ones."""
    totals = step.scores[photo][:, None] + step.offered[photo]  # (K, V)
    parents, tokens = step.parents[photo].tolist(), step.tokens[photo].tolist()
    kept = list(zip(parents, tokens, strict=True))
    order = np.argsort(-totals, axis=None, kind="stable")[: 2 * len(kept)]
    ranked = [divmod(int(place), totals.shape[1]) for place in order]
    return kept, [choice for choice in ranked if choice not in kept][: len(kept)]
