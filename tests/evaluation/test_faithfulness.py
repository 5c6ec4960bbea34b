"""Mosaics, covered cells and distances of maps whose answer is known exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.evaluation.faithfulness import cover_losses, map_distances, mosaic_focus

GRID = Geometry(rows=4, cols=4, size=64, stride=16.0, first=8.0)
NOUNS = {"dog": "dog", "dogs": "dog", "kite": "kite", "boat": "boat"}
UNIFORM = np.full((4, 4), 1 / 16, np.float32)


def one_hot(row, col):
    attention = np.zeros((4, 4), np.float32)
    attention[row, col] = 1
    return attention


def caption(*words, probability=0.5, geometry=GRID):
    """("dog", map), .. -> Caption"""
    return Caption([Word(text, probability, attention, []) for text, attention in words], geometry)


def focus(*words, left=("dog",), right=("kite",)):
    return mosaic_focus([caption(*words)], [(set(left), set(right))], NOUNS)


def test_a_noun_is_asked_about_its_own_half():
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
        mosaic_focus([caption()], [], NOUNS)


def needing(*cells):
    """A word's probability is the share of these cells that is visible, of every word."""

    def probable(i, covered):
        shares = np.mean([~covered[:, row, col] for row, col in cells], axis=0)
        return np.repeat(0.5 * shares[:, None], 2, axis=1)

    return probable


def test_covering_what_a_word_needs_costs_all_of_it():
    """Three of 16 cells are covered."""
    attention = 0.7 * one_hot(0, 0) + 0.2 * one_hot(2, 1) + 0.1 * one_hot(3, 3)
    said = [caption(("red", attention), ("dog", attention)) for _ in range(300)]
    found = cover_losses(said, needing((0, 0)))
    assert found["cover_most"].value == 0.5
    assert found["cover_least"].value == 0
    assert found["cover_random"].value == pytest.approx(0.5 * 3 / 16, abs=0.03)
    assert found["cover_most"].count == 600
    found = cover_losses(said, needing((0, 0), (2, 1), (3, 3)))
    assert found["cover_most"].value == 0.5
    assert cover_losses(said, needing((1, 1)))["cover_most"].value == 0


def test_equal_cells_are_covered_in_random_order():
    """A uniform map marks nothing: no place of the grid may be covered more than others."""
    said = [caption(("a", UNIFORM), ("dog", UNIFORM)) for _ in range(200)]
    for cell in ((0, 0), (3, 3)):
        for measure in cover_losses(said, needing(cell)).values():
            assert measure.low < 0.5 * 3 / 16 < measure.high


def test_each_word_is_judged_by_its_own_map():
    said = [caption(("dog", one_hot(0, 0)), ("kite", one_hot(3, 3)))]

    def probable(i, covered):
        """The first word needs the upper left cell, the second the lower right one."""
        return 0.5 * np.stack([~covered[:, 0, 0], ~covered[:, 3, 3]], axis=1)

    assert cover_losses(said, probable)["cover_most"].value == 0.5
    turned = [caption(("dog", one_hot(3, 3)), ("kite", one_hot(0, 0)))]
    assert cover_losses(turned, probable)["cover_most"].value < 0.5


def test_where_nothing_can_be_covered_there_is_no_measure():
    single = Geometry(rows=1, cols=1, size=64, stride=64.0, first=32.0)
    lone = caption(("dog", np.ones((1, 1), np.float32)), geometry=single)
    assert cover_losses([caption(), lone], needing((0, 0))) == {}


def test_distances_of_maps_are_total_variation():
    half = (one_hot(0, 0) + one_hot(0, 1)) / 2
    said = caption(("dog", one_hot(0, 0)), ("and", half), ("dog", one_hot(3, 3)))
    within = map_distances([[said]])["maps_within"]
    # dog-and 1/2, and-dog 1; the two dogs are one word
    assert (within.value, within.count) == (0.75, 2)
    assert "maps_between" not in map_distances([[said], [caption()]])


def test_between_is_the_same_word_after_another_beginning():
    one = caption(("a", UNIFORM), ("dog", one_hot(0, 0)), ("runs", one_hot(1, 1)))
    other = caption(("the", UNIFORM), ("dog", one_hot(0, 0)), ("runs", one_hot(2, 2)))
    between = map_distances([[one, other]])["maps_between"]
    assert (between.value, between.count) == (0.5, 2)
    assert map_distances([[one, one]]).keys() == {"maps_within"}  # the same words before
    twice = caption(("the", UNIFORM), ("dog", UNIFORM), ("dog", UNIFORM))
    assert map_distances([[one, twice]]).keys() == {"maps_within"}


def test_the_chance_of_a_distance_is_that_of_shuffled_maps():
    """Two peaks meet in one of 16 cells; uniform maps stay alike however they are shuffled."""
    one = caption(("a", UNIFORM), ("dog", one_hot(0, 0)))
    other = caption(("the", UNIFORM), ("dog", one_hot(0, 0)))
    found = map_distances([[one, other]] * 400)
    assert found["maps_between"].chance == pytest.approx(15 / 16, abs=0.05)
    uniform = map_distances([[caption(("a", UNIFORM), ("b", UNIFORM))]])["maps_within"]
    assert (uniform.value, uniform.chance) == (0, 0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_distances_are_shares(seed, words):
    rng = np.random.default_rng(seed)
    maps = rng.dirichlet(np.full(16, 0.3), (2, words)).reshape(2, words, 4, 4)
    maps = maps.astype(np.float32)
    said = [
        caption((first, maps[i, 0]), *((f"w{j}", maps[i, j]) for j in range(1, words)))
        for i, first in enumerate(("a", "the"))
    ]
    for measure in map_distances([said]).values():
        assert 0 <= measure.low <= measure.value <= measure.high <= 1 + 1e-6
