"""Training on several data sets."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from captioner import checkpoints
from captioner.data import datasets
from captioner.data.augmentation import View
from captioner.data.cache.photo_rows import JoinedRows, PhotoRows
from captioner.data.datasets import DatasetError
from captioner.training import recipe
from captioner.training.recipe import Recipe
from captioner.training.runs import journal
from captioner.training.settings import FitConfig, SettingsError
from tests.support import tiny

SMALL = {"grid_units": 4, "attention": 4, "embedding": 4, "units": 4, "min_count": 1}
FIT = FitConfig(epochs=1, average=1, batch_size=16, mixed=False, attention_supervision=1.0, **SMALL)


def test_rows_of_two_data_sets_that_use_the_same_file_names():
    one = PhotoRows({"a.jpg": 1, "b.jpg": 0}, np.array([[10], [11]]), View(True))
    other = PhotoRows({"a.jpg": 0}, np.array([[20]]), View(True))
    a, b, c, d = Path("x/a.jpg"), Path("x/b.jpg"), Path("y/a.jpg"), Path("y/b.jpg")
    rows = JoinedRows([([a, b], one), ([c, d], other)])
    assert [photo in rows for photo in (a, b, c, d, Path("a.jpg"))] == [True] * 3 + [False] * 2
    assert [int(rows.array[rows.row(photo)][0]) for photo in (a, b, c)] == [11, 10, 20]
    assert rows.array[[2, 0, 2]].tolist() == [[20], [10], [20]]
    assert rows.array.shape == (3, 1) and len(rows.array) == 3 and rows.view == View(True)


def test_data_sets_of_one_name_are_told_apart(tmp_path):
    folders = [tiny.data_folder(tmp_path / name) for name in ("one", "two")]
    parts = datasets.read_all(folders)
    assert [part.name for part in parts.values()] == ["Flickr8k (one)", "Flickr8k (two)"]
    both = datasets.joined(list(parts.values()))
    assert len(both.split("train")) == 24 and len(both.split("dev")) == 12
    with pytest.raises(DatasetError, match="twice"):
        datasets.read_all([folders[0], tmp_path / "two" / ".." / "one"])


@pytest.fixture(scope="module")
def asked(saved_checkpoint, tmp_path_factory):
    """A training on two data sets; one has boxes of a ball in its photos of dev."""
    folder = tmp_path_factory.mktemp("several")
    one, two = (tiny.data_folder(folder / name) for name in ("one", "two"))
    captions = (two / "Flickr8k.token.txt").read_text().replace(" disc", " ball")
    (two / "Flickr8k.token.txt").write_text(captions)
    photos = [path for path in sorted((two / "Images").iterdir()) if "disc" in path.name]
    kinds = [{"id": 1, "name": "sports ball"}]
    for split in ("train", "dev"):
        images = [{"id": n, "file_name": p.name, "width": 80, "height": 60} for n, p in
                  enumerate(photos)]  # fmt: skip
        found = [{"image_id": n, "category_id": 1, "bbox": [25, 15, 30, 30]} for n in
                 range(len(photos))]  # fmt: skip
        content = {
            "images": images,
            "annotations": found,
            "categories": kinds,
        }
        (two / "annotations").mkdir(exist_ok=True)
        (two / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))

    def asked(name: str, **more) -> Path:
        given = {"backbone": str(saved_checkpoint), "features": str(folder / "features")}
        given |= {"mirror": False}
        asked = Recipe(str(one), (str(two),), **given, **{"fit": FIT, **more})
        recipe.train(asked, folder / name, lambda line: None)
        return folder / name

    return asked


@pytest.mark.slow
def test_each_is_scored_by_its_own_name(asked):
    run = asked("both")
    (line,) = [
        line
        for line in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        if "CIDEr" in line
    ]
    each = [line[f"CIDEr/Flickr8k ({name})"] for name in ("one", "two")]
    assert line["CIDEr"] == pytest.approx(np.mean(each), abs=1e-4)
    config = checkpoints.read_config(run / "checkpoints" / "best")
    assert config["training"]["data"] == "Flickr8k (one) + Flickr8k (two)"
    assert config["training"]["photos"] == 24
    assert Recipe.read(run).more_data == (str(run.parent / "two"),)
    # Only one of the two has boxes, and the status says so.
    message = journal.read_status(run)["message"]
    assert message.startswith("attention_supervision has no effect on Flickr8k (one): no words")


@pytest.mark.slow
def test_one_of_them_alone_may_choose_the_epoch(asked):
    run = asked("one only", scored=("Flickr8k (two)",))
    config = checkpoints.read_config(run / "checkpoints" / "best")
    assert not any("/" in name for name in config["scores"])
    by_folder = asked("by folder", scored=Recipe.read(run).more_data) / "checkpoints" / "best"
    assert checkpoints.read_config(by_folder)["scores"] == config["scores"]
    with pytest.raises(SettingsError, match="no data set three; there are: Flickr8k"):
        asked("none", scored=("three",))


@pytest.mark.slow
def test_the_backbone_is_tuned_on_several_too(asked):
    start = asked("both") / "checkpoints" / "best"
    tuned = asked(
        "tuned",
        start=str(start),
        fit=replace(FIT, tune=True),
    )
    assert checkpoints.read_config(tuned / "checkpoints" / "best")["tuning"]["photos"] == 24
