"""The data of an evaluation: what is chosen for a captioner, and what the page says about it."""

import json
from pathlib import Path

import pytest

from captioner.ui.evaluate import suited_data
from captioner.ui.evaluate.data_panel import EvaluateData
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import Permission
from tests.support import tiny

SCENES = data_sources.SCENES
TRAINED_ON = {"photos": "everyday + Flickr8k", "drawn": "scenes-3000", "both": "scenes + mine"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def controls(monkeypatch) -> EvaluateData:
    """Captioners that were trained on these data."""
    folders = {}
    for name, data in TRAINED_ON.items():
        folders[name] = Path("checkpoints", name)
        folders[name].mkdir(parents=True)
        config = {"training": {"data": "ImageNet"}, "tuning": {"data": data}}
        (folders[name] / "config.json").write_text(json.dumps(config))
    models = Models(lambda folder: None, folders["photos"])
    monkeypatch.setattr(models, "folders", lambda: folders)
    return EvaluateData(models, OwnData(Permission(public=False)))


def test_a_captioner_of_photos_needs_photos(controls):
    names, data = controls.first()
    assert names == ["photos"] and data is None
    offer = controls.offer(names, data)
    assert offer["begin"] == "" and "“photos” was trained on photos" in offer["hint"]
    tiny.data_folder(Path("datasets/dots"))
    assert controls.default(names) == "datasets/dots"
    tiny.data_folder(Path("datasets/flickr8k"))
    assert controls.default(names) == "datasets/flickr8k"  # it was trained on these
    offer = controls.offer(names, "datasets/flickr8k")
    assert offer["begin"] == "Evaluate “photos” on flickr8k" and "photos" not in offer["hint"]


def test_a_captioner_of_scenes_is_evaluated_on_scenes(controls):
    tiny.data_folder(Path("datasets/dots"))
    assert controls.default(["drawn"]) == SCENES
    assert controls.default(["both"]) == "datasets/dots"
    assert controls.offer(["drawn"], SCENES)["begin"] == "Evaluate “drawn” on drawn scenes"


def test_data_change_with_the_captioner_only_if_they_suit_none_of_the_chosen(controls):
    tiny.data_folder(Path("datasets/dots"))
    assert controls.suit(["drawn"], "datasets/dots")["value"] == SCENES
    assert controls.suit(["photos"], None)["value"] == "datasets/dots"
    for names in (["photos", "drawn"], ["both"], [], None):
        assert "value" not in controls.suit(names, "datasets/dots")


def test_data_that_do_not_suit_are_named(controls):
    text = controls.describe(["photos", "drawn"], SCENES)[0]["value"]
    assert text == "“photos” was trained on photos: its scores on drawn scenes say little."
    assert controls.describe(["both", "drawn"], SCENES)[0]["visible"] is False
    tiny.data_folder(Path("drawn"))
    Path("drawn/scenes.json").write_text("{}")
    assert controls.about(["photos"], "drawn").endswith("its scores on drawn scenes say little.")


def test_the_terms_of_a_download_are_shown_before_it(controls):
    about, view = controls.describe(["photos"], data_sources.FLICKR8K)
    assert "not commercial" in about["value"] and "not commercial" in view["offer"]["hint"]
    assert view["offer"]["begin"] == "Download Flickr8k and evaluate “photos”"


def test_what_is_gone_is_replaced_in_the_lists(controls):
    names, data = controls.refresh(["photos", "gone"], data_sources.FLICKR8K)
    assert names["value"] == ["photos"] and "value" not in data
    tiny.data_folder(Path("datasets/flickr8k"))  # the download is complete
    names, data = controls.refresh(["photos"], data_sources.FLICKR8K)
    assert "value" not in names and data["value"] == "datasets/flickr8k"
    assert controls.refresh(["drawn"], "datasets/gone")[1]["value"] == SCENES
    assert controls.refresh(["photos"], None)[1]["value"] == "datasets/flickr8k"


def test_a_checkpoint_without_a_record_suits_everything(folder):
    (folder / "config.json").write_text("{}")
    assert suited_data.trained_on(folder) == suited_data.trained_on(folder / "no") == []
    assert suited_data.default_data([], [SCENES]) == SCENES
    assert suited_data.mismatch("tiny", [], SCENES) == ""
