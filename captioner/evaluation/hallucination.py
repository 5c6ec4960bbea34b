"""Hallucination: do captions name objects that are not in their photo?"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from captioner.data.grounding import Grounding
from captioner.data.nouns import changes_meaning
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure
from captioner.vocabulary import standardise

CHAIR = ("CHAIRi", "CHAIRs")


def chair(
    captions: Mapping[Path, str],
    references: Mapping[Path, Sequence[str]],
    grounding: Grounding,
) -> dict[str, Measure]:
    """CHAIR, caption hallucination assessment with image relevance (Rohrbach et al. 2018,
    arXiv:1809.02156); lower is better.

    Only photos that `grounding` knows count, and nouns that are among its categories. An object is
    present if it has a box in the photo, or if a reference names it: people see what a detector
    misses. What both missed counts as absent, and what a detector mistook counts as present.

    Returns:
        "CHAIRi": the share of nouns that name no present object, absent if there is no such noun;
        "CHAIRs": the share of captions with such a noun. The baseline "shuffled" is what the
        captions would get with other photos: the mean over all others, absent for one photo.
    """
    judged = [photo for photo in captions if photo in grounding.boxes]
    nouns = [named(captions[photo], grounding) for photo in judged]
    objects = [present(photo, references.get(photo, ()), grounding) for photo in judged]
    single = [[frozenset([noun]) for noun in of_photo] for of_photo in nouns]
    together = [[frozenset(of_photo)] for of_photo in nouns]
    found = {"CHAIRi": _share_absent(single, objects), "CHAIRs": _share_absent(together, objects)}
    return {name: measure for name, measure in found.items() if measure}


def present(photo: Path, references: Sequence[str], grounding: Grounding) -> set[str]:
    """The categories of the objects in a photo that `grounding` knows: those with a box, and those
    that a reference caption names."""
    boxes = {box.category for box in grounding.boxes[photo]}
    return boxes.union(*(named(text, grounding) for text in references))


def named(text: str, grounding: Grounding) -> list[str]:
    """The categories that the words of a sentence name, but for "hot dog" and the like: the paper
    excludes these pairs of words, too."""
    words, found = standardise(text), []
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        noun = grounding.nouns.get(word)
        if noun in grounding.categories and not changes_meaning(before, word, after):
            found.append(noun)
    return found


def _share_absent(
    named: Sequence[Sequence[frozenset[str]]], objects: Sequence[set[str]]
) -> Measure | None:
    """The share of sets of categories, several of each photo, that are not all in their photo."""

    @cache
    def absent(categories: frozenset[str]) -> int:
        """In how many photos they are not."""
        return sum(not categories <= present for present in objects)

    answers, elsewhere = [], []
    for of_photo, present in zip(named, objects, strict=True):
        answers.append([float(not categories <= present) for categories in of_photo])
        elsewhere += [absent(c) - answer for c, answer in zip(of_photo, answers[-1], strict=True)]
    baselines = {}
    if elsewhere and len(objects) > 1:
        baselines["shuffled"] = sum(elsewhere) / len(elsewhere) / (len(objects) - 1)
    return intervals.mean(answers, baselines=baselines)
