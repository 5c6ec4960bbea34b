"""The data panel: its lists, descriptions and uploads, without a browser."""

import pytest

from captioner.ui.shared.data_sources import SCENES, describe
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import Permission
from captioner.ui.train.data_choice import ALL, DataChoice
from captioner.ui.train.data_panel import DataControls
from tests.support import tiny

ONE, TWO = "datasets/one", "datasets/two"


@pytest.fixture
def controls(data_sets) -> DataControls:
    return DataControls(OwnData(Permission(public=False)))


@pytest.fixture
def public(data_sets) -> DataControls:
    return DataControls(OwnData(Permission(public=True, allowed=True, token="t")))


def test_local_data_sets_can_be_added_to_the_first_one(controls, folder):
    added = controls.offer_more(SCENES, None)
    assert added["choices"] == [("one", ONE), ("two", TWO)] and added["visible"]
    # The first data set and deleted ones are removed.
    added = controls.offer_more(TWO, [TWO, ONE, "gone"])
    assert added["choices"] == [("one", ONE)] and added["value"] == [ONE]
    own = str(tiny.data_folder(folder / "elsewhere"))
    assert controls.own.add_folder("", own)[1]["value"] == own
    assert ("elsewhere", own) in controls.offer_more(ONE, [])["choices"]


def test_without_local_data_sets_there_is_nothing_to_add():
    assert (
        DataControls(OwnData(Permission(public=False))).offer_more(SCENES, [])["visible"] is False
    )


def test_several_data_sets_are_described_together(controls):
    text, gallery, slider, scores = controls.describe(ONE, [TWO])
    assert text.startswith("**Together**: 36 photos, 48 captions to train on.")
    for name in ("one", "two"):
        assert f"**Flickr8k ({name})**: 18 photos (12 in train, 6 in dev), 36" in text
    folders = [file.split("/")[1] for file, _ in gallery["value"]]
    assert folders == ["one"] * 4 + ["two"] * 4 and slider["visible"] is False
    names = [("All (mean score)", ALL), ("Flickr8k (one)", ONE), ("Flickr8k (two)", TWO)]
    assert scores["choices"] == names and scores["visible"]
    # What is unchanged is not sent: the visitor may choose while this is computed.
    assert "value" not in scores and "value" not in controls.describe(ONE, [TWO], TWO)[3]
    # A single data set needs no choice.
    text, _, _, scores = controls.describe(ONE, [], TWO)
    assert text == describe(ONE)[0]
    assert scores["visible"] is False and scores["value"] == ALL


def test_scenes_and_downloads_are_described_beside_photos(controls):
    text, gallery, slider, scores = controls.describe(SCENES, [ONE])
    assert text.startswith("Drawn pictures") and "18 photos" in text
    assert len(gallery["value"]) == 8 and slider["visible"]
    assert [name for name, _ in scores["choices"][1:]] == ["Scenes", "Flickr8k"]
    text, gallery, _, scores = controls.describe("download:coco2017", [ONE])
    assert "is downloaded first" in text and len(gallery["value"]) == 8
    assert len(scores["choices"]) == 3
    assert controls.describe("download:imagenet")[0] == "There is no download 'imagenet'."


def test_the_size_is_that_of_all_data_sets(data_sets):
    assert DataChoice.from_controls(SCENES, [ONE], 200).size() == (200, 218, 824)
    assert DataChoice(ONE, (TWO,)).size() == (0, 36, 48)


def test_on_a_public_host_other_folders_cannot_be_read(controls, public, folder):
    own = str(tiny.data_folder(folder / "private"))
    text, gallery, *_ = public.describe(own)
    assert text == "Choose data from the list." and gallery["value"] == []
    for more in ([own], [TWO, own], ["datasets/scenes-200"]):
        assert public.describe(SCENES, more)[0] == "Choose data from the list."
    assert public.offer_more(SCENES, [own])["value"] == []
    assert "18 photos (12 in train, 6 in dev)" in controls.describe(own)[0]
