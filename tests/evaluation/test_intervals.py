"""Means over photos, and intervals whose width is known."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure, mean


def test_every_value_counts_alike():
    found = mean([[1.0, 0.0, 0.0], [1.0]], chance=0.25, baselines={"middle": 0.4})
    assert (found.value, found.count, found.chance) == (0.5, 4, 0.25)
    assert found.baselines == {"middle": 0.4}


def test_the_interval_is_that_of_a_share():
    """Of 400 throws of a coin: half, give or take 1.96 standard errors of 1 / 40."""
    found = mean([[float(i % 2)] for i in range(400)])
    assert found.value == 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 / 40, rel=0.1)


@pytest.mark.parametrize("deviation", [0.1, 0.02])
def test_the_interval_of_what_varies_little_is_narrow(deviation):
    """Of 100 photos with four values each that all lie near the mean, as wide as they vary."""
    values = np.random.default_rng(2).normal(0.03, deviation, (100, 4)).clip(-1, 1)
    found = mean(values, span=(-1, 1))
    assert found.high - found.low == pytest.approx(2 * 1.96 * deviation / 20, rel=0.15)


def test_values_of_one_photo_hang_together():
    """A hundred words of ten photos are not a hundred photos."""
    photos = [[float(i % 2)] * 10 for i in range(10)]
    alone = [[value] for values in photos for value in values]
    together, apart = mean(photos), mean(alone)
    ratio = (together.high - together.low) / (apart.high - apart.low)
    assert ratio == pytest.approx(math.sqrt(10), rel=0.2)


@pytest.mark.parametrize("photos", [1, 3, 30])
def test_photos_that_all_agree_are_no_proof(photos):
    """Of hits only, the interval is Wilson's of as many throws: n / (n + 1.96 ** 2) to 1."""
    for group in ([1.0], [1.0, 1.0, 1.0]):
        found = mean([group] * photos)
        assert found.low == pytest.approx(photos / (photos + 1.96**2), abs=1e-4)
        assert found.value == found.high == 1
    half = mean([[1.0, 0.0]] * photos)  # where the bootstrap would say 50 to 50 %
    assert half.low < 0.5 - 0.5 / math.sqrt(2 * photos) and half.high == pytest.approx(1 - half.low)


@pytest.mark.parametrize(("share", "photos"), [(0.9, 5), (0.9, 25), (0.5, 25), (0.05, 60)])
def test_the_interval_holds_the_true_share_in_95_of_100_samples(share, photos):
    """Photos differ, and each has one to three words that hang together. The bootstrap alone holds
    it in 60 to 90 of 100."""
    rng = np.random.default_rng(5)

    def holds():
        own = rng.beta(4 * share, 4 * (1 - share), photos)
        found = mean([rng.binomial(1, p, rng.integers(1, 4)) for p in own])
        return found.low <= share <= found.high

    assert 0.94 <= np.mean([holds() for _ in range(300)]) <= 1


def test_student_s_t_is_as_in_the_tables():
    table = {2: 4.303, 3: 3.182, 5: 2.571, 10: 2.228, 30: 2.042}
    assert [intervals._student_t(n) for n in table] == pytest.approx(list(table.values()), rel=0.01)


def test_photos_without_values_do_not_count():
    assert mean([[], [0.5], []]) == mean([[0.5]]) and mean([[0.5]]).count == 1
    assert mean([]) is None and mean([[], []]) is None


def test_the_same_photos_give_the_same_interval():
    photos = np.random.default_rng(1).random((30, 2)).tolist()
    assert mean(photos) == mean(photos)


def test_of_fewer_than_100_answers_it_is_said():
    assert mean([[0.5]] * 99).few and not mean([[0.5]] * 100).few


def read(content) -> Measure:
    """As saved results are read."""
    return TypeAdapter(Measure).validate_json(json.dumps(content), strict=True)


def groups(values):
    return st.lists(st.lists(values, max_size=3), max_size=6)


def is_sound(found, low, high):
    return low <= found.low <= found.value <= found.high <= high and found.low < found.high


@given(groups(st.floats(0, 1)))
def test_the_interval_of_a_share_holds_it_and_is_never_a_point(shares):
    if (found := mean(shares)) is not None:
        assert is_sound(found, 0, 1)


@given(groups(st.sampled_from([0.0, 1.0])), st.integers(1, 60))
def test_of_few_hits_and_misses_the_interval_is_wide(shares, times):
    """No narrower than Wilson's for as many throws as there are answers."""
    if (found := mean(shares * times)) is not None:
        assert is_sound(found, 0, 1)
        low, high = intervals._wilson(found.value, found.count)
        assert found.high - found.low >= 0.9 * (high - low)


@given(groups(st.floats(-1, 1)))
def test_a_measure_survives_json(groups):
    if (found := mean(groups, 0.1, {"middle": 0.2}, span=(-1, 1))) is not None:
        assert is_sound(found, -1, 1)
        assert read(found.to_json()) == found


def test_measures_of_before_are_read():
    """Without baselines, as they were kept at first."""
    kept = {"value": 0.5, "low": 0.4, "high": 0.6, "count": 3, "chance": 0.1}
    assert read(kept) == Measure(0.5, 0.4, 0.6, 3, 0.1)
    assert read(kept).to_json() == kept


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
        {"value": 0.5, "low": 0.4, "high": 0.6, "count": 3, "baselines": [0.1]},
        {"value": 0.5, "low": 0.4, "high": 0.6, "count": 3, "baselines": {"middle": "half"}},
    ],
)
def test_what_is_no_measure_is_refused(damaged):
    with pytest.raises(ValueError):
        read(damaged)
