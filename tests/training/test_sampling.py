"""Captions sampled for training."""

import numpy as np
import pytest

from captioner.decoder.inference import CompiledDecoder
from captioner.decoding import MAX_WORDS, NEVER
from captioner.samplers import drawn
from captioner.training.sampling import CaptionSampler
from captioner.vocabulary import END, PAD, START
from tests.support import tiny

PHOTO = np.repeat(np.arange(3, dtype=np.int32), 40)


@pytest.fixture(scope="module", params=[{}, tiny.TRANSFORMER], ids=["gru", "transformer"])
def sampler(request):
    return CaptionSampler(tiny.decoder(**request.param))


def test_words_are_drawn_as_the_decoder_predicts_them(sampler):
    """The same random numbers, word by word in numpy."""
    grid, compiled = tiny.grids(3), CompiledDecoder(sampler.decoder)
    photos = compiled.encode(grid).rows(PHOTO)
    points = np.random.default_rng(5).random((len(PHOTO), MAX_WORDS), np.float32)
    token, state = np.full(len(PHOTO), START, np.int32), photos.state
    ended, expected = np.zeros(len(PHOTO), bool), []
    for number in range(MAX_WORDS):
        logits, state, *_ = compiled.step([token, state, photos.values, photos.keys, photos.mask])
        logits = np.array(logits)
        logits[:, NEVER if number else [*NEVER, END]] = -np.inf
        logits -= np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        token = np.where(ended, PAD, drawn(logits, points[:, number, None])).astype(np.int32)
        ended |= token == END
        expected.append(token)
    tokens = sampler.sample(grid, PHOTO, 5)
    assert tokens.shape == (len(PHOTO), MAX_WORDS) and tokens.dtype == np.int32
    # A point on the border between two words may fall on either side of it.
    equal = (tokens == np.stack(expected, axis=1)).all(axis=1)
    assert equal.mean() > 0.95


def test_captions_end_once_and_have_no_special_word_before(sampler):
    tokens = sampler.sample(tiny.grids(3), PHOTO, 0)
    for row in tokens:
        length = int((row != PAD).sum())
        assert length and row[0] != END
        assert (row[length:] == PAD).all() and not set(row[: length - 1]) & {*NEVER, END}
    assert not np.array_equal(tokens, sampler.sample(tiny.grids(3), PHOTO, 1))


def test_it_follows_a_decoder_that_is_trained():
    trained, mine = tiny.decoder(seed=1), CaptionSampler(tiny.decoder(seed=0))
    expected = CaptionSampler(tiny.decoder(seed=1)).sample(tiny.grids(3), PHOTO, 2)
    assert not np.array_equal(mine.sample(tiny.grids(3), PHOTO, 2), expected)
    mine.follow(trained)
    np.testing.assert_array_equal(mine.sample(tiny.grids(3), PHOTO, 2), expected)
