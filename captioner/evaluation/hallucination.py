"""Does a caption name things that are not in its photo? CHAIR measures it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from captioner.data.grounding import Grounding
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure
from captioner.vocabulary import standardise

CHAIR = ("CHAIRi", "CHAIRs")
_ANIMALS = frozenset(
    ("bear", "bird", "cat", "cow", "dog", "elephant", "giraffe", "horse", "sheep", "zebra")
)
_YOUNG = ("baby", "adult")  # of an animal
_NO_ANIMALS = {("hot", "dog"), ("hot", "dogs"), ("teddy", "bear"), ("teddy", "bears")}


def chair(
    captions: Mapping[Path, str],
    references: Mapping[Path, Sequence[str]],
    grounding: Grounding,
) -> dict[str, Measure]:
    """How much of what captions name is not in their photos; lower is better.

    "CHAIRi" is the share of nouns that name no object that is there, "CHAIRs" the share of captions
    with such a noun (caption hallucination assessment with image relevance, Rohrbach et al. 2018,
    arXiv:1809.02156).

    Judged are the captions of photos that `grounding` knows, and of their nouns those that are
    among its categories. An object is there if it has a box in the photo, or if a reference names
    it by a word of the same noun: people see what a detector misses. What both missed counts as
    not there, and what a detector took for something else counts as there.

    The baseline "shuffled" is what the captions would get of another photo: the mean over all
    others, absent for one photo. CHAIRi is absent if no caption has such a noun, and both are if no
    photo is known.
    """
    judged = [photo for photo in captions if photo in grounding.boxes]
    said = [named(captions[photo], grounding) for photo in judged]
    there = [present(photo, references.get(photo, ()), grounding) for photo in judged]
    found = {
        "CHAIRi": _share([[{noun} for noun in nouns] for nouns in said], there),
        "CHAIRs": _share([[set(nouns)] for nouns in said], there),
    }
    return {name: measure for name, measure in found.items() if measure}


def present(photo: Path, references: Sequence[str], grounding: Grounding) -> set[str]:
    """The categories of the objects in a photo that `grounding` knows: those with a box, and those
    that a reference caption names."""
    boxes = {box.category for box in grounding.boxes[photo]}
    return boxes.union(*(named(text, grounding) for text in references))


def named(text: str, grounding: Grounding) -> list[str]:
    """The categories that the words of a sentence name, but for "hot dog" and the like: the paper
    excludes these pairs of words, too."""
    words = standardise(text)
    found = []
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        noun = grounding.nouns.get(word)
        of_animal = word in _YOUNG and grounding.nouns.get(after) in _ANIMALS
        if noun in grounding.categories and not of_animal and (before, word) not in _NO_ANIMALS:
            found.append(noun)
    return found


def _share(asked: Sequence[Sequence[set[str]]], there: Sequence[set[str]]) -> Measure | None:
    """The share of things asked about, each a set of categories, that are not all in their photo;
    `asked` are those of each photo, and `there` its categories."""
    absent: dict[frozenset[str], int] = {}  # in how many photos a thing is not
    answers, others = [], []
    for of_photo, own in zip(asked, there, strict=True):
        answers.append([float(not thing <= own) for thing in of_photo])
        for thing, answer in zip(of_photo, answers[-1], strict=True):
            if (key := frozenset(thing)) not in absent:
                absent[key] = sum(not key <= categories for categories in there)
            others.append(absent[key] - answer)
    baselines = {}
    if others and len(there) > 1:
        baselines["shuffled"] = sum(others) / len(others) / (len(there) - 1)
    return intervals.mean(answers, baselines=baselines)
