"""Distances of maps whose answer is known exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.evaluation.map_distances import distances
from tests.support.maps import UNIFORM, caption, one_hot


def test_distances_of_maps_are_total_variation():
    half = (one_hot(0, 0) + one_hot(0, 1)) / 2
    said = caption(("dog", one_hot(0, 0)), ("and", half), ("dog", one_hot(3, 3)))
    within = distances([[said]])["maps_within"]
    # dog-and 1/2, and-dog 1; the two dogs are one word
    assert (within.value, within.count) == (0.75, 2)
    assert "maps_between" not in distances([[said], [caption()]])


def test_between_is_the_same_word_after_another_beginning():
    one = caption(("a", UNIFORM), ("dog", one_hot(0, 0)), ("runs", one_hot(1, 1)))
    other = caption(("the", UNIFORM), ("dog", one_hot(0, 0)), ("runs", one_hot(2, 2)))
    between = distances([[one, other]])["maps_between"]
    assert (between.value, between.count) == (0.5, 2)
    assert distances([[one, one]]).keys() == {"maps_within"}  # the same words before
    twice = caption(("the", UNIFORM), ("dog", UNIFORM), ("dog", UNIFORM))
    assert distances([[one, twice]]).keys() == {"maps_within"}


def test_the_chance_of_a_distance_is_that_of_shuffled_maps():
    """Two peaks meet in one of 16 cells; uniform maps stay alike however they are shuffled."""
    one = caption(("a", UNIFORM), ("dog", one_hot(0, 0)))
    other = caption(("the", UNIFORM), ("dog", one_hot(0, 0)))
    found = distances([[one, other]] * 400)
    assert found["maps_between"].chance == pytest.approx(15 / 16, abs=0.05)
    uniform = distances([[caption(("a", UNIFORM), ("b", UNIFORM))]])["maps_within"]
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
    for measure in distances([said]).values():
        assert 0 <= measure.low <= measure.value <= measure.high <= 1 + 1e-6
