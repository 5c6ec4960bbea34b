"""Supervised attention."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.attention_maps import Geometry
from captioner.data.augmentation import PLAIN, View
from captioner.data.boxes import Box, Part, coverage
from captioner.data.cache.photo_rows import PhotoRows
from captioner.data.grounding import Grounding
from captioner.training import training_model
from captioner.training.input.batches import CaptionBatches, trimmed
from captioner.training.input.supervision import AttentionTargets
from captioner.training.settings import FitConfig
from captioner.vocabulary import Vocabulary
from tests.support import tiny

EVEN = Geometry(2, 2, 64, 32.0, 16.0)  # four cells that part the photo
WORDS = Vocabulary(["a", "dog", "ball", "puppy"])
A, DOG, BALL, PUPPY = WORDS.ids(["a", "dog", "ball", "puppy"])
LEFT = Box("dog", 0, 0, 0.5, 1)
edges = st.integers(0, 16).map(lambda n: n / 16)


def known(*boxes: Box, photo: str = "one.jpg") -> Grounding:
    nouns = {"dog": "dog", "puppy": "dog", "ball": "ball"}
    return Grounding({Path(photo): boxes}, nouns, frozenset({"dog", "ball"}), False)


def test_a_cell_counts_by_how_much_of_it_is_covered():
    assert coverage([LEFT], EVEN).tolist() == [1, 0, 1, 0]
    assert coverage([Box("dog", 0.25, 0.5, 0.75, 0.75)], EVEN).tolist() == [0, 0, 0.25, 0.25]
    both = [Box("dog", 0, 0, 0.25, 1), Box("dog", 0.125, 0, 0.5, 0.5)]
    assert coverage(both, EVEN).tolist() == [1, 0, 0.5, 0]  # what two cover counts once
    assert coverage([], EVEN).tolist() == [0, 0, 0, 0]
    off = replace(EVEN, first=0.0)  # the cells look half a cell further left and up
    assert coverage([LEFT], off).tolist() == [0.25, 0.25, 0.5, 0.5]


@given(edges, edges, edges, edges)
def test_what_cells_cover_is_the_area_of_the_box_and_turns_with_the_photo(x, y, right, bottom):
    box = Box("dog", min(x, right), min(y, bottom), max(x, right), max(y, bottom))
    covered = coverage([box], EVEN)
    area = (box.right - box.left) * (box.bottom - box.top)
    assert covered.mean() == pytest.approx(area)
    turned = coverage([box.within(Part(), mirrored=True)], EVEN)
    assert turned.reshape(2, 2)[:, ::-1].ravel() == pytest.approx(covered)


def test_a_box_moves_with_the_part_that_is_shown():
    part = Part(0.5, 0.25, 0.5, 0.5)
    assert Box("dog", 0.5, 0.25, 0.75, 0.5).within(part) == Box("dog", 0, 0, 0.5, 0.5)
    assert Box("dog", 0.5, 0.25, 0.75, 0.5).within(part, True) == Box("dog", 0.5, 0, 1, 0.5)


@given(st.integers(1, 200), st.booleans())
def test_a_crop_shows_the_pixels_of_a_box_where_it_says(number, mirrored):
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[16:48, 24:56] = 255
    view = View(mirrored, number)
    (box,) = view.apply_to_boxes([Box("dog", 24 / 64, 16 / 64, 56 / 64, 48 / 64)], "one.jpg")
    y, x = np.nonzero(view.apply(pixels, "one.jpg")[..., 0] > 127)
    found = x.min() / 64, y.min() / 64, (x.max() + 1) / 64, (y.max() + 1) / 64
    expected = np.clip([box.left, box.top, box.right, box.bottom], 0, 1)
    np.testing.assert_allclose(found, expected, atol=1.1 / 64)


def test_only_words_that_name_a_known_object_are_taught():
    where = AttentionTargets([known(LEFT)], WORDS, EVEN)
    inside = where.of(Path("one.jpg"), [A, PUPPY, BALL, DOG], PLAIN)
    assert inside.tolist() == [[0] * 4, [1, 0, 1, 0], [0] * 4, [1, 0, 1, 0]]
    assert where.of(Path("one.jpg"), [DOG], View(True)).tolist() == [[0, 1, 0, 1]]
    assert not where.of(Path("other.jpg"), [DOG], PLAIN).any()


def batches(views=(PLAIN,), where=True) -> CaptionBatches:
    captions = {Path("one.jpg"): ["a dog", "a puppy a ball"], Path("two.jpg"): ["a dog"]}
    caches = [PhotoRows({"one.jpg": 0, "two.jpg": 1}, tiny.grids(2), view) for view in views]
    known_of = [known(LEFT), known(Box("dog", 0, 0, 1, 0.5), photo="two.jpg")]
    targets = AttentionTargets(known_of, WORDS, EVEN) if where else None
    return CaptionBatches(captions, WORDS, caches, 4, attention_targets=targets)


def test_batches_tell_where_each_word_belongs():
    found = set()
    for batch in map(trimmed, batches().epoch(0)):
        assert batch["inside"].shape == (*batch["targets"].shape, 4)
        words = zip(batch["targets"].ravel(), batch["inside"].reshape(-1, 4), strict=True)
        found |= {(int(word), *cells.tolist()) for word, cells in words if cells.any()}
    assert found == {(DOG, 1, 0, 1, 0), (DOG, 1, 1, 0, 0), (PUPPY, 1, 0, 1, 0)}
    mirrored = [batch["inside"] for batch in batches([View(True)]).epoch(0)]
    assert any((inside == (0, 1, 0, 1)).all(axis=-1).any() for inside in mirrored)
    assert all("inside" not in batch for batch in batches(where=False).epoch(0))


def test_the_loss_is_the_attention_that_lies_elsewhere():
    attention = np.array([[[0.25, 0.25, 0.25, 0.25], [0.1, 0.5, 0.3, 0.1], [1, 0, 0, 0]]])
    x = {
        "targets": np.array([[A, DOG, PUPPY]]),
        "weights": np.array([[1, 1, 0]], np.float32),  # the last is padding
        "inside": np.array([[[0] * 4, [1, 0, 0.5, 0], [0, 1, 0, 0]]], np.float16),
    }
    predicted = {"logits": np.zeros((1, 3, len(WORDS)), np.float32), "attention": attention}

    def loss(weight: float) -> float:
        model = training_model.TrainingModel(
            tiny.decoder(), FitConfig(attention_supervision=weight)
        )
        return float(model.compute_loss(x, y_pred=predicted))

    assert loss(2.0) - loss(0.0) == pytest.approx(-2 * np.log(0.1 + 0.5 * 0.3) / 2, rel=1e-4)


@pytest.mark.parametrize("weight, within", [(0.0, (0, 0.9)), (3.0, (0.95, 1))])
def test_attention_comes_to_lie_within_the_boxes(weight, within):
    """Captions, all the same, do not tell where the dog is; the boxes do."""
    config = FitConfig(attention_supervision=weight, peak_rate=0.02, warmup=1, dropout=0.0)
    grid = np.eye(4, dtype=np.float32)[np.array([[0, 1, 1, 1], [1, 1, 0, 1]])]
    captions = {Path("one.jpg"): ["a dog"], Path("two.jpg"): ["a dog"]}
    corners = {"one.jpg": Box("dog", 0, 0, 0.5, 0.5), "two.jpg": Box("dog", 0, 0.5, 0.5, 1)}
    where = [known(box, photo=photo) for photo, box in corners.items()]
    targets = AttentionTargets(where, WORDS, EVEN)
    rows = PhotoRows({"one.jpg": 0, "two.jpg": 1}, grid)
    source = CaptionBatches(captions, WORDS, [rows], 2, attention_targets=targets)
    (batch,) = source.epoch(0)
    sizes = tiny.decoder(channels=4, vocabulary=len(WORDS)).config
    model = training_model.build(replace(config, mixed=False), sizes, 120, batch)
    for _ in range(120):
        model.train_on_batch(batch)
    maps = keras.ops.convert_to_numpy(model.decoder(batch)["attention"])
    named = batch["inside"].any(axis=-1)
    share = (maps * batch["inside"]).sum(axis=-1)[named].mean()
    assert within[0] <= share <= within[1]
