"""The transformer: its sizes, and heads whose right answer is known. Runs on every backend."""

import keras
import numpy as np
import pytest
from keras import layers

from captioner.attention_maps import Geometry
from captioner.decoder import architectures
from captioner.decoder.attention import MultiHeadAttention
from captioner.decoder.designs import DecoderConfig
from captioner.decoder.inference import CompiledDecoder
from captioner.decoding import decode
from captioner.samplers import Beam, Greedy, Sampling
from captioner.training import presets
from tests.support import tiny
from tests.support.decoders import CELLS, numbers, sentences, teacher_forced

GEOMETRY = Geometry(2, 2, 64, 32.0, 16.0)
LARGE = 100.0


def test_attention_equals_that_of_keras():
    heads, size, units, channels = 3, 4, 10, 6
    ours = MultiHeadAttention(heads, size, units)
    ours.build((None, None, units), (None, None, channels))
    theirs = layers.MultiHeadAttention(heads, size)
    rng = np.random.default_rng(0)
    x, cells = (np.float32(rng.normal(0, 1, shape)) for shape in ((2, 5, units), (2, 7, channels)))
    theirs.build(x.shape, cells.shape)
    for layer in (ours.query, ours.key, ours.value, ours.project):
        layer.set_weights([np.float32(rng.normal(0, 1, w.shape)) for w in layer.weights])
    projected = [ours.query, ours.key, ours.value, ours.project]
    weights = [values for layer in projected for values in layer.get_weights()]
    pairs = zip(weights, theirs.get_weights(), strict=True)
    theirs.set_weights([np.reshape(mine, other.shape) for mine, other in pairs])
    seen = rng.random((2, 1, 5, 7)) < 0.7
    seen[..., 0] = True
    output, maps = ours(
        x, ours.key(cells), ours.value(cells), np.where(seen, 0, -1e9).astype(np.float32)
    )
    expected, scores = theirs(x, cells, attention_mask=seen[:, 0], return_attention_scores=True)
    np.testing.assert_allclose(numbers(output), numbers(expected), atol=1e-4)
    np.testing.assert_allclose(numbers(maps), numbers(scores), atol=1e-5)


def test_the_preset_has_as_many_parameters_as_the_tutorials_layers():
    """Counted by Keras' own layers of the sizes that TensorFlow's tutorial gives."""
    words, positions, units, heads, channels, cells = 5000, 50, 256, 2, 576, 49
    total = 0
    for _ in range(2):
        for source in (units, channels):  # self-attention, cross-attention
            attention = layers.MultiHeadAttention(heads, units)
            attention.build((None, None, units), (None, None, source))
            total += attention.count_params()
        network = keras.Sequential([layers.Dense(2 * units), layers.Dense(units)])
        network.build((None, units))
        total += network.count_params() + 3 * 2 * units  # three layer norms
    total += (words + positions) * units + units * words + words
    known = {"vocabulary": words, "channels": channels, "cells": cells}
    sizes = DecoderConfig(**known, **presets.settings("transformer-flickr8k", {}).decoder)
    assert architectures.build(sizes).count_params() == total == 5_866_376


def silent(decoder) -> None:
    """All weights 0, layer norm without effect: nothing is read, nothing is said."""
    for weight in decoder.weights:
        weight.assign(np.zeros(weight.shape))
    for block in decoder.blocks:
        for norm in block.norms:
            norm.gamma.assign(np.ones(norm.gamma.shape))


def handmade(vocabulary: int, size: int, positions: int = 8, channels: int = CELLS):
    """A silent decoder of one layer and one head: a word is one of the first components, its
    position one of the next."""
    units = vocabulary + positions
    decoder = architectures.build(
        DecoderConfig(
            **{"vocabulary": vocabulary, "channels": channels, "cells": CELLS},
            **{"design": "transformer", "layers": 1, "heads": 1, "positions": positions},
            **{"attention": size, "embedding": units, "units": units},
        )
    )
    silent(decoder)
    decoder.embed.set_weights([np.eye(vocabulary, units)])
    decoder.places.set_weights([np.eye(positions, units, vocabulary)])
    decoder.words.set_weights([np.eye(units, vocabulary), np.zeros(vocabulary)])
    return decoder


