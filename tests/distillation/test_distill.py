"""The compact backbone learns from a teacher, and resumes where it stopped."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from captioner import checkpoints
from captioner.data.datasets import DatasetError
from captioner.distillation import distill
from captioner.training import loop
from captioner.training.loop import StateError
from captioner.training.runs.journal import Journal
from captioner.training.settings import DistillationConfig
from tests.support import tiny
from tests.support.training.teacher_models import with_blocks, with_features

CONFIG = DistillationConfig(
    apart=20,
    steps=32,
    batch_size=6,
    peak_rate=1e-2,
    warmup=4,
    sizes=(64, 64, 64),
    mixed=False,
    save_every=10**9,  # only at the end
)
RESIDUAL = replace(CONFIG, design="residual", steps=24)
SIZES = {"inverted": tiny.INVERTED, "residual": tiny.SIZES}


@pytest.fixture(scope="module", autouse=True)
def small():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "LOG_EVERY", 4)
        patched.setattr(distill, "MEASURED_ON", 1)
        patched.setattr(distill, "CROPS", 64)
        patched.setattr(distill, "SIZES", SIZES)
        yield


@pytest.fixture(scope="module")
def teachers(tmp_path_factory):
    """design of the student -> file of a teacher"""
    folder = tmp_path_factory.mktemp("teachers")
    for design, teacher in (("inverted", with_blocks()), ("residual", with_features())):
        teacher.save(folder / f"{design}.keras")
    return {design: str(folder / f"{design}.keras") for design in SIZES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photos to train on, one of them broken, and some of a dev split that must not be seen."""
    folder = tiny.data_folder(tmp_path_factory.mktemp("photos"))
    (folder / "Images" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


@pytest.fixture(scope="module")
def finished(folder, teachers, tmp_path_factory):
    """settings -> (folder, reported lines) of a finished distillation"""

    @cache
    def distilled(config: DistillationConfig):
        out, lines = tmp_path_factory.mktemp("finished"), []
        journal, record = Journal(out, lines.append), {"command": "distil"}
        result = distill.distil([folder], teachers[config.design], out, config, record, journal)
        assert result == out / "backbone"
        return out, lines

    return distilled


both = pytest.mark.parametrize(
    "config",
    [
        pytest.param(CONFIG, id="inverted", marks=pytest.mark.slow),
        pytest.param(RESIDUAL, id="residual"),
    ],
)


@both
def test_the_student_approaches_the_teacher(finished, config):
    out, _ = finished(config)
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(4, config.steps + 1, 4))
    assert lines[4]["loss"] < (0.8 if config is CONFIG else 0.9) * lines[0]["loss"]
    assert lines[-1]["explained"] > lines[5 if config is CONFIG else 0]["explained"]  # together
    assert all(line["explained"] <= 1 for line in lines)


def test_photos_of_dev_and_broken_ones_are_not_trained_on(finished):
    assert finished(RESIDUAL)[1][0] == "12 photos, 1 unreadable"


@both
def test_the_result_is_a_backbone_with_a_record_of_its_training(finished, config):
    out, _ = finished(config)
    backbone = checkpoints.find_backbone(str(out / "backbone"))
    assert backbone.config == SIZES[config.design]
    assert backbone.geometry.size == 224 and backbone.channels == 8
    features = backbone.features(np.zeros((1, 224, 224, 3), np.uint8))
    assert features.shape == (1, 49, 8) and np.isfinite(features).all()
    made = json.loads((out / "backbone" / "config.json").read_text())["distillation"]
    assert made["teacher"] == f"{config.design}.keras" and made["photos"] == 12
    assert made["settings"]["steps"] == config.steps and made["command"] == "distil"


class Stopped(Exception):
    pass


@pytest.mark.slow
def test_a_resumed_run_equals_an_undisturbed_one(folder, teachers, finished, tmp_path):
    """Stopped while blocks are apart; the step that was stopped has not been saved."""
    out, teacher = finished(CONFIG)[0], teachers["inverted"]

    def stop(line: str) -> None:
        if line.startswith("step 12 "):
            raise Stopped

    often = replace(CONFIG, save_every=11)
    with pytest.raises(Stopped):
        distill.distil([folder], teacher, tmp_path, often, None, Journal(tmp_path, stop))
    said = []
    distill.distil([folder], teacher, tmp_path, CONFIG, None, Journal(tmp_path, said.append))
    assert "resumed after step 11" in said
    with np.load(out / "state.npz") as one, np.load(tmp_path / "state.npz") as other:
        assert one.files == other.files
        for name in one.files:
            if name != "progress":
                np.testing.assert_allclose(other[name], one[name], atol=1e-4, rtol=1e-3)
    last, again = (
        json.loads((folder / "metrics.jsonl").read_text().splitlines()[-1])
        for folder in (out, tmp_path)
    )
    assert again["loss"] == pytest.approx(last["loss"], abs=1e-3)


def test_a_full_disk_does_not_damage_the_last_state(finished, folder, teachers):
    out, _ = finished(RESIDUAL)
    before = (out / "state.npz").read_bytes()
    longer = replace(RESIDUAL, save_every=1)
    with tiny.full_disk(len(before) // 2), pytest.raises(OSError):
        distill.distil([folder], teachers["residual"], out, longer)
    assert (out / "state.npz").read_bytes() == before
    assert checkpoints.find_backbone(str(out / "backbone")).channels == 8


def test_the_state_of_another_teacher_is_refused(finished, folder, tmp_path):
    with_features(width=9).save(tmp_path / "other.keras")
    with pytest.raises(StateError, match="another shape"):
        distill.distil([folder], str(tmp_path / "other.keras"), finished(RESIDUAL)[0], RESIDUAL)


def test_a_start_of_another_design_is_refused(folder, teachers, tmp_path):
    with pytest.raises(DatasetError, match="design inverted"):
        distill.distil([folder], teachers["inverted"], tmp_path, CONFIG, start=tiny.backbone())


def test_sizes_grow_over_the_steps():
    config = DistillationConfig(
        steps=100, sizes=(128, 160, 224), until=(0.5, 0.8, 1.0), min_areas=(0.1, 0.2, 0.3)
    )
    assert [config.at(step) for step in (0, 49)] == [(128, 0.1)] * 2
    assert [config.at(step) for step in (50, 79)] == [(160, 0.2)] * 2
    assert [config.at(step) for step in (80, 99)] == [(224, 0.3)] * 2
