"""How sure a captioner is of its words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.training.calibration import RANGE, temperature


@given(
    st.floats(0.2, 8),
    st.lists(st.integers(1, 20), min_size=2, max_size=5).filter(lambda n: len({*n}) > 1),
)
def test_words_come_out_as_likely_as_they_are(sure, counts):
    """Word i is written `counts[i]` times, and known to be: the logits are `sure` times too far
    apart."""
    targets = np.repeat(np.arange(len(counts)), counts)
    logits = np.tile(sure * np.log(np.array(counts) / sum(counts)), (len(targets), 1))
    assert temperature(logits, targets) == pytest.approx(sure, rel=1e-3)


@pytest.mark.parametrize("targets, expected", [([0, 0], RANGE[0]), ([1, 1], RANGE[1])])
def test_where_all_words_are_right_or_wrong_it_stays_within_bounds(targets, expected):
    logits = np.array([[9.0, 0.0], [8.0, 1.0]])
    assert temperature(logits, np.array(targets)) == pytest.approx(expected, rel=1e-3)
