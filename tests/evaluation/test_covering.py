"""Words that are known to depend on certain cells lose their probability with them."""

import numpy as np
import pytest

from captioner.attention_maps import Geometry
from captioner.evaluation.covering import losses
from tests.support.maps import UNIFORM, caption, one_hot


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
    found = losses(said, needing((0, 0)))
    assert found["cover_most"].value == 0.5
    assert found["cover_least"].value == 0
    assert found["cover_random"].value == pytest.approx(0.5 * 3 / 16, abs=0.03)
    assert found["cover_most"].count == 600
    found = losses(said, needing((0, 0), (2, 1), (3, 3)))
    assert found["cover_most"].value == 0.5
    assert losses(said, needing((1, 1)))["cover_most"].value == 0


def test_equal_cells_are_covered_in_random_order():
    """A uniform map marks nothing: no place of the grid may be covered more than others."""
    said = [caption(("a", UNIFORM), ("dog", UNIFORM)) for _ in range(200)]
    for cell in ((0, 0), (3, 3)):
        for measure in losses(said, needing(cell)).values():
            assert measure.low < 0.5 * 3 / 16 < measure.high


def test_each_word_is_judged_by_its_own_map():
    said = [caption(("dog", one_hot(0, 0)), ("kite", one_hot(3, 3)))]

    def probable(i, covered):
        """The first word needs the upper left cell, the second the lower right one."""
        return 0.5 * np.stack([~covered[:, 0, 0], ~covered[:, 3, 3]], axis=1)

    assert losses(said, probable)["cover_most"].value == 0.5
    turned = [caption(("dog", one_hot(3, 3)), ("kite", one_hot(0, 0)))]
    assert losses(turned, probable)["cover_most"].value < 0.5


def test_where_nothing_can_be_covered_there_is_no_measure():
    single = Geometry(rows=1, cols=1, size=64, stride=64.0, first=32.0)
    lone = caption(("dog", np.ones((1, 1), np.float32)), geometry=single)
    assert losses([caption(), lone], needing((0, 0))) == {}
