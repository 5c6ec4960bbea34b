"""Maps whose answer is known exactly: in the box, beside it, everywhere, shuffled."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.attention import Geometry
from captioner.caption import Caption, Word
from captioner.training.boxes import Box
from captioner.training.faithfulness import POINTING, PUBLISHED, pointing

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


def asked(said, boxes):
    """Captions, the boxes of each -> measures of pointing."""
    return pointing(said, boxes, NOUNS)


def hits(attention, boxes, noun="dog", geometry=GRID):
    return asked([caption((noun, attention), geometry=geometry)], [boxes])["pointing"].value


def test_a_map_in_the_box_is_a_hit():
    found = asked([caption(("dog", one_hot(0, 0)))], [[UPPER_LEFT]])
    assert (found["pointing"].value, found["pointing"].count) == (1, 1)
    assert found["pointing"].chance == found["attention_within"].chance == 1 / 16


def test_a_map_beside_the_box_is_a_miss():
    found = asked([caption(("dog", one_hot(1, 2)))], [[UPPER_LEFT]])
    assert list(found) == list(POINTING)
    assert all((measure.value, measure.count) == (0, 1) for measure in found.values())


def test_mass_is_that_of_the_map_as_it_is_shown():
    """One cell's weight falls linearly to the next centres: three quarters of it lie within half a
    cell of its centre along each axis."""
    box = Box("dog", 0.25, 0.25, 0.5, 0.5)  # of cell (1, 1)
    found = asked([caption(("dog", one_hot(1, 1)))], [[box]])
    assert found["attention_within"].value == pytest.approx(0.75**2, abs=1e-3)


def test_a_uniform_map_gets_its_chance():
    for boxes in ([UPPER_LEFT], [LOWER_RIGHT], [UPPER_LEFT, LOWER_RIGHT]):
        found = asked([caption(("dog", UNIFORM))], [boxes])
        area = sum((box.right - box.left) * (box.bottom - box.top) for box in boxes)
        for measure in (found["pointing"], found["attention_within"]):
            assert measure.value == pytest.approx(measure.chance) == pytest.approx(area)


def test_shuffled_maps_get_their_chance_on_average():
    """Every cell in turn: as often a hit as the box has cells."""
    maps = [one_hot(row, col) for row in range(4) for col in range(4)]
    found = asked([caption(*(("dog", attention) for attention in maps))], [[LOWER_RIGHT]])
    assert found["pointing"].value == found["pointing"].chance == 4 / 16


def test_any_object_of_the_kind_will_do_and_no_other():
    both = [UPPER_LEFT, KITE, LOWER_RIGHT]
    for cell, hit in (((0, 0), 1), ((3, 2), 1), ((0, 3), 0), ((1, 0), 0)):
        assert hits(one_hot(*cell), both, "dogs") == hit
    assert hits(one_hot(0, 3), both, "kite") == 1


def test_boxes_that_overlap_count_once():
    found = asked([caption(("dog", UNIFORM))], [[LOWER_RIGHT, LOWER_RIGHT]])
    assert (found["pointing"].value, found["attention_within"].chance) == (0.25, 0.25)


def test_a_noun_that_names_nothing_there_is_a_miss():
    said = caption(("a", UNIFORM), ("kite", one_hot(0, 0)), ("above", UNIFORM), ("dogs", UNIFORM))
    for measure in asked([said], [[UPPER_LEFT]]).values():
        assert measure.count == 2
        assert (measure.value, measure.chance) == pytest.approx((1 / 32, 1 / 32))


def test_photos_keep_their_own_boxes():
    said = [caption(("dog", one_hot(0, 0))), caption(("dog", one_hot(0, 0)))]
    found = asked(said, [[UPPER_LEFT], [LOWER_RIGHT]])["pointing"]
    assert (found.value, found.low, found.high) == (0.5, 0, 1)
    with pytest.raises(ValueError):
        asked(said, [[UPPER_LEFT]])


def test_without_nouns_there_is_nothing_to_say():
    assert asked([caption(("a", UNIFORM)), caption()], [[KITE], []]) == {}


def test_the_peak_is_where_the_cell_looks():
    """A grid whose first centre is at the rim, as ResNet50's: the box is held against that."""
    shifted = Geometry(rows=4, cols=4, size=64, stride=16.0, first=0.0)
    assert hits(one_hot(1, 1), [Box("dog", 0.2, 0.2, 0.3, 0.3)], geometry=shifted) == 1
    assert hits(one_hot(1, 1), [Box("dog", 0.3, 0.3, 0.45, 0.45)], geometry=shifted) == 0


def test_near_is_a_distance_from_the_box():
    beside = PUBLISHED / np.hypot(3, 4)
    for factor, near in ((0.99, 1), (1.01, 0)):
        x, y = 3 / 8 - 3 * beside * factor, 3 / 8 - 4 * beside * factor  # left of and above (1, 1)
        found = asked([caption(("dog", one_hot(1, 1)))], [[Box("dog", 0.0, 0.0, x, y)]])
        assert (found["pointing"].value, found["pointing_near"].value) == (0, near)
        assert found["pointing_near"].chance == (3 + near) / 16  # above and left of it, too


edges = st.tuples(*[st.floats(0, 1)] * 2).map(sorted)


@given(edges, edges, st.integers(0, 2**32 - 1))
def test_shares_are_shares(across, down, seed):
    attention = np.random.default_rng(seed).dirichlet(np.ones(16)).reshape(4, 4)
    box = Box("dog", across[0], down[0], across[1], down[1])
    found = asked([caption(("dog", attention.astype(np.float32)))], [[box]])
    assert found["pointing"].value in (0, 1)
    assert found["pointing_near"].value in (found["pointing"].value, 1)
    within = found["attention_within"]
    assert 0 <= within.value <= 1 + 1e-6
    area = (box.right - box.left) * (box.bottom - box.top)
    assert within.chance == pytest.approx(area, abs=0.01)
