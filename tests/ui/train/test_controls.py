"""What the training tab's controls do, without a browser and without a training."""

import json

import gradio as gr
import numpy as np
import pytest
import tiny

from captioner import checkpoints
from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.paths import BUNDLED
from captioner.training import journal, presets, snapshots
from captioner.training.recipe import Recipe
from captioner.training.runs import Runs
from captioner.training.settings import FitConfig, kinds
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission
from captioner.ui.train import backbone_choice, run_view
from captioner.ui.train.controls import Seen, Trainer

GEOMETRY = Geometry(rows=2, cols=2, size=64, stride=32, first=16)
SETTINGS = [FitConfig.__dataclass_fields__[name].default for name in kinds(FitConfig)]
HERE, OUTSIDE = Permission(public=False), Permission(public=True, allowed=True, token="t")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def started(monkeypatch):
    """Recipes whose training was to be started; nothing is."""
    found = []
    monkeypatch.setattr(Runs, "_launch", lambda self, run, recipe: found.append(recipe) or run)
    return found


def trainer(permission=HERE) -> Trainer:
    return Trainer(Runs("runs"), Models(None, BUNDLED), permission)


def run(name="dogs", epochs=2):
    """A run as a process would have left it after so many epochs."""
    folder = Runs("runs").root / name
    folder.mkdir(parents=True)
    Recipe(data="nowhere").save(folder)
    book = journal.Journal(folder, report=lambda line: None)
    book.stage("training", 0, 100, "captions")
    snapshots.keep_photos(folder / "samples", tiny_photos(folder), GEOMETRY)
    for epoch in range(epochs + 1):
        word = Word("dog", 0.5, np.full((2, 2), 0.25, np.float32), [("dog", 0.5)])
        snapshots.keep_moment(
            folder / "samples", 10 * epoch, epoch, [Caption([word], GEOMETRY)] * 2
        )
        if epoch:
            step = {"step": 10 * epoch, "captions_per_second": 50.0, "loss_per_word": 4 / epoch}
            book.log(step)
            book.log(
                {"step": 10 * epoch, "epoch": epoch, "validation_loss": 5 / epoch}
                | {"BLEU-4": 0.1 * epoch, "CIDEr": 0.2 * epoch}
            )
    book.end("finished")
    return Runs("runs")[name]


def tiny_photos(folder) -> dict:
    paths = [folder / f"{name}.png" for name in ("one", "two")]
    for path, colour in zip(paths, ("red", "blue"), strict=True):
        tiny.drawn(colour, "disc", "white").save(path)
    return {path: [f"a {path.stem}"] for path in paths}


def test_a_run_is_started_with_what_was_chosen(started):
    given = dict(zip(kinds(FitConfig), SETTINGS, strict=True)) | {"epochs": 3.0, "mixed": False}
    said, shown = trainer().start(
        *("", " my run ", data_sources.SCENES, [], "*", 300, "compact", "compact-fine", None),
        *("cpu", *given.values()),
    )
    assert said["visible"] is False and shown["value"] is None  # it was never launched
    (recipe,) = started
    assert recipe.scenes == 300 and recipe.data.endswith("scenes-300")
    assert (recipe.backbone, recipe.stride, recipe.mirror) == ("compact", 16, False)
    assert recipe.fit == FitConfig(epochs=3, mixed=False) and recipe.device == "cpu"
    assert (Runs("runs").root / "my run").is_dir()


@pytest.mark.parametrize(
    "network, own, learns", [("compact", 0, 0), ("start default", 0, 1), ("start default", 1, 0)]
)
def test_a_captioner_that_is_taught_on_learns_new_words(started, network, own, learns):
    given = dict(zip(kinds(FitConfig), SETTINGS, strict=True)) | {"self_critical": bool(own)}
    data = data_sources.SCENES
    trainer().start("", "", data, [], "", 300, "compact", network, None, "cpu", *given.values())
    (recipe,) = started
    assert recipe.new_words == bool(learns)


