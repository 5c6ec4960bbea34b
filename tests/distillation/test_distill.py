"""The compact backbone learns from a teacher, and goes on where it stopped."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tiny
from keras import layers

from captioner import checkpoints
from captioner.distillation import distill, teachers
from captioner.training import loop
from captioner.training.journal import Journal
from captioner.training.settings import DistillationConfig
from captioner.training.state import StateError

CONFIG = DistillationConfig(
    design="residual",
    steps=24,
    batch_size=6,
    warmup=4,
    sizes=(64, 64, 64),
    mixed=False,
    save_every=10**9,  # only at the end
)


@pytest.fixture(scope="module", autouse=True)
def log_often():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "LOG_EVERY", 4)
        patched.setattr(distill, "PLACED_BY", 1)
        yield


def build_teacher(width: int) -> keras.Model:
    """A few random convolutions with all outputs that a teacher may have."""
    keras.utils.set_random_seed(4)
    pixels = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, -1.0)(pixels)
    outputs = {}
    for stride in (8, 16, 32):
        x = layers.Conv2D(width, 8 if stride == 8 else 2, strides=8 if stride == 8 else 2)(x)
        outputs[f"stride{stride}"] = x
        x = layers.ReLU()(x)
    outputs["features"] = x
    outputs["logits"] = layers.Dense(5)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, outputs)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    path = tmp_path_factory.mktemp("teacher") / "teacher.keras"
    teachers.save_teacher(build_teacher(7), path)
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photos to train on, one of them broken, and some of a dev split that must not be seen."""
    folder = tiny.data_folder(tmp_path_factory.mktemp("photos"))
    (folder / "Images" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


@pytest.fixture(scope="module")
def undisturbed(folder, teacher, tmp_path_factory):
    """A finished distillation: its folder and what it reported."""
    out = tmp_path_factory.mktemp("undisturbed")
    said = []
    record = {"command": "distil"}
    result = distill.distil([folder], teacher, out, CONFIG, record, Journal(out, said.append))
    assert result == out / "backbone"
    return out, said


def test_the_loss_falls(undisturbed):
    out, _ = undisturbed
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 8, 12, 16, 20, 24]
    losses, cosines = ([line[name] for line in lines] for name in ("loss", "cosine"))
    assert losses[-1] < 0.9 * losses[0]
    assert cosines[-1] > cosines[0] + 0.1 and max(cosines) <= 1


def test_photos_of_dev_and_broken_ones_are_not_trained_on(undisturbed):
    _, said = undisturbed
    assert said[0] == "12 photos, 1 unreadable"


def test_the_result_is_a_backbone_with_a_record_of_how_it_was_made(undisturbed):
    out, _ = undisturbed
    backbone = checkpoints.find_backbone(str(out / "backbone"))
    assert backbone.geometry.size == 224 and backbone.channels == 384
    features = backbone.features(np.zeros((1, 224, 224, 3), np.uint8))
    assert features.shape == (1, 49, 384) and np.isfinite(features).all()
    made = json.loads((out / "backbone" / "config.json").read_text())["distillation"]
    assert made["teacher"] == "teacher.keras" and made["photos"] == 12
    assert made["settings"]["steps"] == 24 and made["command"] == "distil"


class Stopped(Exception):
    pass


def stop_at(step: int):
    """A `report` that ends the run when this step is logged."""

    def report(line: str) -> None:
        if line.startswith(f"step {step} "):
            raise Stopped

    return report


