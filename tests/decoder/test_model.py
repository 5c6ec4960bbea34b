"""The decoder. Runs on every backend of Keras."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from captioner import checkpoints
from captioner.decoder import architectures
from captioner.decoder.designs import DecoderConfig
from tests.support import process, tiny
from tests.support.decoders import (
    CELLS,
    check_that_training_decodes,
    encoded,
    numbers,
    one_step,
    sentences,
    teacher_forced,
)


@pytest.fixture(scope="module")
def decoder():
    return tiny.decoder(CELLS)


@pytest.fixture(scope="module")
def grid():
    return tiny.grids(3, CELLS)


def test_training_and_decoding_give_the_same_logits(decoder, grid):
    check_that_training_decodes(decoder, grid, 9)


def test_words_can_be_asked_for_at_some_places_only(decoder, grid):
    photo, tokens, places = np.int32([0, 2, 1]), sentences(3, 6), np.int32([17, 0, 7, 8])
    logits, attention = teacher_forced(decoder, grid, photo, tokens)
    asked = {"grid": grid, "photo": photo, "tokens": tokens, "places": places}
    some = decoder(asked)
    flat = logits.reshape(-1, logits.shape[-1])
    np.testing.assert_allclose(numbers(some["logits"]), flat[places], atol=1e-5)
    np.testing.assert_allclose(numbers(some["attention"]), attention, atol=1e-6)


@pytest.mark.parametrize("changed", [0, 1, 2, 4])
def test_words_remember_more_than_the_last_word(decoder, grid, changed):
    tokens = sentences(1, 8)
    other = tokens.copy()
    other[0, changed] = 4 if tokens[0, changed] != 4 else 5
    logits, attention = teacher_forced(decoder, grid, [0, 0], np.concatenate([tokens, other]))
    # What comes before the changed word cannot know of it, what comes after depends on it.
    np.testing.assert_allclose(logits[0, :changed], logits[1, :changed], atol=1e-6)
    for t in range(changed, min(changed + 4, 8)):
        assert np.abs(logits[0, t] - logits[1, t]).max() > 1e-3, t
        assert np.abs(attention[0, t] - attention[1, t]).max() > 1e-4, t


def test_the_recurrent_state_itself_remembers(decoder):
    """On a photo that is the same everywhere maps and contexts say nothing of the past."""
    same = np.repeat(tiny.grids(1, 1), CELLS, axis=1)
    tokens = np.repeat(sentences(1, 8), 2, axis=0)
    tokens[:, 1] = 4, 5
    logits, _ = teacher_forced(decoder, same, [0, 0], tokens)
    for t in (3, 4, 5):  # the word is two to four words back
        assert np.abs(logits[0, t] - logits[1, t]).max() > 1e-3, t


def test_the_map_changes_with_the_word_and_with_the_state(decoder, grid):
    photos, state = encoded(decoder, grid[:1])
    again = [np.repeat(part, 2, axis=0) for part in photos]
    _, _, maps = one_step(decoder, [4, 5], np.repeat(state, 2, axis=0), again)
    assert np.abs(maps[0] - maps[1]).max() > 1e-3
    _, _, maps = one_step(decoder, [4, 4], np.concatenate([state, -state]), again)
    assert np.abs(maps[0] - maps[1]).max() > 1e-3


def test_the_state_is_used_and_renewed(decoder, grid):
    photos, state = encoded(decoder, np.repeat(grid[:1], 2, axis=0))
    logits, after, _ = one_step(decoder, [4, 4], np.stack([state[0], 0 * state[0]]), photos)
    assert np.abs(logits[0] - logits[1]).max() > 1e-2
    assert np.abs(after[0] - after[1]).max() > 1e-2
    assert np.abs(after[0] - state[0]).max() > 1e-2


def test_maps_are_shares(decoder, grid):
    _, attention = teacher_forced(decoder, grid, [0, 1, 2], sentences(3, 6))
    assert attention.min() >= 0
    np.testing.assert_allclose(attention.sum(axis=-1), 1, atol=1e-6)


def test_a_photo_that_is_the_same_everywhere_gets_a_uniform_map(decoder):
    same = np.repeat(tiny.grids(1, 1), CELLS, axis=1)
    _, attention = teacher_forced(decoder, same, [0], sentences(1, 6))
    np.testing.assert_allclose(attention, 1 / CELLS, atol=1e-6)


def test_captions_go_by_their_own_photo(decoder, grid):
    tokens = np.repeat(sentences(1, 5), 3, axis=0)
    logits, _ = teacher_forced(decoder, grid, [2, 0, 2], tokens)
    alone, _ = teacher_forced(decoder, grid[[2]], [0], tokens[:1])
    np.testing.assert_allclose(logits[[0, 2]], alone[[0, 0]], atol=1e-5)
    assert np.abs(logits[0] - logits[1]).max() > 1e-2


def test_the_first_state_comes_from_the_mean_of_the_visible_cells(decoder, grid):
    visible = np.array([[1, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]])
    _, state = encoded(decoder, grid, visible)
    for photo, seen in enumerate(visible.astype(bool)):
        cells = keras.ops.convert_to_tensor(grid[photo][seen])
        mean = keras.ops.mean(decoder.grid(cells), axis=0)
        np.testing.assert_allclose(state[photo], numbers(decoder.initial(mean[None]))[0], atol=1e-6)


def test_covered_cells_are_not_looked_at_and_change_nothing(decoder, grid):
    visible = np.array([[1, 0, 1, 0]] * 3)
    other = grid.copy()
    other[:, [1, 3]] = 100 * tiny.grids(3, 2, seed=9)
    results = []
    for cells in (grid, other):
        photos, state = encoded(decoder, cells, visible)
        results.append(one_step(decoder, [4, 5, 6], state, photos))
    for part, same in zip(*results, strict=True):
        assert np.array_equal(part, same)
    weights = results[0][2]
    assert (weights[:, [1, 3]] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
    photos, state = encoded(decoder, grid)
    uncovered = one_step(decoder, [4, 5, 6], state, photos)
    assert np.abs(uncovered[0] - results[0][0]).max() > 1e-2


def test_dropout_is_for_training_only(decoder, grid):
    dropping = tiny.decoder(CELLS, dropout=0.5)
    dropping.set_weights(decoder.get_weights())
    tokens = sentences(2, 6)
    calm, _ = teacher_forced(decoder, grid, [0, 1], tokens)
    np.testing.assert_allclose(teacher_forced(dropping, grid, [0, 1], tokens)[0], calm, atol=1e-6)
    dropped, _ = teacher_forced(dropping, grid, [0, 1], tokens, training=True)
    assert np.abs(dropped - calm).max() > 0.1
    photos, state = encoded(dropping, grid[:2])
    logits, _, _ = one_step(dropping, tokens[:, 0], state, photos)
    np.testing.assert_allclose(logits, calm[:, 0], atol=1e-5)


def test_weights_can_be_loaded_before_the_first_photo(decoder, grid, tmp_path):
    decoder.save_weights(tmp_path / "decoder.weights.h5")
    fresh = architectures.build(DecoderConfig(**decoder.config.to_json()))
    fresh.load_weights(tmp_path / "decoder.weights.h5")
    tokens = sentences(2, 4)
    expected = teacher_forced(decoder, grid, [0, 1], tokens)
    for part, same in zip(expected, teacher_forced(fresh, grid, [0, 1], tokens), strict=True):
        np.testing.assert_allclose(part, same, atol=1e-6)


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision_computes_in_half_and_answers_in_float32(decoder, grid, kind):
    mixed = architectures.build(decoder.config, f"mixed_{kind}")
    mixed.set_weights(decoder.get_weights())
    tokens = sentences(2, 5)
    logits, attention = teacher_forced(mixed, grid, [0, 1], tokens)
    assert logits.dtype == attention.dtype == np.float32
    assert {layer.variable_dtype for layer in mixed.layers} == {"float32"}
    busy = (mixed.grid, mixed.key, mixed.query, mixed.cell, mixed.hidden)
    assert {layer.compute_dtype for layer in busy} == {kind}
    expected, _ = teacher_forced(decoder, grid, [0, 1], tokens)
    np.testing.assert_allclose(logits, expected, atol=0.2)


@pytest.mark.slow
def test_another_backend_computes_the_same(tmp_path):
    """Logits, maps, features and captions of TensorFlow and JAX, from the same weights."""
    folders = [tmp_path / "gru", tmp_path / "transformer"]
    for folder, sizes in zip(folders, ({}, tiny.TRANSFORMER), strict=True):
        checkpoints.save(folder, tiny.checkpoint(**sizes))
    other = "tensorflow" if keras.backend.backend() == "jax" else "jax"
    code = "import sys, numpy\nfrom tests.support import tiny\n"
    code += "for folder in sys.argv[1:]: numpy.savez(folder + '.npz', **tiny.answers(folder))"
    command = [sys.executable, "-c", code, *map(str, folders)]
    environment = process.environment(KERAS_BACKEND=other, JAX_PLATFORMS="cpu")
    subprocess.run(command, env=environment, check=True, timeout=300)
    for folder in folders:
        ours, theirs = tiny.answers(folder), np.load(f"{folder}.npz")
        assert ours["texts"].tolist() == theirs["texts"].tolist()
        for name in ("logits", "attention", "features", "maps", "probabilities"):
            where = f"{name} of {folder.name}"
            np.testing.assert_allclose(
                ours[name], theirs[name], atol=1e-4, rtol=1e-4, err_msg=where
            )