@pytest.mark.parametrize(
    "data, network, changed, said",
    [
        ("nowhere", "compact", {}, "nowhere is not a folder"),
        ("scenes", "colossal", {}, "Choose a system, a network"),
        ("download:imagenet", "compact", {}, "no download 'imagenet'"),
        ("scenes", "compact", {"dropout": 2.0}, "dropout must be between"),
        ("scenes", "compact", {"epochs": 2.5}, "epochs must be of type int"),
        ("scenes", "compact", {"epochs": "<b>"}, "epochs must be of type int"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(started, data, network, changed, said):
    given = dict(zip(kinds(FitConfig), SETTINGS, strict=True)) | changed
    asked = ("", "", data, [], "*", 300, "compact", network, "", "auto")
    answer, _ = trainer().start(*asked, *given.values())
    assert answer["visible"] and said in answer["value"] and "<" not in answer["value"]
    assert started == [] and not Runs("runs").root.exists()


def test_a_system_brings_its_network_and_its_settings(started):
    about, network = trainer().choose_system("merge-lstm")
    assert "InceptionV3" in about and network["value"] == "inceptionv3"
    suited = trainer().suit("nowhere", "merge-lstm")
    given = dict(zip(kinds(FitConfig), SETTINGS, strict=True))
    given |= {name: one["value"] for name, one in zip(data_sources.SUITED, suited, strict=True)}
    trainer().start(
        "",
        "",
        data_sources.SCENES,
        [],
        "*",
        300,
        "merge-lstm",
        "compact",
        "",
        "cpu",
        *given.values(),
    )
    (recipe,) = started
    assert recipe.preset == "merge-lstm" and recipe.fit == presets.settings("merge-lstm", {})
    # Scenes are learnt as scenes are, by whatever system.
    on_scenes = data_sources.settings_for(data_sources.SCENES, "merge-lstm")
    assert on_scenes["epochs"] == presets.FOR_SCENES["epochs"]
    assert (on_scenes["attends"], on_scenes["units"]) == (False, 256)


def test_on_a_public_host_no_file_of_vectors_can_be_named(started):
    public = trainer(OUTSIDE)
    asked = (
        "t",
        "",
        data_sources.SCENES,
        [],
        "*",
        300,
        "merge-lstm",
        "compact",
        "/etc/passwd",
        "cpu",
    )
    answer, _ = public.start(*asked, *SETTINGS)
    assert "no file of the machine" in answer["value"] and started == []


def test_without_the_token_nothing_is_done_on_a_public_host(started):
    run("dogs")
    public = trainer(OUTSIDE)
    asked = (data_sources.SCENES, [], "*", 300)
    attempts = [
        public.start("", "x", *asked, "compact", "compact", "", "auto", *SETTINGS),
        public.stop("", "dogs"),
        public.resume("", "dogs"),
        public.rename("", "dogs", "cats"),
        public.delete("wrong", "dogs"),
        public.add_folder("", "/etc"),
        public.add_zip("", "/etc/passwd"),
    ]
    for answer, _ in attempts:
        assert "owner's token" in answer["value"]
    assert started == [] and [r.name for r in Runs("runs")] == ["dogs"]
    assert [f.name for f in Runs("runs").root.iterdir()] == ["dogs"]


def test_on_a_public_host_no_folder_can_be_looked_into(started, tmp_path):
    folder = tiny.data_folder(tmp_path / "private")
    public = trainer(OUTSIDE)
    words, gallery, *_ = public.choose_data(str(folder))
    assert words == "Choose data from the list." and gallery["value"] == []
    assert "own machine only" in public.add_folder("t", str(folder))[0]["value"]
    for data, more in ((str(folder), []), (data_sources.SCENES, [str(folder)])):
        rest = (9, "compact", "compact")
        answer, _ = public.start("t", "", data, more, "*", *rest, "", "auto", *SETTINGS)
        assert "Choose data" in answer["value"]
        assert "Choose data" in public.estimate(data, more, *rest, 3, 0, 256)
        assert public.choose_data(data, more)[0] == "Choose data from the list."
    assert public.others(data_sources.SCENES, [str(folder)])["value"] == []
    own = trainer().choose_data(str(folder))
    assert "18 photos (12 in train, 6 in dev)" in own[0]


def test_only_what_is_new_is_sent():
    run("dogs")
    desk = trainer()
    first = desk.watch("dogs", [], Seen())
    assert first[0]["status"]["state"] == "finished"
    assert len(json.loads(first[0]["value"])["moments"]) == 3
    assert [len(line["points"]) for line in json.loads(first[0]["curves"])["losses"]] == [2, 2]
    seen = first[-1]
    assert desk.watch("dogs", [], seen) == (gr.skip(),) * 7
    status = json.loads((Runs("runs")["dogs"].folder / journal.STATUS).read_text())
    (Runs("runs")["dogs"].folder / journal.STATUS).write_text(json.dumps(status | {"done": 7}))
    again = desk.watch("dogs", [], seen)
    assert again[0]["status"]["done"] == 7 and not set(again[0]) & {"value", "curves"}
    assert again[4] == again[5] == gr.skip()
    book = snapshots.keep_moment
    word = Word("cat", 0.5, np.full((2, 2), 0.25, np.float32), [])
    book(Runs("runs")["dogs"].folder / "samples", 99, 3, [Caption([word], GEOMETRY)] * 2)
    assert len(json.loads(desk.watch("dogs", [], seen)[0]["value"])["moments"]) == 4


def test_runs_are_compared_in_one_chart():
    run("dogs")
    run("cats", epochs=3)
    curves = json.loads(trainer().watch("dogs", ["cats", "gone"], Seen())[0]["curves"])
    assert [(line["name"], len(line["points"])) for line in curves["losses"]] == [
        ("dogs: training", 2),
        ("dogs: held out", 2),
        ("cats: training", 3),
        ("cats: held out", 3),
    ]
    assert curves["scores"][4]["points"] == [[10, 0.2], [20, 0.4], [30, 0.6]]
    assert len({line["colour"] for line in curves["losses"]}) == 4


def test_where_there_is_no_run_the_view_is_empty():
    answer = trainer().watch(None, [], Seen(run="deleted"))
    assert answer[0]["value"] is None and answer[0]["status"] is None
    assert trainer().watch(None, [], answer[-1])[0] == gr.skip()


def test_a_run_that_died_shows_its_last_lines():
    folder = run("dogs").folder
    status = json.loads((folder / journal.STATUS).read_text()) | {"state": "running"}
    (folder / journal.STATUS).write_text(json.dumps(status))
    (folder / "log.txt").write_text("epoch 1\n\rone\rtwo\nKilled\n")
    said = run_view.status(Runs("runs")["dogs"])
    assert said["state"] == "died" and said["log"] == "epoch 1\ntwo\nKilled"


def test_what_was_learnt_is_explored():
    folder = run("dogs").folder
    desk = trainer()
    assert desk.explore("dogs") == (gr.skip(),) * 3  # nothing to explore yet
    checkpoints.save(folder / "checkpoints" / "best", tiny.checkpoint())
    tabs, model, photo = desk.explore("dogs")
    assert tabs["selected"] == "explore" and model["value"] == "dogs/best"
    assert "dogs/best" in model["choices"]
    assert photo.endswith("0.jpg")


def test_the_networks_on_offer_are_described_as_they_are():
    offered = backbone_choice.networks({"default": BUNDLED})
    for key, stride in (("compact", 32), ("compact-fine", 16)):
        real = checkpoints.find_backbone("compact", stride)
        assert (offered[key].cells, offered[key].channels) == (real.geometry.cells, real.channels)
    assert offered["start default"].recipe == {"start": str(BUNDLED)}


def test_the_time_follows_what_was_measured_here(tmp_path):
    desk = trainer()
    before = desk.estimate(data_sources.SCENES, [], 2000, "compact", "compact", 10, 0, 256)
    assert before.startswith("About ") and "63 MB of features" in before
    folder = run("dogs").folder
    status = json.loads((folder / journal.STATUS).read_text())
    status["stages"] = [
        {"kind": "drawing", "units": 1000, "seconds": 10.0},
        {"kind": "looking 49x320", "units": 2000, "seconds": 20.0},
        {"kind": "learning 49 256", "units": 80_000, "seconds": 100.0},
        {"kind": "learning 49 256", "units": 10, "seconds": 100.0},  # too few to count
    ]
    (folder / journal.STATUS).write_text(json.dumps(status))
    after = desk.estimate(data_sources.SCENES, [], 2000, "compact", "compact", 10, 0, 256)
    assert "20 s drawing, 20 s looking, 2 min learning" in after
    download = desk.estimate("download:flickr8k", [], 0, "compact", "compact", 10, 0, 256)
    assert "once the data are here" in download


@pytest.mark.parametrize(
    "preset, crops, size", [("compact", 0, 63), ("tutorial", 0, 31), ("compact", 2, 188)]
)
def test_mirrored_photos_and_crops_are_looked_at_as_well(monkeypatch, preset, crops, size):
    monkeypatch.setattr(data_sources, "size", lambda folder, count: (0, 1000, 5000))
    told = trainer().estimate("download:flickr8k", [], 0, preset, "compact", 10, crops, 256)
    assert f" {size} MB of features" in told
