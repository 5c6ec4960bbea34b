"""The settings panel: suggested settings, the time estimate, and the start of a run."""

import json

import gradio as gr
import pytest

from captioner.paths import BUNDLED
from captioner.training import presets
from captioner.training.recipe import Recipe
from captioner.training.runs import journal
from captioner.training.runs.run import Runs
from captioner.training.settings import FitConfig, kinds
from captioner.ui.shared import data_sources
from captioner.ui.shared.data_sources import SCENES
from captioner.ui.shared.models import Models
from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import Permission
from captioner.ui.train.data_choice import ALL, DataChoice
from captioner.ui.train.data_panel import DataControls
from captioner.ui.train.settings_panel import SUGGESTED, SettingsControls, suggested_settings
from tests.support import tiny

ONE, TWO = "datasets/one", "datasets/two"


def panel(public=False) -> SettingsControls:
    permission = Permission(public=public, allowed=True, token="t")
    models = Models(None, BUNDLED)
    return SettingsControls(Runs("runs"), models, permission, DataControls(OwnData(permission)))


def start(controls: SettingsControls, settings: dict | None = None, **fields):
    """(error, list of runs) of a start with these fields and settings, the others as usual."""
    usual = {"token": "t", "name": "", "first": SCENES, "more": [], "scored": ALL}
    usual |= {"scene_count": 300, "preset": "compact", "backbone": "compact"}
    usual |= {"vectors": "", "device": "auto"}
    values = {name: getattr(FitConfig, name) for name in kinds(FitConfig)} | (settings or {})
    return controls.start(*(usual | fields).values(), *values.values())


def estimate(controls: SettingsControls, first=SCENES, more=(), preset="compact", **fields) -> str:
    usual = {"scene_count": 2000, "preset": preset, "backbone": "compact"}
    usual |= {"epochs": 10, "crops": 0, "units": 256, "tune": False, "self_critical": False}
    return controls.estimate(first, list(more), *(usual | fields).values())


def test_a_run_is_started_with_the_chosen_settings(started):
    settings = {"epochs": 3, "mixed": False}
    fields = {"name": " my run ", "preset": "compact", "backbone": "compact-fine", "device": "cpu"}
    error, runs = start(panel(), settings, vectors=None, **fields)
    assert error["visible"] is False and runs["value"] is None  # it was never launched
    (recipe,) = started
    assert recipe.scenes == 300 and recipe.data.endswith("scenes-300")
    assert (recipe.backbone, recipe.stride, recipe.mirror) == ("compact", 16, False)
    assert recipe.fit == FitConfig(epochs=3, mixed=False) and recipe.device == "cpu"
    assert (Runs("runs").root / "my run").is_dir()


@pytest.mark.parametrize(
    "backbone, self_critical, new_words",
    [("compact", False, False), ("start default", False, True), ("start default", True, False)],
)
def test_a_checkpoint_that_is_trained_further_gets_new_words(
    started, backbone, self_critical, new_words
):
    start(panel(), {"self_critical": self_critical}, backbone=backbone)
    (recipe,) = started
    assert recipe.new_words == new_words


