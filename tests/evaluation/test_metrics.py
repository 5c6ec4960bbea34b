"""The scores against the COCO evaluation code itself, on the same words."""

import math
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge

from captioner.evaluation.metrics import photo_scores, scores, tokens
from captioner.vocabulary import standardise

PHOTOS = [
    (
        "a brown dog runs through the grass",
        "A brown dog is running across a green lawn .",
        "The dog runs through tall grass with a stick in its mouth .",
        "Brown dog running .",
    ),
    (
        "two children are playing in the water",
        "Two kids splash in a shallow pool .",
        "A boy and a girl play in the water , laughing .",
        "Children playing in the water on a hot day .",
    ),
    (
        "a man in a red shirt climbs a rock",
        "A climber in a red shirt hangs from a rock face .",
        "A man climbs a steep rock without a rope .",
        "A man wearing a red t-shirt is climbing a cliff .",
    ),
    (
        "a girl on a swing",
        "The girl's hair flies as she swings high above the playground .",
        "A girl on a swing .",
        "A young girl in a pink dress is on a swing .",
    ),
    (
        "the the the the the the",
        "A skier jumps over a mound of snow .",
        "Someone on skis is in the air above the slope .",
        "The skier is in mid-air .",
    ),
    (
        "a group of people",
        "Four friends sit around a campfire at night .",
        "A group of people sit by the fire .",
        "People warm their hands over the flames .",
    ),
    ("", "A cyclist rides past a field of sunflowers .", "A woman on a bike .", "Cycling ."),
    (
        "a black and white cat sits on a window sill next to a plant and a lamp and a book",
        "A cat sits on the sill .",
        "A black and white cat looks out of the window .",
        "A cat by the window .",
    ),
]


def coco(candidates, references):
    """What pycocoevalcap's own scorers say of the same words."""
    said = {i: [" ".join(tokens(c))] for i, c in enumerate(candidates)}
    written = {i: [" ".join(tokens(r)) for r in refs] for i, refs in enumerate(references)}
    bleu, _ = Bleu(4).compute_score(written, said, verbose=0)
    return {
        **{f"BLEU-{n}": value for n, value in enumerate(bleu, start=1)},
        "ROUGE-L": Rouge().compute_score(written, said)[0],
        "CIDEr": Cider().compute_score(written, said)[0],
    }


def agree(candidates, references):
    ours, theirs = scores(candidates, references), coco(candidates, references)
    assert ours.keys() == theirs.keys()
    assert ours == pytest.approx(theirs, abs=1e-6, rel=1e-6)
    assert all(math.isfinite(value) for value in ours.values())
    return ours


def split(photos):
    return [photo[0] for photo in photos], [list(photo[1:]) for photo in photos]


def test_equal_to_coco_on_captions():
    ours = agree(*split(PHOTOS))
    assert 0.1 < ours["BLEU-4"] < ours["BLEU-1"] < 1
    assert ours["CIDEr"] > 0.5


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo[0] or "empty")
def test_equal_to_coco_on_one_photo(photo):
    assert agree(*split([photo]))["CIDEr"] == 0  # said of all photos, so of no weight


sentence = st.lists(st.sampled_from("abcd"), max_size=9).map(" ".join)
photo = st.tuples(sentence, st.lists(sentence, min_size=1, max_size=4))


@settings(deadline=None)
@given(st.lists(photo, min_size=1, max_size=12))
def test_equal_to_coco_on_toy_alphabets(photos):
    assume(any("".join(written) for _, written in photos))  # the COCO code fails without a word
    agree([said for said, _ in photos], [written for _, written in photos])


def test_a_perfect_caption_has_full_marks():
    sentences = ["a dog runs on grass", "two boys play in water", "the red car stops at night"]
    perfect = scores(sentences, [[sentence] for sentence in sentences])
    assert perfect == pytest.approx(
        {"BLEU-1": 1, "BLEU-2": 1, "BLEU-3": 1, "BLEU-4": 1, "ROUGE-L": 1, "CIDEr": 10}
    )


