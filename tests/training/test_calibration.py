"""Calibration of a captioner's confidence."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.training.calibration import RANGE, extended, sharpen, soften, temperature
from captioner.vocabulary import UNKNOWN
from tests.support import tiny
from tests.support.decoders import CELLS, encoded, numbers, one_step, sentences, teacher_forced


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


@pytest.fixture
def grid():
    return tiny.grids(3, CELLS)


def test_sharper_attention_is_the_same_to_a_power(grid):
    decoder, sharp = tiny.decoder(CELLS), tiny.decoder(CELLS, attention_scale=3.0)
    photos, state = encoded(decoder, grid)
    _, _, before = one_step(decoder, [4, 5, 6], state, photos)
    _, _, after = one_step(sharp, [4, 5, 6], state, photos)
    sharpen(decoder, 3.0)
    _, _, same = one_step(decoder, [4, 5, 6], state, photos)
    np.testing.assert_allclose(after, same, rtol=1e-4)
    power = before.astype(np.float64) ** 3
    np.testing.assert_allclose(after, power / power.sum(axis=1, keepdims=True), rtol=1e-4)


@pytest.mark.parametrize(
    "use_attention, factor, message",
    [(False, 2.0, "no attention"), (True, 0.0, "above 0"), (True, float("nan"), "above 0")],
)
def test_only_attention_can_be_sharpened_by_a_positive_factor(use_attention, factor, message):
    with pytest.raises(ValueError, match=message):
        sharpen(tiny.decoder(CELLS, use_attention=use_attention), factor)


def test_a_softened_decoder_is_less_sure_of_the_same_words(grid):
    decoder = tiny.decoder(CELLS)
    tokens = sentences(3, 6)
    before, maps = teacher_forced(decoder, grid, [0, 1, 2], tokens)
    soften(decoder, 4.0)
    after, same = teacher_forced(decoder, grid, [0, 1, 2], tokens)
    np.testing.assert_allclose(after, before / 4, atol=1e-5)
    np.testing.assert_array_equal(same, maps)
    with pytest.raises(ValueError, match="above 0"):
        soften(decoder, 0.0)


def test_new_words_share_the_probability_of_the_unknown_one(grid):
    decoder = tiny.decoder(CELLS)
    known = decoder.config.vocabulary
    tokens = sentences(3, 6)
    before, maps = teacher_forced(decoder, grid, [0, 1, 2], tokens)
    larger = extended(decoder, 3)
    after, same = teacher_forced(larger, grid, [0, 1, 2], tokens)
    np.testing.assert_allclose(same, maps, atol=1e-6)
    before, after = (numbers(keras.ops.softmax(logits)) for logits in (before, after))
    unknown = [UNKNOWN, *range(known, known + 3)]
    np.testing.assert_allclose(
        after[..., unknown], before[..., [UNKNOWN] * 4] / 4, rtol=1e-4, atol=1e-7
    )
    others = [word for word in range(known) if word != UNKNOWN]
    np.testing.assert_allclose(after[..., others], before[..., others], rtol=1e-4, atol=1e-7)
    # Said, a new word is read as the unknown one.
    new = np.where(tokens == tokens[0, 1], known, tokens)
    old = np.where(tokens == tokens[0, 1], UNKNOWN, tokens)
    both = (teacher_forced(larger, grid, [0, 1, 2], words) for words in (new, old))
    for one, other in zip(*both, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
