"""Means over photos, and intervals whose width is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.training.measures import Measure, mean


def test_every_value_counts_alike():
    found = mean([[1.0, 0.0, 0.0], [1.0]], chance=0.25)
    assert (found.value, found.count, found.chance) == (0.5, 4, 0.25)
    assert found.low == pytest.approx(1 / 3) and found.high == 1


def test_the_interval_is_that_of_a_share():
    """Of 400 throws of a coin: half, give or take 1.96 standard errors of 1 / 40."""
    found = mean([[float(i % 2)] for i in range(400)])
    assert found.value == 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 / 40, rel=0.1)


def test_values_of_one_photo_hang_together():
    """A hundred words of ten photos are not a hundred photos."""
    photos = [[float(i % 2)] * 10 for i in range(10)]
    alone = [[value] for values in photos for value in values]
    together, apart = mean(photos), mean(alone)
    ratio = (together.high - together.low) / (apart.high - apart.low)
    assert ratio == pytest.approx(math.sqrt(10), rel=0.2)


def test_photos_without_values_do_not_count():
    assert mean([[], [0.5], []]) == Measure(0.5, 0.5, 0.5, 1)
    assert mean([]) is None and mean([[], []]) is None


def test_the_same_photos_give_the_same_interval():
    photos = np.random.default_rng(1).random((30, 2)).tolist()
    assert mean(photos) == mean(photos)


values = st.lists(st.lists(st.floats(-1, 1), max_size=3), max_size=6)


@given(values)
def test_a_measure_survives_json(groups):
    found = mean(groups)
    if found is not None:
        assert -1 <= found.low <= found.high <= 1
        assert Measure.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        [],
        None,
        {"value": 0.5, "low": 0.4, "high": 0.6},
        {"value": 0.5, "low": 0.4, "high": 0.6, "count": 0},
        {"value": 0.5, "low": None, "high": 0.6, "count": 3},
        {"value": math.nan, "low": 0.4, "high": 0.6, "count": 3},
        {"value": 0.5, "low": 0.4, "high": True, "count": 3},
        {"value": 0.5, "low": 0.4, "high": 0.6, "count": 3, "chance": "half"},
    ],
)
def test_what_is_no_measure_is_refused(damaged):
    with pytest.raises(ValueError):
        Measure.from_json(damaged)