def test_bleu_clips_repeated_words_and_penalises_brevity():
    # The example of Papineni et al.: "the" is right twice of seven times.
    clipped = scores(["the the the the the the the"], [["the cat is on the mat"]])
    assert clipped["BLEU-1"] == pytest.approx(2 / 7)
    brief = scores(["the cat"], [["the cat is on the mat"]])
    assert brief["BLEU-1"] == pytest.approx(math.exp(1 - 6 / 2))


def test_the_order_of_photos_does_not_matter():
    candidates, references = split(PHOTOS)
    assert scores(candidates[::-1], references[::-1]) == pytest.approx(
        scores(candidates, references)
    )


def test_capitals_and_punctuation_do_not_matter():
    candidates, references = split(PHOTOS)
    shouted = [f'"{caption.upper()}" !' for caption in candidates]
    assert scores(shouted, references) == scores(candidates, references)


def test_references_without_words_score_nothing():
    ours = scores(["a dog", ""], [["."], ["!"]])
    assert all(
        value == pytest.approx(0, abs=1e-6) for key, value in ours.items() if key != "ROUGE-L"
    )


def test_the_scores_of_photos_average_to_those_of_all():
    candidates, references = split(PHOTOS)
    each, together = photo_scores(candidates, references), scores(candidates, references)
    for name in ("CIDEr", "ROUGE-L"):
        mean = sum(photo[name] for photo in each) / len(PHOTOS)
        assert mean == pytest.approx(together[name], abs=1e-12)


def test_bleu_of_one_sentence_is_smoothed():
    """Of "the cat sat": 2 of 3 words, and with 1 added 2 of 3 pairs, 1 of 2 triples, 1 of 1; it is
    one word shorter than the reference."""
    (found,) = photo_scores(["the cat sat"], [["the cat is here"]])
    expected = (2 / 3 * 2 / 3 * 1 / 2 * 1) ** (1 / 4) * math.exp(1 - 4 / 3)
    assert found["BLEU-4"] == pytest.approx(expected)
    nothing = photo_scores(["", "a boat"], [["the cat"], ["the cat"]])
    assert [photo["BLEU-4"] for photo in nothing] == [0, 0]
    (perfect,) = photo_scores(["the cat is here"], [["a dog", "The cat is here ."]])
    assert perfect["BLEU-4"] == pytest.approx(1)


@given(st.lists(photo, min_size=1, max_size=4))
def test_scores_of_photos_are_in_their_ranges(photos):
    for found in photo_scores([said for said, _ in photos], [written for _, written in photos]):
        assert 0 <= found["BLEU-4"] <= 1 + 1e-9 and 0 <= found["ROUGE-L"] <= 1 + 1e-9
        assert 0 <= found["CIDEr"] <= 10 + 1e-9


@given(st.text())
def test_words_have_no_punctuation_and_no_capitals(caption):
    assert len(tokens(caption)) == len(standardise(caption))
    inside = '\u00b7\u05f3\u05f4"'  # of Catalan and Hebrew words
    for word in tokens(caption):
        assert word == word.lower()
        assert not any(unicodedata.category(c)[0] in "PSZ" for c in word if c not in inside)


def test_marks_inside_a_word_go_without_splitting_it():
    assert tokens("A T-shirt, the dog 's!") == ["a", "tshirt", "the", "dogs"]


@pytest.mark.parametrize(
    ("candidates", "references", "message"),
    [
        ([], [], "no captions"),
        (["a dog"], [], "references for 0 photos"),
        (["a dog"], [[]], "photo 0 needs"),
        (["a dog", "a cat"], [["a dog"], "a cat"], "photo 1 needs"),
    ],
)
def test_what_cannot_be_scored_is_refused(candidates, references, message):
    with pytest.raises(ValueError, match=message):
        scores(candidates, references)
