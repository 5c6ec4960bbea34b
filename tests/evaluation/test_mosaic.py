"""Mosaics of two photos, and focus whose answer is known exactly."""

import numpy as np
import pytest

from captioner.data import nouns
from captioner.evaluation import mosaic
from tests.support.maps import UNIFORM, caption, one_hot
from tests.support.seer import picture

NOUNS = {"dog": "dog", "dogs": "dog", "kite": "kite", "boat": "boat"}


def test_pairs_share_no_noun_and_no_photo_is_in_two():
    rng = np.random.default_rng(2)
    named = [set(rng.choice(list("abcdefgh"), rng.integers(0, 3)).tolist()) for _ in range(60)]
    pairs = mosaic.pairs(named, 20, seed=1)
    assert len(pairs) == 20 and len({i for pair in pairs for i in pair}) == 40
    assert all(named[i] and named[j] and not named[i] & named[j] for i, j in pairs)
    assert mosaic.pairs(named, 20, seed=1) == pairs != mosaic.pairs(named, 20, seed=2)
    assert mosaic.pairs([{"dog"}, {"dog", "cat"}, set()], 20) == []


def test_a_mosaic_has_the_whole_of_both_photos(tmp_path):
    """Squeezed: what is in column 3 of the left photo is left of the middle."""
    left, right = picture(dog=(0, 3)), picture(kite=(3, 0))
    pixels = mosaic.side_by_side(left, right, 64)
    assert pixels.shape == (64, 64, 3) and pixels.dtype == np.uint8
    assert pixels[8, 28].tolist() == [255, 0, 0] and pixels[56, 36].tolist() == [0, 255, 0]
    assert mosaic.side_by_side(left, right, 33).shape == (33, 33, 3)


def test_nouns_are_told_by_what_they_stand_for():
    told = ["Two MEN ride bikes .", "A child's puppy, by the lake"]
    assert mosaic.nouns_in(told, nouns.NOUNS) == {"person", "bicycle", "dog", "water"}
    assert mosaic.nouns_in(["three wolves watching", ""], nouns.NOUNS) == set()


def focus(*words, left=("dog",), right=("kite",)):
    return mosaic.focus([caption(*words)], [(set(left), set(right))], NOUNS)


def test_attention_counts_in_the_half_of_its_noun():
    left, right = one_hot(1, 0), one_hot(1, 3)  # the outer columns: nothing spills over
    assert focus(("dog", left), ("kite", right)).value == 1
    assert focus(("dogs", right), ("kite", left)).value == 0
    assert focus(("dog", left), ("kite", left)).value == 0.5
    assert focus(("dog", UNIFORM)).value == pytest.approx(0.5)
    assert focus(("dog", left)).chance == 0.5


def test_mass_is_that_of_the_map_as_it_is_shown_on_the_mosaic():
    """Beside the middle one eighth of a cell's weight is shown beyond it."""
    assert focus(("dog", one_hot(1, 1))).value == pytest.approx(7 / 8, abs=0.01)


def test_only_nouns_of_one_of_the_two_photos_count():
    left = one_hot(0, 0)
    said = ("a", left), ("boat", left), ("dog", left), ("kite", left)
    assert focus(*said, left=("dog", "kite"), right=("kite",)).count == 1
    assert focus(*said, left=(), right=()) is None
    with pytest.raises(ValueError):
        mosaic.focus([caption()], [], NOUNS)