@pytest.mark.parametrize(
    "data, backbone, changed, error",
    [
        ("nowhere", "compact", {}, "nowhere is not a folder"),
        ("scenes", "colossal", {}, "Choose the architecture"),
        ("download:imagenet", "compact", {}, "no download 'imagenet'"),
        ("scenes", "compact", {"dropout": 2.0}, "dropout must be between"),
        ("scenes", "compact", {"epochs": 2.5}, "epochs must be of type int"),
        ("scenes", "compact", {"epochs": "<b>"}, "epochs must be of type int"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(started, data, backbone, changed, error):
    shown, _ = start(panel(), changed, first=data, backbone=backbone)
    assert shown["visible"] and error in shown["value"] and "<" not in shown["value"]
    assert started == [] and not Runs("runs").root.exists()


def test_a_preset_brings_its_backbone_and_its_settings(started):
    about, backbone = panel().choose_preset("merge-lstm")
    assert "InceptionV3" in about and backbone["value"] == "inceptionv3"
    *updates, suggestion = panel().suggest("nowhere", [], "merge-lstm", {})
    values = dict(zip(SUGGESTED, (update["value"] for update in updates), strict=True))
    assert values == suggestion
    start(panel(), values, preset="merge-lstm")
    (recipe,) = started
    assert recipe.preset == "merge-lstm" and recipe.fit == presets.settings("merge-lstm", {})
    # Scenes are trained on with the settings for scenes, whatever the preset.
    on_scenes = suggested_settings(DataChoice(SCENES), "merge-lstm")
    assert on_scenes["epochs"] == presets.FOR_SCENES["epochs"]
    assert (on_scenes["use_attention"], on_scenes["units"]) == (False, 256)


def test_suggested_settings_suit_all_chosen_data():
    for_scenes = suggested_settings(DataChoice(SCENES), "compact")
    for_photos = suggested_settings(DataChoice(ONE), "compact")
    assert for_scenes["epochs"] == presets.FOR_SCENES["epochs"] != for_photos["epochs"]
    assert for_photos == {
        name: getattr(presets.settings("compact", {}), name) for name in SUGGESTED
    }
    # Photos beside scenes bring the settings for photos; without them those for scenes return.
    assert panel().suggest(SCENES, [ONE], "compact", for_scenes)[-1] == for_photos
    assert panel().suggest(SCENES, [], "compact", for_photos)[-1] == for_scenes
    # What the visitor changed stays where the same settings suit.
    assert panel().suggest(SCENES, [ONE, TWO], "compact", for_photos) == [gr.skip()] * (
        len(SUGGESTED) + 1
    )


@pytest.mark.parametrize(
    "first, more, scored, expected",
    [
        (ONE, [TWO], ALL, (ONE, (TWO,), ())),
        (ONE, [TWO, ONE], TWO, (ONE, (TWO,), (TWO,))),
        (ONE, None, ALL, (ONE, (), ())),
        (SCENES, [ONE], SCENES, ("datasets/scenes-300", (ONE,), ("datasets/scenes-300",))),
        ("download:flickr8k", [ONE], ONE, ("datasets/flickr8k", (ONE,), (ONE,))),
    ],
)
def test_a_run_is_started_on_all_chosen_data(started, data_sets, first, more, scored, expected):
    assert start(panel(), first=first, more=more, scored=scored)[0]["value"] == ""
    (recipe,) = started
    assert (recipe.data, recipe.more_data, recipe.scored) == expected
    assert recipe.mirror == (first != SCENES)
    (run,) = Runs("runs").root.glob("[!.]*")
    name = "scenes" if first == SCENES else recipe.data.split("/")[1]
    assert run.name == " and ".join([name, *(folder.split("/")[1] for folder in recipe.more_data)])


@pytest.mark.parametrize(
    "more, scored, error",
    [
        (["nowhere"], ALL, "nowhere is not a folder"),
        (["scenes"], ALL, "scenes is not a folder"),
        (["download:flickr8k"], ALL, "not a folder"),
        (["datasets/two/../one"], ALL, "The same data set is chosen twice."),
        ([TWO], "three", "Choose the validation data from the list."),
    ],
)
def test_impossible_data_are_refused_in_a_sentence(started, data_sets, more, scored, error):
    assert error in start(panel(), first=ONE, more=more, scored=scored)[0]["value"]
    assert started == []


def test_on_a_public_host_only_listed_data_are_used(started, data_sets, folder):
    own = str(tiny.data_folder(folder / "private"))
    public = panel(public=True)
    for first, more in ((own, []), (ONE, [own]), (ONE, [TWO, own]), (ONE, ["datasets/scenes-200"])):
        refusal = start(public, first=first, more=more)[0]["value"]
        assert refusal == estimate(public, first, more) == "Choose data from the list."
    assert started == []
    assert start(public, first=ONE, more=[TWO])[0]["value"] == "" and len(started) == 1


def test_on_a_public_host_word_vectors_cannot_be_read(started):
    error, _ = start(panel(public=True), preset="merge-lstm", vectors="/etc/passwd")
    assert "cannot be read on a public host" in error["value"] and started == []


def test_on_a_public_host_nothing_starts_without_the_token(started):
    error, _ = start(panel(public=True), token="", name="x")
    assert "owner's token" in error["value"]
    assert started == [] and not Runs("runs").root.exists()


def test_the_estimate_follows_what_was_measured_on_this_machine(folder):
    before = estimate(panel())
    assert "3 min to 10 min, not yet timed on this machine: 12 s starting, 27 s drawing" in before
    assert "Not cached yet: 63 MB of features are extracted first." in before
    run = folder / "runs" / "dogs"
    Recipe(data="nowhere").save(run)
    journal.Journal(run, report=lambda line: None).end("finished")
    status = json.loads((run / journal.STATUS).read_text())
    status |= {"started": 1000.0, "updated": 1239.0}  # 9 s more than the stages
    status["stages"] = [
        {"kind": "drawing", "units": 1000, "seconds": 10.0},
        {"kind": "looking 49x320", "units": 2000, "seconds": 20.0},
        {"kind": "learning 49 256", "units": 80_000, "seconds": 100.0},
        {"kind": "learning 49 256", "units": 10, "seconds": 100.0},  # too few to count
    ]
    (run / journal.STATUS).write_text(json.dumps(status))
    after = estimate(panel())
    assert (
        "About 2 min: 9 s starting, 20 s drawing, 20 s extracting features, 2 min training."
        in after
    )
    more_units = estimate(panel(), units=512)  # were never trained here
    assert "not yet timed" in more_units and "20 s drawing" in more_units
    assert "after the download" in estimate(panel(), "download:flickr8k", scene_count=0)


def test_the_estimate_counts_the_photos_of_all_data_sets(data_sets):
    assert "2 MB of features" in estimate(panel(), ONE, [TWO], epochs=3)  # of 36 photos, mirrored


@pytest.mark.parametrize(
    "preset, crops, size", [("compact", 0, 63), ("tutorial", 0, 31), ("compact", 2, 188)]
)
def test_the_estimate_counts_mirrored_photos_and_crops(monkeypatch, preset, crops, size):
    monkeypatch.setattr(data_sources, "size", lambda folder, count: (0, 1000, 5000))
    text = estimate(panel(), "download:flickr8k", preset=preset, crops=crops)
    assert f" {size} MB of features" in text
