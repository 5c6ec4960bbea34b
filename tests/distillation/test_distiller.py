"""Blocks of a student learn from a teacher's, apart and together."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from captioner.data.datasets import DatasetError
from captioner.distillation import distill, teachers
from captioner.distillation.distiller import DEVIATION, Distiller
from captioner.training.settings import DistillationConfig
from tests.support import tiny
from tests.support.training.teacher_models import with_blocks, with_features


def distiller() -> Distiller:
    return Distiller(tiny.inverted(seed=7).network, with_blocks(), tiny.INVERTED.blocks)


def pixels(photos: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (photos, 64, 64, 3)).astype(np.uint8)


def test_blocks_apart_are_given_what_the_teacher_makes_and_together_what_they_make():
    built = distiller()
    first = built.network.get_layer("block1")  # whose faults all others are to see
    weights = zip(first.weights, first.get_weights(), strict=True)
    first.set_weights([w + 0.5 if "beta" in v.path else w for v, w in weights])
    built.apart = True
    apart = [np.abs(ours - theirs).max() for ours, theirs in built(pixels())]
    assert apart[0] == pytest.approx(0.5, abs=1e-4) and max(apart[1:]) < 1e-4
    built.apart = False
    together = [np.abs(ours - theirs).max() for ours, theirs in built(pixels())]
    assert together[0] == pytest.approx(0.5, abs=1e-4) and min(together[1:]) > 1e-3


def test_a_student_like_its_teacher_has_nothing_to_learn():
    built = distiller()
    loss = built.compute_loss(y_pred=built(pixels()))
    assert float(loss) < 1e-6
    assert float(built.explained_tracker.result()) == pytest.approx(1, abs=1e-3)


def test_the_grid_is_learnt_at_one_scale():
    built = distiller()
    images = pixels(16)
    built.standardise(
        *teachers.statistics(built.teacher, built.names[-1], [images[:8], images[8:]])
    )
    *before, (_, last) = built(images)
    channels = np.asarray(last).reshape(-1, last.shape[-1])
    np.testing.assert_allclose(channels.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(channels.std(axis=0), DEVIATION, rtol=1e-3)
    for (ours, theirs), name in zip(before, tiny.INVERTED.blocks, strict=False):
        np.testing.assert_allclose(ours, theirs, atol=1e-4, err_msg=name)


def test_apart_blocks_of_large_maps_see_fewer_photos(monkeypatch):
    monkeypatch.setattr("captioner.distillation.distiller.POSITIONS", 512)
    built = distiller()
    built.apart = True
    photos = [len(ours) for ours, _ in built(pixels())]
    assert photos == [1, 2, 2, 3, 3, 3, 3, 3]  # maps of 32 x 32, 16 x 16, then smaller ones


@pytest.mark.slow
@pytest.mark.parametrize("stride", [32, 16])
def test_any_other_teacher_is_learnt_from_through_a_head(stride):
    """Whatever its width, and the size of its grid."""
    teacher, images = with_features(stride), pixels(8)
    teacher.trainable = False  # as it is loaded
    built = Distiller(tiny.backbone().network, teacher)
    built.standardise(*teachers.statistics(built.teacher, built.names[-1], [images]))
    ((ours, theirs),) = built(images)
    assert ours.shape == theirs.shape == (8, 2, 2, 7)
    if stride == 32:
        channels = np.asarray(theirs).reshape(-1, 7)
        np.testing.assert_allclose(channels.mean(axis=0), 0, atol=1e-4)
        assert channels.std(axis=0).max() < 1.01 * DEVIATION  # near 0 always: it stays small
        assert np.median(channels.std(axis=0)) == pytest.approx(DEVIATION, rel=1e-2)
    before, student = built.teacher.get_weights(), built.network.get_weights()
    built.compile(optimizer="adam")
    built.train_on_batch(images)
    for one, same in zip(before, built.teacher.get_weights(), strict=True):
        assert np.array_equal(one, same)
    assert not np.array_equal(student[0], built.network.get_weights()[0])


def test_a_teacher_of_another_design_is_refused():
    with pytest.raises(DatasetError, match="no block1 of 4 channels"):
        Distiller(tiny.inverted().network, with_features(), tiny.INVERTED.blocks)


@pytest.mark.parametrize("design", ["inverted", "residual"])
def test_mixed_precision_keeps_weights_and_losses_in_float32(design, monkeypatch, tmp_path):
    monkeypatch.setattr(distill, "SIZES", {"inverted": tiny.INVERTED, "residual": tiny.SIZES})
    (with_blocks() if design == "inverted" else with_features()).save(tmp_path / "t.keras")
    config = replace(DistillationConfig(), design=design, sizes=(64,) * 3, mixed=True)
    built = distill.build_distiller(config, str(tmp_path / "t.keras"))
    convolution = next(x for x in built.network.layers if isinstance(x, layers.Conv2D))
    assert convolution.compute_dtype == "bfloat16"
    assert {str(v.dtype) for v in built.trainable_variables} == {"float32"}
    assert {str(x.dtype) for pair in built(pixels()) for x in pair} == {"<dtype: 'float32'>"}
    assert keras.config.dtype_policy().name == "float32"  # as it was
