"""Covering a part of the photo takes from a word what it owes to that part."""

import threading

import numpy as np
import pytest

from captioner import Captioner, checkpoints, occlusion
from captioner.attention_maps import Geometry
from captioner.backbones.backbone import SPECS, Backbone
from captioner.decoder import model
from captioner.vocabulary import UnknownWordError, Vocabulary
from tests.support import tiny

GEOMETRY = Geometry(rows=3, cols=3, size=60, stride=20, first=10)  # cells of 20 x 20 pixels
GEOMETRIES = [spec.geometry for spec in SPECS.values()]
GEOMETRIES += [tiny.backbone(size=96).geometry, tiny.backbone(size=96, output_stride=16).geometry]


class Eye:
    """A backbone that sees how bright each cell's own square is, and counts what it is shown."""

    geometry = GEOMETRY

    def __init__(self):
        self.shapes = []

    def folded(self):
        return self

    def pixels(self, photo):
        return np.asarray(photo)

    def features(self, pixels):
        self.shapes.append(pixels.shape)
        squares = pixels.reshape(len(pixels), 3, 20, 3, 20, 3) / 255
        return squares.mean(axis=(2, 4, 5)).reshape(len(pixels), 9, 1).astype(np.float32)


class Look:
    """Remembers of a photo how bright the middle cell of the right column is, if not hidden."""

    def predict_on_batch(self, inputs):
        grid, visible = inputs
        bright = (grid[:, :, 0] * visible)[:, [5]]
        return grid, grid, visible, bright


class Step:
    """Says "bright" and "dark" by how bright that is, "thing" half of the time."""

    def predict_on_batch(self, inputs):
        bright = inputs[1][:, 0]
        shares = np.zeros((len(bright), 7))
        shares[:, 4:] = np.stack([bright / 2, (1 - bright) / 2, 0 * bright + 0.5], axis=1)
        logits = np.log(np.maximum(shares, 1e-30)).astype(np.float32)
        return logits, inputs[1], np.full((len(bright), 9), 1 / 9, np.float32)


@pytest.fixture
def captioner(monkeypatch):
    monkeypatch.setattr(model, "encoder_model", lambda decoder: Look())
    monkeypatch.setattr(model, "step_model", lambda decoder: Step())
    words = Vocabulary(["bright", "dark", "thing"])
    return Captioner(checkpoints.Checkpoint(Eye(), None, words, {}))


@pytest.fixture
def photo():
    """Black but for the cell that the decoder looks at, whose word owes all to it."""
    pixels = np.zeros((60, 60, 3), np.uint8)
    pixels[20:40, 40:60] = 255
    return pixels


# The share of that cell which a patch of 40 x 40 pixels around each centre covers.
COVERED = np.array([[0, 0.25, 0.5], [0, 0.5, 1], [0, 0.25, 0.5]])
LOST = COVERED * (1 - 28 / 255) / 2  # the mean colour is 255 / 9, so 28


def test_a_word_loses_what_it_owes_to_a_part(captioner, photo):
    maps = captioner.occlusion(photo, ["bright", "thing", "dark"])
    assert maps.shape == (3, 3, 3) and maps.dtype == np.float32
    np.testing.assert_allclose(maps[0], LOST, atol=1e-6)
    np.testing.assert_allclose(maps[1], 0, atol=1e-6)
    np.testing.assert_allclose(maps[2], -LOST, atol=1e-6)  # it becomes likelier


def test_what_is_hidden_anyway_cannot_be_missed(captioner, photo):
    hidden = np.zeros((3, 3), bool)
    hidden[1, 2] = True
    np.testing.assert_allclose(captioner.occlusion(photo, ["bright"], hidden), 0, atol=1e-6)
    np.testing.assert_allclose(captioner.occlusion(photo, ["bright"], ~hidden)[0], LOST, atol=1e-6)


def test_all_batches_have_one_shape_and_are_reported(captioner, photo):
    done = [(done, of) for done, of, _ in captioner.occlusions(photo, ["bright"])]
    assert done == [(1, 3), (2, 3), (3, 3)]
    batches = [shape for shape in captioner.checkpoint.backbone.shapes if shape[0] > 1]
    assert batches == [(3, 60, 60, 3)] * 3


def test_who_is_warmed_up_has_met_all_shapes_of_batches(monkeypatch, photo):
    captioner = Captioner(tiny.checkpoint())
    features = Backbone.features
    shapes = []

    def noted(backbone, pixels):
        shapes.append(pixels.shape)
        return features(backbone, pixels)

    monkeypatch.setattr(Backbone, "features", noted)
    captioner.warm_up()
    captioner.warm_up_occlusion()
    known = set(shapes)
    captioner.occlusion(photo, [tiny.WORDS[0]])
    captioner.caption(photo)
    assert set(shapes) == known and len(known) == 2


def test_others_are_answered_between_two_batches(captioner, photo):
    answered = []
    for _ in captioner.occlusions(photo, ["bright"]):
        thread = threading.Thread(target=captioner.caption, args=[photo])
        thread.start()
        thread.join(timeout=20)
        answered.append(not thread.is_alive())
    assert answered == [True] * 3


def test_words_that_nobody_knows_and_masks_that_do_not_fit_are_refused(captioner, photo):
    with pytest.raises(UnknownWordError, match='"zebra"'):
        captioner.occlusion(photo, ["bright", "zebra"])
    with pytest.raises(ValueError, match="shape"):
        captioner.occlusion(photo, ["bright"], np.zeros((2, 2), bool))
    assert captioner.occlusion(photo, []).shape == (0, 3, 3)


def test_a_network_is_asked_as_if_each_photo_came_alone():
    captioner = Captioner(tiny.checkpoint())
    photo = np.random.default_rng(3).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    words = ["a", "red", "disc"]
    maps = captioner.occlusion(photo, words)
    whole = captioner.probabilities(photo, words)
    colour = photo.mean(axis=(0, 1)).round()
    for row, col in np.ndindex(2, 2):
        patched = photo.copy()
        patched[occlusion.patch(captioner.geometry, row, col)] = colour
        expected = whole - captioner.probabilities(patched, words)
        np.testing.assert_allclose(maps[:, row, col], expected, atol=1e-5)
    assert np.abs(maps).max() > 1e-3


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_patches_lie_around_their_cells_and_leave_nothing_out(geometry):
    reached = np.zeros(geometry.size, int)
    centres = geometry.centres(geometry.rows) * geometry.size
    for number, centre in enumerate(centres):
        down, across = occlusion.patch(geometry, number, number)
        assert down == across
        assert 0 <= down.start <= centre <= down.stop <= geometry.size
        assert down.stop - down.start <= 2 * geometry.stride
        if geometry.stride <= centre <= geometry.size - geometry.stride:
            assert down.stop - down.start == 2 * geometry.stride
            assert abs((down.start + down.stop) / 2 - centre) <= 0.5
        reached[down] += 1
    assert reached[int(centres[0]) : int(centres[-1])].min() >= 1
