"""Every way to put a decoder together. Runs on every backend of Keras."""

import keras
import numpy as np
import pytest

from captioner.decoder import model
from captioner.decoder.designs import DESIGNS, RENAMED, DecoderConfig
from captioner.decoding import EncodedPhotos
from tests.support import tiny
from tests.support.decoders import (
    CELLS,
    check_that_training_decodes,
    encoded,
    one_step,
    sentences,
    teacher_forced,
)

SAME = {"grid_units": 8, "units": 8, "embedding": 8}  # as designs that add them need it
RECURRENT = [design for design, structure in DESIGNS.items() if not structure.transformer]
WAYS = [
    *({"design": design} for design in DESIGNS),
    *({"design": design, "use_attention": False} for design in RECURRENT),
    *({"design": design, "cell": "lstm"} for design in RECURRENT),
    {"design": "transformer", "layers": 1, "heads": 1},
    {"design": "transformer", "heads": 4, "positions": 3, "attention_scale": 2.0},
    {"gate": True},
    {"attention_scale": 0.5},
    {"carry_state": False},
    {"design": "tutorial", "carry_state": False, "gate": True, "cell": "lstm"},
]


def named(way: dict) -> str:
    return " ".join(f"{name}={value}" for name, value in way.items())


def built(**way) -> model.Decoder:
    return tiny.decoder(CELLS, **SAME, **way)


@pytest.fixture(scope="module", params=WAYS, ids=named)
def decoder(request) -> model.Decoder:
    return built(**request.param)


# The tests of all designs use the same shapes: 3 photos and 5 captions, so that each is compiled
# once.


def test_training_and_decoding_give_the_same_logits(decoder):
    check_that_training_decodes(decoder, tiny.grids(3, CELLS), 5)


def test_covered_cells_change_nothing(decoder):
    grid, rows = tiny.grids(3, CELLS), np.array([0, 2, 1, 2, 0])
    other = grid.copy()
    other[:, 1] += 3
    visible = np.ones((3, CELLS), np.float32)
    visible[:, 1] = 0
    answers = []
    for seen in (grid, other):
        photos, state = encoded(decoder, seen, visible)
        photos = [part[rows] for part in photos]
        answers.append(one_step(decoder, [4, 5, 6, 7, 8], state[rows], photos))
    for one, same in zip(*answers, strict=True):
        np.testing.assert_allclose(one, same, atol=1e-6)
    assert np.abs(answers[0][2][:, 1]).max() < 1e-6  # nothing looks there
    np.testing.assert_allclose(answers[0][2].sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("design", RECURRENT)
def test_without_attention_every_cell_has_the_same_share(design):
    decoder = built(design=design, use_attention=False)
    _, attention = teacher_forced(decoder, tiny.grids(1, CELLS), [0], sentences(1, 4))
    np.testing.assert_allclose(attention, 1 / CELLS, atol=1e-6)


def test_without_attention_only_the_mean_of_a_photo_matters():
    decoder, grid = built(design="merge-lstm", use_attention=False), tiny.grids(1, CELLS)
    moved = grid[:, ::-1]
    once, _ = teacher_forced(decoder, grid, [0], sentences(1, 4))
    again, _ = teacher_forced(decoder, moved, [0], sentences(1, 4))
    np.testing.assert_allclose(once, again, atol=1e-5)
    with_attention = built(design="merge-lstm")
    attended, _ = teacher_forced(with_attention, 2 * grid, [0], sentences(1, 4))
    halved, _ = teacher_forced(with_attention, grid, [0], sentences(1, 4))
    assert np.abs(attended - halved).max() > 1e-3


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_word_affects_only_the_next_without_a_carried_state(cell):
    """What a word was counts for the one after it only, unless attention carries it further."""
    tokens = np.repeat(sentences(1, 6), 2, axis=0)
    tokens[1, 1] = 4 if tokens[0, 1] != 4 else 5
    for carry_state in (True, False):
        # The query holds the output before, so what is seen could tell: without attention it can't.
        decoder = built(cell=cell, carry_state=carry_state, use_attention=False)
        logits, _ = teacher_forced(decoder, tiny.grids(1, CELLS), [0, 0], tokens)
        difference = np.abs(logits[0] - logits[1]).max(axis=-1)
        assert difference[1] > 1e-3
        assert (difference[2:] > 1e-3).all() == carry_state
        assert carry_state or difference[2:].max() < 1e-6


def test_the_gate_scales_what_is_seen():
    decoder, grid = built(gate=True), tiny.grids(1, CELLS)
    photos, state = encoded(decoder, grid)
    photos = EncodedPhotos(*photos, state)
    embedding = decoder.embed(np.array([4]))
    beta, bias = (np.zeros_like(weights) for weights in decoder.beta.get_weights())
    contexts = []
    for value in (-100.0, 0.0):  # sigmoid: 0 and a half
        decoder.beta.set_weights([beta, bias + value])
        _, context, weights, _ = decoder.step(embedding, keras.ops.convert_to_tensor(state), photos)
        contexts.append(keras.ops.convert_to_numpy(context))
    whole = keras.ops.convert_to_numpy(weights) @ photos.values[0]
    np.testing.assert_allclose(contexts[0], 0, atol=1e-6)
    np.testing.assert_allclose(contexts[1], whole / 2, atol=1e-5)


def test_the_state_of_an_lstm_is_output_and_cell():
    decoder = built(cell="lstm")
    _, state = encoded(decoder, tiny.grids(2, CELLS))
    assert state.shape == (2, 16) and decoder.config.state == 16


@pytest.mark.parametrize(
    "way, message",
    [
        ({"design": "best"}, "no design 'best'"),
        ({"cell": "rnn"}, "no recurrent cell 'rnn'"),
        ({"design": "merge-lstm", "units": 9}, "must be the same"),
        ({"design": "seq2seq-lstm", "grid_units": 7}, "must be even"),
        ({"design": "transformer", "units": 9}, "embedding and units must be the same"),
        ({"design": "transformer", "use_attention": False}, "always has attention"),
        ({"design": "transformer", "gate": True}, "gate must be off"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(way, message):
    with pytest.raises(ValueError, match=message):
        tiny.decoder(CELLS, **(SAME | way))


def test_settings_of_older_versions_are_read():
    config = built(use_attention=False, carry_state=False, attention_scale=2.0).config
    old = {"attends": False, "remembers": False, "sharpness": 2.0}
    kept = {n: v for n, v in config.to_json().items() if n not in RENAMED.values()}
    assert (
        DecoderConfig.from_json(kept | old) == DecoderConfig.from_json(config.to_json()) == config
    )
