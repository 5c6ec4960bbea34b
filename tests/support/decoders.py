"""What tests of decoders share: sentences, teacher forcing, the compiled models."""

from functools import lru_cache

import keras
import numpy as np

from captioner.decoder import model
from captioner.vocabulary import START
from tests.support import tiny

CELLS = 4


def numbers(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def sentences(count: int, words: int, seed: int = 3) -> np.ndarray:
    """Random sentences, ids int32 (N, T) that begin with START."""
    tokens = np.random.default_rng(seed).integers(4, len(tiny.vocabulary()), (count, words))
    tokens[:, 0] = START
    return tokens.astype(np.int32)


def teacher_forced(decoder, grid, photo, tokens, training=False):
    """Logits (N, T, V) and attention (N, T, L) of teacher forcing."""
    inputs = {
        "grid": np.asarray(grid, np.float32),
        "photo": np.asarray(photo, np.int32),
        "tokens": np.asarray(tokens, np.int32),
    }
    outputs = decoder(inputs, training=training)
    return numbers(outputs["logits"]), numbers(outputs["attention"])


# Each decoder's models are compiled once; they follow its weights.
encoder_model = lru_cache(maxsize=8)(model.encoder_model)
step_model = lru_cache(maxsize=8)(model.step_model)


def encoded(decoder, grid, visible=None):
    """[values, keys, mask] and the first state, as `model.encoder_model` returns them."""
    visible = np.ones(grid.shape[:2], np.float32) if visible is None else visible
    outputs = encoder_model(decoder).predict_on_batch([grid, np.float32(visible)])
    return outputs[:3], outputs[3]


def one_step(decoder, token, state, photos, last_layer=False):
    """One word of `model.step_model` for N photos: logits, state, attention (the mean of all heads,
    or of those of the last layer)."""
    inputs = [np.asarray(token, np.int32), state, *photos]
    logits, state, attention, *_ = step_model(decoder).predict_on_batch(inputs)
    if last_layer and attention.ndim == 4:  # (N, layers, heads, L)
        attention = attention[:, -1]
    return logits, state, attention.reshape(len(attention), -1, CELLS).mean(axis=1)


def check_that_training_decodes(decoder, grid, length: int):
    """Training and decoding give the same logits and maps, word by word."""
    photo, tokens = np.array([0, 2, 1, 2, 0]), sentences(5, length)
    logits, attention = teacher_forced(decoder, grid, photo, tokens)
    assert logits.shape == (5, length, len(tiny.vocabulary()))
    assert attention.shape == (5, length, CELLS)
    photos, state = encoded(decoder, grid)
    photos, state = [part[photo] for part in photos], state[photo]
    for t in range(tokens.shape[1]):
        stepped, state, weights = one_step(decoder, tokens[:, t], state, photos, last_layer=True)
        np.testing.assert_allclose(stepped, logits[:, t], atol=1e-5)
        np.testing.assert_allclose(weights, attention[:, t], rtol=1e-5, atol=1e-6)
