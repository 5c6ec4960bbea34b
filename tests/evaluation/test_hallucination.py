"""Captions of which it is known what in them is not there."""

from pathlib import Path

import pytest

from captioner.data import nouns
from captioner.data.boxes import Box
from captioner.data.grounding import Grounding
from captioner.evaluation.hallucination import chair

A, B, C = (Path(f"{name}.jpg") for name in "abc")


def grounding(**found):
    """`a=["dog"]`: the photo a.jpg has a box of a dog. Looked for were dogs, cats, people, bears
    and teddies."""
    boxes = {
        Path(f"{name}.jpg"): [Box(category, 0.1, 0.1, 0.5, 0.5) for category in categories]
        for name, categories in found.items()
    }
    looked_for = frozenset({"dog", "cat", "person", "bear", "teddy"})
    return Grounding(boxes, nouns.NOUNS, looked_for, False)


def test_the_share_of_nouns_and_of_captions_that_name_what_is_not_there():
    said = {A: "a man and a dog", B: "a cat on a tree", C: "a man with two dogs"}
    found = chair(said, {}, grounding(a=["dog", "person"], b=["dog"], c=["person"]))
    assert (found["CHAIRi"].value, found["CHAIRi"].count) == (pytest.approx(2 / 5), 5)
    assert (found["CHAIRs"].value, found["CHAIRs"].count) == (pytest.approx(2 / 3), 3)
    for measure in found.values():
        assert measure.low < measure.value < measure.high and measure.few


def test_what_people_name_is_there_by_whatever_word():
    known = grounding(a=[])
    said = {A: "a puppy"}
    assert chair(said, {A: ["a field", "two dogs run"]}, known)["CHAIRi"].value == 0
    assert chair(said, {A: ["a field"]}, known)["CHAIRi"].value == 1
    assert chair(said, {B: ["a dog"]}, known)["CHAIRi"].value == 1  # of another photo


def test_only_categories_of_the_boxes_are_judged():
    """Whether there is a tree nobody looked."""
    found = chair({A: "a dog under a tree"}, {}, grounding(a=["dog"]))
    assert (found["CHAIRi"].value, found["CHAIRi"].count) == (0, 1)
    found = chair({A: "trees"}, {}, grounding(a=["dog"]))
    assert list(found) == ["CHAIRs"] and found["CHAIRs"].value == 0


def test_photos_that_nobody_looked_at_are_not_judged():
    found = chair({A: "a dog", B: "a dog"}, {}, grounding(b=[]))
    assert (found["CHAIRi"].value, found["CHAIRi"].count, found["CHAIRs"].count) == (1, 1, 1)
    assert chair({A: "a dog"}, {A: ["a dog"]}, grounding()) == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a hot dog on a plate", 0),
        ("hot dogs and a dog", 1),
        ("a teddy bear", 1),  # a teddy
        ("a baby elephant beside an adult bear", 1),  # a bear, and no people
        ("a baby in a hat", 1),
        ("dogs dogs dog", 3),
        ("", 0),
    ],
)
def test_words_that_name_something_else_together_do_not_count(text, count):
    found = chair({A: text}, {}, grounding(a=[]))
    assert (found["CHAIRi"].count if "CHAIRi" in found else 0) == count


def test_the_baseline_is_what_captions_get_of_other_photos():
    said = {A: "a man and a dog", B: "a cat", C: "a dog"}
    known = grounding(a=["dog", "person"], b=["cat", "dog"], c=["dog"])
    found = chair(said, {}, known)
    assert found["CHAIRi"].value == found["CHAIRs"].value == 0
    # The man is in neither of the others, the dogs in both, the cat in neither.
    assert found["CHAIRi"].baselines == {"shuffled": pytest.approx((1 + 0 + 1 + 0) / 4)}
    assert found["CHAIRs"].baselines == {"shuffled": pytest.approx((1 + 1 + 0) / 3)}
    assert chair({A: "a dog"}, {}, known)["CHAIRi"].baselines == {}
