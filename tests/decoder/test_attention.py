"""The attention layer, against its formula. Runs on every backend of Keras."""

import h5py
import keras
import numpy as np
import pytest

from captioner import checkpoints
from captioner.decoder.architectures import build
from captioner.decoder.attention import BahdanauAttention
from captioner.decoder.designs import DecoderConfig
from captioner.paths import BUNDLED

PHOTOS, CELLS, QUERY, VALUE, UNITS = 3, 4, 7, 6, 5


def attention(**settings) -> BahdanauAttention:
    """A layer with random weights, biases too."""
    layer = BahdanauAttention(UNITS, **settings)
    layer.build(
        query_shape=(None, QUERY),
        keys_shape=(None, CELLS, UNITS),
        values_shape=(None, CELLS, VALUE),
        mask_shape=(None, CELLS),
    )
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layer


def inputs(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Queries (N, Q) and values (N, L, G)."""
    rng = np.random.default_rng(seed)
    shapes = (PHOTOS, QUERY), (PHOTOS, CELLS, VALUE)
    return tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes)


def attended(layer, query, values, mask=None) -> list[np.ndarray]:
    mask = np.zeros((PHOTOS, CELLS), np.float32) if mask is None else mask
    return [keras.ops.convert_to_numpy(x) for x in layer(query, layer.key(values), values, mask)]


@pytest.mark.parametrize("scale", [1.0, 3.0])
@pytest.mark.parametrize("use_bias", [False, True])
def test_weights_and_context_are_those_of_the_paper(use_bias, scale):
    layer, (query, values) = attention(scale=scale, use_bias=use_bias), inputs()
    u, key_bias = layer.key.get_weights()
    (w, *query_bias), (v, *score_bias) = layer.query.get_weights(), layer.score.get_weights()
    assert bool(query_bias) == bool(score_bias) == use_bias
    context, weights = attended(layer, query, values)
    for n in range(PHOTOS):
        hidden = np.tanh(query[n] @ w + sum(query_bias) + values[n] @ u + key_bias)
        energies = scale * (hidden @ v + sum(score_bias))[:, 0]
        expected = np.exp(energies) / np.exp(energies).sum()
        np.testing.assert_allclose(weights[n], expected, atol=1e-6)
        np.testing.assert_allclose(context[n], expected @ values[n], atol=1e-5)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_hidden_cell_gets_no_weight(policy):
    layer, (query, values) = attention(dtype=policy), inputs()
    for dense in (layer.key, layer.query, layer.score):
        dense.dtype_policy = layer.dtype_policy
    mask = np.zeros((PHOTOS, CELLS), np.float32)
    mask[:, 1] = -1e9  # more than float16 holds
    _, weights = attended(layer, query, values.astype(layer.compute_dtype), mask)
    assert weights.dtype == np.float32
    assert (weights[:, 1] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)


def names(path) -> dict[str, tuple]:
    """Shapes of all arrays in a weights file, by their path."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                found.setdefault(name, item.shape) if isinstance(item, h5py.Dataset) else None
            )
        )
    return found


def test_weight_files_name_the_parts_of_attention_as_before_it_was_a_layer(tmp_path):
    config = DecoderConfig.from_json(checkpoints.read_config(BUNDLED)["decoder"])
    build(config).save_weights(tmp_path / "new.weights.h5")
    assert names(tmp_path / "new.weights.h5") == names(BUNDLED / "decoder.weights.h5")


def test_variables_keep_their_order_for_states_of_older_trainings():
    sizes = {"vocabulary": 9, "channels": 3, "cells": CELLS, "grid_units": 8, "units": 10}
    decoder = build(DecoderConfig(**sizes, attention=5, embedding=6))
    shapes = [tuple(variable.shape) for variable in decoder.variables if len(variable.shape) > 1]
    # grid, key, query, score, initial, embed, cell, hidden, words
    assert shapes == [
        *((3, 8), (8, 5), (16, 5), (5, 1), (8, 10), (9, 6)),
        *((14, 30), (10, 30), (2, 30), (18, 10), (10, 9)),
    ]
