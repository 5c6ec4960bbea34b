"""A network is taught block by block, apart and together."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tiny

from captioner import checkpoints
from captioner.data.datasets import DatasetError
from captioner.distillation import distill, teachers
from captioner.distillation.blocks import DEVIATION, BlockDistiller
from captioner.training import loop
from captioner.training.journal import Journal
from captioner.training.settings import DistillationConfig

CONFIG = DistillationConfig(
    design="inverted",
    apart=20,
    steps=32,
    batch_size=6,
    peak_rate=1e-2,
    warmup=4,
    sizes=(64, 64, 64),
    mixed=False,
    save_every=10**9,  # only at the end
)


def build_teacher() -> keras.Model:
    """A network of the same design with weights that the student does not have."""
    network = tiny.inverted(seed=7).network
    ends = {name: network.get_layer(name).output for name in tiny.INVERTED.blocks}
    return keras.Model(network.inputs, ends)


@pytest.fixture(scope="module", autouse=True)
def small():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "LOG_EVERY", 4)
        patched.setattr(distill, "PLACED_BY", 1)
        patched.setattr(distill, "SIZES", {"inverted": tiny.INVERTED})
        yield


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    path = tmp_path_factory.mktemp("teacher") / "teacher.keras"
    teachers.save_teacher(build_teacher(), path)
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.data_folder(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def undisturbed(folder, teacher, tmp_path_factory):
    """The folder of a finished distillation."""
    out = tmp_path_factory.mktemp("undisturbed")
    distill.distil([folder], teacher, out, CONFIG, None, Journal(out, lambda line: None))
    return out


def distiller() -> BlockDistiller:
    return BlockDistiller(tiny.inverted(seed=7).network, build_teacher(), tiny.INVERTED.blocks)


def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)


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
    seen = np.random.default_rng(1).integers(0, 256, (16, 64, 64, 3)).astype(np.uint8)
    found = teachers.standardisation(built.teacher, built.standardised, [seen[:8], seen[8:]])
    built.standardise_by(found)
    *before, (_, last) = built(seen)
    channels = np.asarray(last).reshape(-1, last.shape[-1])
    np.testing.assert_allclose(channels.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(channels.std(axis=0), DEVIATION, rtol=1e-3)
    for (ours, theirs), name in zip(before, tiny.INVERTED.blocks, strict=False):
        np.testing.assert_allclose(ours, theirs, atol=1e-4, err_msg=name)


def test_apart_blocks_of_large_maps_see_fewer_photos(monkeypatch):
    monkeypatch.setattr("captioner.distillation.blocks.POSITIONS", 512)
    built = distiller()
    built.apart = True
    seen = [len(ours) for ours, _ in built(pixels())]
    assert seen == [1, 2, 2, 3, 3, 3, 3, 3]  # maps of 32 x 32, 16 x 16, then smaller ones


def test_it_comes_to_do_what_the_teacher_does(undisturbed):
    lines = [json.loads(line) for line in (undisturbed / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 8, 12, 16, 20, 24, 28, 32]
    assert lines[4]["loss"] < 0.8 * lines[0]["loss"]  # apart
    assert lines[-1]["explained"] > lines[5]["explained"]  # together
    assert all(line["explained"] <= 1 for line in lines)


def test_the_result_is_a_backbone(undisturbed):
    backbone = checkpoints.find_backbone(str(undisturbed / "backbone"))
    assert backbone.compact == tiny.INVERTED and backbone.channels == 8
    assert np.isfinite(backbone.features(np.zeros((1, 224, 224, 3), np.uint8))).all()


class Stopped(Exception):
    pass


def test_a_run_that_is_resumed_equals_an_undisturbed_one(folder, teacher, undisturbed, tmp_path):
    def report(line: str) -> None:
        if line.startswith("step 12 "):
            raise Stopped

    with pytest.raises(Stopped):
        often = replace(CONFIG, save_every=1)
        distill.distil([folder], teacher, tmp_path, often, None, Journal(tmp_path, report))
    distill.distil([folder], teacher, tmp_path, CONFIG)
    with np.load(undisturbed / "state.npz") as one, np.load(tmp_path / "state.npz") as other:
        assert one.files == other.files
        for name in one.files:
            if name != "progress":
                np.testing.assert_allclose(other[name], one[name], atol=1e-4, rtol=1e-3)


def test_a_teacher_of_another_design_is_refused():
    other = tiny.backbone().network
    with pytest.raises(DatasetError, match="no block1 of 4 channels"):
        BlockDistiller(
            tiny.inverted().network,
            keras.Model(other.inputs, {"features": other.output}),
            tiny.INVERTED.blocks,
        )


def test_a_start_of_another_design_is_refused(folder, teacher, tmp_path):
    with pytest.raises(DatasetError, match="design inverted"):
        distill.distil([folder], teacher, tmp_path, CONFIG, start=tiny.backbone())