def kernel(layer, values) -> None:
    layer.set_weights([values, np.zeros(values.shape[1])])


@pytest.mark.parametrize("sampler", [Greedy(), Sampling(seed=1), Beam(3)], ids=str)
def test_a_head_that_copies_the_word_before_the_last_repeats_two_words(sampler):
    words, positions = tiny.vocabulary(), 8
    v = len(words)
    decoder = handmade(v, positions)
    head = decoder.blocks[0].self_attention
    before = np.zeros((v + positions, positions))
    before[np.arange(v + 1, v + positions), np.arange(positions - 1)] = LARGE  # t asks for t - 1
    kernel(head.query, before)
    kernel(head.key, np.eye(v + positions, positions, -v) * LARGE)
    kernel(head.value, np.eye(v + positions, positions))
    # A head of 8 components carries 8 words: those after the special ones.
    carried = np.zeros((v + positions, positions))
    carried[np.arange(4, 12), np.arange(8)] = 1
    kernel(head.value, carried)
    kernel(head.project, LARGE * carried.T)

    compiled = CompiledDecoder(decoder)
    photos = compiled.encode(tiny.grids(1, CELLS, CELLS))
    caption = decode(
        compiled.step, photos, words, GEOMETRY, sampler, ["red", "square"], max_words=7
    )[0]
    assert caption.text == "red square red square red square red"
    for i, word in list(enumerate(caption.words))[1:]:
        attended = word.self_attention[0, 0]  # <start> and i words
        assert attended.argmax() == i - 1 and attended.max() > 0.99


def test_a_head_that_looks_where_the_last_word_says():
    """Word n looks at cell n, whatever the photo shows there."""
    vocabulary = 4 + CELLS
    decoder = handmade(vocabulary, CELLS)
    head = decoder.blocks[0].cross_attention
    kernel(head.query, np.eye(decoder.config.units, CELLS, -4) * LARGE)
    kernel(head.key, np.eye(CELLS) * LARGE)
    grid = np.eye(CELLS, dtype=np.float32)[None]  # each cell is one of the channels
    tokens = np.int32([[4, 6, 5, 7, 6]])
    _, attention = teacher_forced(decoder, grid, [0], tokens)
    assert attention[0].argmax(axis=-1).tolist() == [0, 2, 1, 3, 2]
    assert attention[0].max(axis=-1).min() > 0.99


def test_words_reach_back_as_far_as_there_are_positions():
    """With one layer: what is further back changes nothing."""
    decoder = tiny.decoder(CELLS, **tiny.TRANSFORMER, layers=1, positions=3)
    tokens = np.repeat(sentences(1, 8), 2, axis=0)
    tokens[:, 2] = 4, 5
    logits, _ = teacher_forced(decoder, tiny.grids(1, CELLS), [0, 0], tokens)
    difference = np.abs(logits[0] - logits[1]).max(axis=-1)
    assert (difference[2:5] > 1e-3).all()
    assert np.delete(difference, [2, 3, 4]).max() < 1e-5


def test_heads_look_at_different_cells():
    decoder = tiny.decoder(CELLS, **tiny.TRANSFORMER)
    compiled = CompiledDecoder(decoder)
    caption = decode(
        compiled.step, compiled.encode(tiny.grids(1, CELLS)), tiny.vocabulary(), GEOMETRY
    )[0]
    heads = np.stack([word.heads for word in caption.words])
    assert heads.shape[1:] == (2, 2, 2, 2)
    assert np.abs(heads[:, 0, 0] - heads[:, 0, 1]).max() > 0.05
    assert np.abs(heads[:, 0] - heads[:, 1]).max() > 0.05
