"""Maps whose answer is known exactly: in the box, beside it, everywhere, shuffled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.attention import Geometry
from captioner.caption import Caption, Word
from captioner.training.boxes import Box
from captioner.training.faithfulness import Pointing, pointing

GRID = Geometry(rows=4, cols=4, size=64, stride=16.0, first=8.0)  # centres at 1/8, 3/8, 5/8, 7/8
NOUNS = {"dog": "dog", "dogs": "dog", "kite": "kite"}
UPPER_LEFT = Box("dog", 0.0, 0.0, 0.25, 0.25)  # of cell (0, 0)
LOWER_RIGHT = Box("dog", 0.5, 0.5, 1.0, 1.0)  # of the four cells from (2, 2) on
KITE = Box("kite", 0.5, 0.0, 1.0, 0.5)


def one_hot(row, col):
    attention = np.zeros((4, 4), np.float32)
    attention[row, col] = 1
    return attention


UNIFORM = np.full((4, 4), 1 / 16, np.float32)


def caption(*words, geometry=GRID):
    """("dog", map), .. -> Caption"""
    return Caption([Word(text, 0.5, attention, []) for text, attention in words], geometry)


def test_a_map_in_the_box_is_a_hit():
    found = pointing([caption(("dog", one_hot(0, 0)))], [[UPPER_LEFT]], NOUNS)
    assert (found.nouns, found.absent, found.hits) == (1, 0, 1.0)
    assert found.chance == found.uniform == 1 / 16


def test_a_map_beside_the_box_is_a_miss():
    found = pointing([caption(("dog", one_hot(1, 2)))], [[UPPER_LEFT]], NOUNS)
    assert (found.nouns, found.absent, found.hits, found.mass) == (1, 0, 0.0, 0.0)


def test_mass_is_that_of_the_map_as_it_is_shown():
    """One cell's weight falls linearly to the next centres: three quarters of it lie within half a
    cell of its centre along each axis."""
    box = Box("dog", 0.25, 0.25, 0.5, 0.5)  # of cell (1, 1)
    found = pointing([caption(("dog", one_hot(1, 1)))], [[box]], NOUNS)
    assert found.mass == pytest.approx(0.75**2, abs=1e-3)


def test_a_uniform_map_gets_its_chance():
    for boxes in ([UPPER_LEFT], [LOWER_RIGHT], [UPPER_LEFT, LOWER_RIGHT]):
        found = pointing([caption(("dog", UNIFORM))], [boxes], NOUNS)
        area = sum((box.right - box.left) * (box.bottom - box.top) for box in boxes)
        assert found.hits == found.uniform == pytest.approx(area)
        assert found.mass == pytest.approx(found.chance) == pytest.approx(area)


def test_shuffled_maps_get_their_chance_on_average():
    """Every cell in turn: as often a hit as the box has cells."""
    maps = [one_hot(row, col) for row in range(4) for col in range(4)]
    said = [caption(*(("dog", attention) for attention in maps))]
    assert pointing(said, [[LOWER_RIGHT]], NOUNS).hits == 4 / 16


def test_any_object_of_the_kind_will_do_and_no_other():
    both = [UPPER_LEFT, KITE, LOWER_RIGHT]
    for cell, hit in (((0, 0), 1), ((3, 2), 1), ((0, 3), 0), ((1, 0), 0)):
        assert pointing([caption(("dogs", one_hot(*cell)))], [both], NOUNS).hits == hit
    assert pointing([caption(("kite", one_hot(0, 3)))], [both], NOUNS).hits == 1


def test_boxes_that_overlap_count_once():
    found = pointing([caption(("dog", UNIFORM))], [[LOWER_RIGHT, LOWER_RIGHT]], NOUNS)
    assert (found.hits, found.chance) == (0.25, 0.25)


def test_a_noun_that_names_nothing_there_is_a_miss():
    said = caption(("a", UNIFORM), ("kite", one_hot(0, 0)), ("above", UNIFORM), ("dogs", UNIFORM))
    found = pointing([said], [[UPPER_LEFT]], NOUNS)
    expected = Pointing(2, 1, 1 / 32, 1 / 32, 1 / 32, 1 / 32)
    assert vars(found) == pytest.approx(vars(expected))


def test_photos_keep_their_own_boxes():
    said = [caption(("dog", one_hot(0, 0))), caption(("dog", one_hot(0, 0)))]
    assert pointing(said, [[UPPER_LEFT], [LOWER_RIGHT]], NOUNS).hits == 0.5
    with pytest.raises(ValueError):
        pointing(said, [[UPPER_LEFT]], NOUNS)


def test_without_nouns_there_is_nothing_to_say():
    assert pointing([caption(("a", UNIFORM)), caption()], [[KITE], []], NOUNS) == Pointing(
        0, 0, 0.0, 0.0, 0.0, 0.0
    )


def test_the_peak_is_where_the_cell_looks():
    """A grid whose first centre is at the rim, as ResNet50's: the box is held against that."""
    shifted = Geometry(rows=4, cols=4, size=64, stride=16.0, first=0.0)
    said = caption(("dog", one_hot(1, 1)), geometry=shifted)
    assert pointing([said], [[Box("dog", 0.2, 0.2, 0.3, 0.3)]], NOUNS).hits == 1
    assert pointing([said], [[Box("dog", 0.3, 0.3, 0.45, 0.45)]], NOUNS).hits == 0


def test_tolerance_is_a_distance_from_the_box():
    said = [caption(("dog", one_hot(1, 1)))]  # at 3/8: 1/8 right of and below UPPER_LEFT
    distance = np.hypot(1 / 8, 1 / 8)
    assert pointing(said, [[UPPER_LEFT]], NOUNS, tolerance=distance + 1e-6).hits == 1
    assert pointing(said, [[UPPER_LEFT]], NOUNS, tolerance=distance - 1e-6).hits == 0


edges = st.tuples(*[st.floats(0, 1)] * 2).map(sorted)


@given(edges, edges, st.integers(0, 2**32 - 1))
def test_shares_are_shares(across, down, seed):
    attention = np.random.default_rng(seed).dirichlet(np.ones(16)).reshape(4, 4)
    box = Box("dog", across[0], down[0], across[1], down[1])
    found = pointing([caption(("dog", attention.astype(np.float32)))], [[box]], NOUNS)
    assert found.hits in (0, 1)
    assert 0 <= found.mass <= 1 + 1e-6
    area = (box.right - box.left) * (box.bottom - box.top)
    assert found.chance == pytest.approx(area, abs=0.01)
