"""A backbone whose cells are trained to know what lies in them."""

import contextlib
import io
import json

import keras
import numpy as np
import pytest

from captioner import checkpoints
from captioner.cli.main import main
from captioner.data import datasets
from captioner.data.boxes import Part
from captioner.distillation import localisation
from captioner.distillation.distiller import DEVIATION
from captioner.training.runs.journal import STOP, Journal, Stopped
from captioner.training.settings import LocalisationConfig
from tests.support import tiny

SIZE = 128  # pixels; fewer cells are too few to measure where they look
SMALL = LocalisationConfig(
    steps=3,
    batch_size=4,
    warmup=1,
    frozen=6,
    sizes=(SIZE,),
    until=(1.0,),
    min_areas=(0.6,),
    mixed=False,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Photos of squares and discs at the left or the right, with the boxes of the discs; words that
    are rare in so few photos are trained on, too."""
    folder = tmp_path_factory.mktemp("data") / "places"
    (folder / "annotations").mkdir(parents=True)
    kinds = [{"id": 1, "name": "sports ball"}]
    for split, count in (("train", 16), ("val", 4)):
        (folder / split).mkdir()
        images, captions, found = [], [], []
        for n in range(count):
            shape, left = ("square", "disc")[n % 2], n % 4 < 2
            photo = tiny.drawn("red", shape, "white", (64, 64), (0.25 if left else 0.75, 0.5))
            name = f"{split}{n}.png"
            photo.save(folder / split / name)
            images.append({"id": n, "file_name": name, "width": 64, "height": 64})
            word = "ball" if shape == "disc" else "box"
            captions.append({"image_id": n, "caption": f"a {word}"})
            if shape == "disc":
                box = [0 if left else 32, 16, 32, 32]
                found.append({"image_id": n, "category_id": 1, "bbox": box})
        for what, rows in (("captions", captions), ("instances", found)):
            content = {"images": images, "annotations": rows, "categories": kinds}
            (folder / "annotations" / f"{what}_{split}.json").write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module", autouse=True)
def words_of_few_photos():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(localisation, "RAREST", 2)
        patched.setattr(localisation, "COMMONEST", 0.9)
        yield


@pytest.fixture(scope="module")
def command(data, tmp_path_factory):
    """The command line of a finished training, its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("command")
    checkpoints.save_backbone(folder / "start", tiny.inverted(size=SIZE), {"distillation": 7})
    line = f"localise --data {data} --backbone {folder / 'start'} --out {folder / 'out'}"
    line += " --steps 1 --batch-size 2 --frozen 6 --warmup 0 --peak-rate 0.01 --no-mixed"
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main(line.split()) == 0
    return line, folder / "out", printed.getvalue()


def localise(data, out, config=SMALL, report=lambda line: None):
    return localisation.localise(
        [data], tiny.inverted(size=SIZE), out, config, {"command": "x"}, None, Journal(out, report)
    )


def test_labels_are_objects_of_each_cell_and_words_of_each_photo(data):
    labels = localisation.Labels([data])
    assert labels.words == ["ball", "box"] and labels.categories == ["ball"]
    assert labels.shares.tolist() == [0.5, 0.5] and len(labels.photos) == 16
    grid = localisation._geometry(64, tiny.inverted())
    ball = next(p for p in labels.photos if p.name == "train1.png")  # at the left
    for mirrored, cells in ((False, [0.5, 0, 0.5, 0]), (True, [0, 0.5, 0, 0.5])):
        objects, words = labels.targets(ball, grid, Part(), mirrored)
        assert objects[:, 0].tolist() == cells and words.tolist() == [1, 0]
    box = next(p for p in labels.photos if p.name == "train0.png")
    objects, words = labels.targets(box, grid, Part(), False)
    assert not objects.any() and words.tolist() == [0, 1]


def test_the_losses_are_those_of_the_papers():
    network = keras.Sequential([keras.Input((2, 2, 3)), keras.layers.Identity()])
    model = localisation.Localiser(network, 1, np.array([0.5]), 4)
    logits = np.array([[[-1.0, 0.3], [2.0, -0.5], [0.0, 0.0], [1.0, -2.0]]], np.float32)
    covered = np.array([[[0.0], [1.0], [0.25], [0.5]]], np.float32)
    for used in (0, 1):
        x = {"objects": covered, "words": np.array([[used]])}
        loss = float(model.compute_loss(x, y_pred=keras.ops.convert_to_tensor(logits)))
        p = 1 / (1 + np.exp(-logits[0]))
        c = covered[0, :, 0]
        objects = -np.mean(c * np.log(p[:, 0]) + (1 - c) * np.log(1 - p[:, 0]))
        photo = 1 - np.prod(1 - p[:, 1])  # noisy-OR
        words = -np.log(photo if used else 1 - photo)
        assert loss == pytest.approx(words + localisation.OBJECTS_WEIGHT * objects, rel=1e-4)


def test_heads_begin_with_the_share_of_the_photos_that_have_a_word():
    network = keras.Sequential([keras.Input((2, 2, 3)), keras.layers.Identity()])
    shares = np.array([0.5, 0.01])
    model = localisation.Localiser(network, 2, shares, 4)
    logits = keras.ops.convert_to_numpy(model({"pixels": np.zeros((1, 2, 2, 3))}))[0, :, 2:]
    found = 1 - np.prod(1 / (1 + np.exp(logits)), axis=0)
    np.testing.assert_allclose(found, shares, rtol=1e-3)


def test_the_result_is_a_backbone_that_a_decoder_can_be_trained_on(data, command):
    folder = command[1] / "backbone"
    before, after = tiny.inverted(size=SIZE), checkpoints.find_backbone(str(folder))
    assert checkpoints.read_config(folder)["localisation"]["photos"] == 16
    photos = [path for path in datasets.read(data).split("train")]
    grid = after.features(np.stack([after.pixels(p) for p in photos])).reshape(-1, after.channels)
    np.testing.assert_allclose(grid.mean(axis=0), 0, atol=0.05)
    spread = grid.std(axis=0)
    np.testing.assert_allclose(spread[spread > 0.01], DEVIATION, atol=0.05)
    changed = [
        not np.allclose(a, b, atol=1e-3)
        for a, b in zip(before.network.get_weights(), after.network.get_weights(), strict=True)
    ]
    assert any(changed) and not changed[0]  # the first blocks keep their weights


@pytest.mark.slow
def test_a_stopped_training_resumes_where_it_was_stopped(data, tmp_path):
    whole = localise(data, tmp_path / "whole")

    def stop(line: str) -> None:
        if line.startswith("step 2"):
            (tmp_path / "parts" / STOP).touch()

    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr("captioner.training.loop.LOG_EVERY", 1)
        with pytest.raises(Stopped):
            localise(data, tmp_path / "parts", report=stop)
    parts = localise(data, tmp_path / "parts")
    for a, b in zip(
        *(checkpoints.find_backbone(str(f)).network.get_weights() for f in (whole, parts)),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_only_an_inverted_backbone_is_accepted(data, tmp_path):
    with pytest.raises(ValueError, match="inverted"):
        localisation.localise([data], tiny.backbone(), tmp_path)


def test_from_the_command_line(command):
    line, out, printed = command
    assert f"backbone: {out / 'backbone'}" in printed
    made = checkpoints.read_config(out / "backbone")
    assert made["distillation"] == 7  # how it was made before
    assert made["localisation"]["command"].endswith(line)
    assert made["localisation"]["settings"]["frozen"] == 6
    assert (out / "status.json").is_file()