def test_a_resumed_run_equals_an_undisturbed_one(folder, teacher, undisturbed, tmp_path):
    often = replace(CONFIG, save_every=1)  # after every step
    with pytest.raises(Stopped):
        distill.distil([folder], teacher, tmp_path, often, None, Journal(tmp_path, stop_at(4)))
    said = []
    distill.distil([folder], teacher, tmp_path, CONFIG, None, Journal(tmp_path, said.append))
    assert "going on from step 3" in said  # the step that was stopped had not been saved
    with np.load(undisturbed[0] / "state.npz") as one, np.load(tmp_path / "state.npz") as other:
        assert one.files == other.files
        for name in one.files:
            if name != "progress":
                np.testing.assert_allclose(other[name], one[name], atol=1e-5, rtol=1e-4)
    one, other = (folder / "metrics.jsonl" for folder in (undisturbed[0], tmp_path))
    last, again = (json.loads(path.read_text().splitlines()[-1]) for path in (one, other))
    assert again["loss"] == pytest.approx(last["loss"], abs=1e-3)


def test_a_full_disk_leaves_the_last_state(undisturbed, folder, teacher, tmp_path):
    out, _ = undisturbed
    before = (out / "state.npz").read_bytes()
    longer = replace(CONFIG, save_every=1)
    with tiny.full_disk(20_000_000), pytest.raises(OSError):
        distill.distil([folder], teacher, out, longer)
    assert (out / "state.npz").read_bytes() == before
    assert checkpoints.find_backbone(str(out / "backbone")).channels == 384


def test_the_state_of_another_teacher_is_refused(undisturbed, folder, tmp_path):
    teachers.save_teacher(build_teacher(9), tmp_path / "other.keras")
    with pytest.raises(StateError, match="another shape"):
        distill.distil([folder], str(tmp_path / "other.keras"), undisturbed[0], CONFIG)


def test_a_teacher_may_have_features_only(tmp_path):
    whole = build_teacher(7)
    part = keras.Model(whole.input, {"features": whole.output["features"]})
    teachers.save_teacher(part, tmp_path / "part.keras")
    distiller = distill.build_distiller(CONFIG, str(tmp_path / "part.keras"))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    pairs = distiller(pixels)
    assert set(pairs) == {"features"}
    assert float(distiller.compute_loss(x=pixels, y_pred=pairs)) > 0


def test_targets_are_standardised_and_the_teacher_stays_as_it_is(teacher):
    distiller = distill.build_distiller(CONFIG, teacher)
    before = distiller.teacher.get_weights()
    pixels = np.random.default_rng(0).integers(0, 256, (8, 64, 64, 3)).astype(np.uint8)
    distiller.standardise_by(
        teachers.standardisation(distiller.teacher, distiller.standardised, [pixels])
    )
    for name, (ours, theirs) in distiller(pixels).items():
        assert ours.shape == theirs.shape
        if name != "logits":
            channels = np.asarray(theirs).reshape(-1, 7)
            np.testing.assert_allclose(channels.mean(axis=0), 0, atol=1e-3)
            deviations = channels.std(axis=0)
            assert deviations.max() < 1.01  # channels that are almost always 0 stay small
            assert np.median(deviations) == pytest.approx(1, abs=0.01)
    distiller.train_on_batch(pixels)
    for one, other in zip(before, distiller.teacher.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_mixed_precision_keeps_weights_and_heads_in_float32(teacher):
    distiller = distill.build_distiller(replace(CONFIG, mixed=True), teacher)
    convolution = next(x for x in distiller.network.layers if isinstance(x, layers.Conv2D))
    assert convolution.compute_dtype == "bfloat16"
    assert {str(v.dtype) for v in distiller.trainable_variables} == {"float32"}
    assert {head.compute_dtype for head in distiller.heads.values()} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"  # as it was


def test_sizes_grow_over_the_steps():
    config = DistillationConfig(
        steps=100, sizes=(128, 160, 224), until=(0.5, 0.8, 1.0), min_areas=(0.1, 0.2, 0.3)
    )
    assert [config.at(step) for step in (0, 49)] == [(128, 0.1)] * 2
    assert [config.at(step) for step in (50, 79)] == [(160, 0.2)] * 2
    assert [config.at(step) for step in (80, 99)] == [(224, 0.3)] * 2
