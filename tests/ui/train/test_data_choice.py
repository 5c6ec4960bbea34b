"""Several data sets that are trained on together: chosen, told of, started, and watched."""

import json

import gradio as gr
import pytest
import tiny

from captioner.paths import BUNDLED
from captioner.training import journal
from captioner.training.recipe import Recipe
from captioner.training.runs import Runs
from captioner.training.settings import FitConfig, kinds
from captioner.ui.shared import data_sources
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission
from captioner.ui.train import run_view
from captioner.ui.train.controls import Seen, Trainer
from captioner.ui.train.data_choice import ALL, DataChoice

SETTINGS = [FitConfig.__dataclass_fields__[name].default for name in kinds(FitConfig)]
ONE, TWO = "datasets/one", "datasets/two"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Two data sets of one name, and scenes that were drawn before."""
    monkeypatch.chdir(tmp_path)
    data_sources.looked_at.cache_clear()  # by relative paths
    for name in ("one", "two"):
        tiny.data_folder(tmp_path / "datasets" / name)
    (tmp_path / "datasets" / "scenes-200").mkdir()
    (tmp_path / "datasets" / "scenes-200" / "scenes.json").write_text("{}")


@pytest.fixture
def started(monkeypatch):
    """Recipes whose training was to be started; nothing is."""
    found = []
    monkeypatch.setattr(Runs, "_launch", lambda self, run, recipe: found.append(recipe) or run)
    return found


def trainer(public=False) -> Trainer:
    permission = Permission(public=public, allowed=True, token="t")
    return Trainer(Runs("runs"), Models(None, BUNDLED), permission)


def start(desk: Trainer, data: str, more, scored=ALL, token="t") -> str:
    """The trouble with it."""
    asked = (data, more, scored, 300, "compact", "compact", "", "cpu")
    return desk.start(token, "", *asked, *SETTINGS)[0]["value"]


def test_beside_the_chosen_one_stand_the_data_sets_that_are_here(tmp_path):
    offered = trainer().others(data_sources.SCENES, None)
    assert offered["choices"] == [("one", ONE), ("two", TWO)] and offered["visible"]
    # The one that is chosen, and what has gone, are taken off.
    offered = trainer().others(TWO, [TWO, ONE, "gone"])
    assert offered["choices"] == [("one", ONE)] and offered["value"] == [ONE]
    own = str(tiny.data_folder(tmp_path / "elsewhere"))
    desk = trainer()
    assert desk.add_folder("", own)[1]["value"] == own
    assert ("elsewhere", own) in desk.others(ONE, [])["choices"]


def test_without_a_data_set_there_is_no_choice(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert trainer().others(data_sources.SCENES, [])["visible"] is False


def test_all_are_described_together():
    words, gallery, slider, scores = trainer().choose_data(ONE, [TWO])
    assert words.startswith("**Together**: 36 photos, 48 captions to train on.")
    for name in ("one", "two"):
        assert f"**Flickr8k ({name})**: 18 photos (12 in train, 6 in dev), 36" in words
    folders = [file.split("/")[1] for file, _ in gallery["value"]]
    assert folders == ["one"] * 4 + ["two"] * 4 and slider["visible"] is False
    names = [("All, by their mean", ALL), ("Flickr8k (one)", ONE), ("Flickr8k (two)", TWO)]
    assert scores["choices"] == names and scores["visible"] and scores["value"] == ALL
    assert trainer().choose_data(ONE, [TWO], TWO)[3]["value"] == TWO
    # One alone needs no choice, and is told of as it was.
    words, _, _, scores = trainer().choose_data(ONE, [], TWO)
    assert words == data_sources.found(ONE)[0]
    assert scores["visible"] is False and scores["value"] == ALL


def test_with_scenes_and_with_a_download():
    words, gallery, slider, scores = trainer().choose_data(data_sources.SCENES, [ONE])
    assert words.startswith("Pictures that are drawn here") and "18 photos" in words
    assert len(gallery["value"]) == 8 and slider["visible"]
    assert [name for name, _ in scores["choices"][1:]] == ["Scenes", "Flickr8k"]
    words, gallery, _, scores = trainer().choose_data("download:coco2017", [ONE])
    assert "is downloaded when the training starts" in words and len(gallery["value"]) == 8
    assert len(scores["choices"]) == 3
    assert DataChoice.of(data_sources.SCENES, [ONE], 200).size() == (200, 218, 824)


def test_the_time_counts_the_photos_of_all():
    said = trainer().estimate(ONE, [TWO], 0, "compact", "compact", 3, 0, 256)
    assert "2 MB of features" in said  # of 36 photos, mirrored, too
    assert DataChoice(ONE, (TWO,)).size() == (0, 36, 48)


@pytest.mark.parametrize(
    "data, more, scored, expected",
    [
        (ONE, [TWO], ALL, (ONE, (TWO,), ())),
        (ONE, [TWO, ONE], TWO, (ONE, (TWO,), (TWO,))),
        (ONE, None, ALL, (ONE, (), ())),
        (data_sources.SCENES, [ONE], "scenes", ("datasets/scenes-300", (ONE,), 1)),
        ("download:flickr8k", [ONE], ONE, ("datasets/flickr8k", (ONE,), (ONE,))),
    ],
)
def test_a_run_is_started_on_all(started, data, more, scored, expected):
    assert start(trainer(), data, more, scored) == ""
    (recipe,) = started
    folder, beside, scores = expected
    assert (recipe.data, recipe.more_data) == (folder, beside)
    assert recipe.scored == ((folder,) if scores == 1 else scores)
    assert recipe.mirror == (data != data_sources.SCENES)
    (run,) = Runs("runs").root.glob("[!.]*")
    first = "scenes" if data == data_sources.SCENES else folder.split("/")[1]
    assert run.name == " and ".join([first, *(one.split("/")[1] for one in beside)])


@pytest.mark.parametrize(
    "data, more, scored, said",
    [
        (ONE, ["nowhere"], ALL, "nowhere is not a folder"),
        (ONE, ["scenes"], ALL, "scenes is not a folder"),
        (ONE, ["download:flickr8k"], ALL, "not a folder"),
        (ONE, ["datasets/two/../one"], ALL, "The same data set is chosen twice."),
        (ONE, [TWO], "three", "Choose from the list what to score on."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(started, data, more, scored, said):
    assert said in start(trainer(), data, more, scored)
    assert started == []


def test_on_a_public_host_each_must_be_of_the_list(started, tmp_path):
    own = str(tiny.data_folder(tmp_path / "private"))
    desk = trainer(public=True)
    for more in ([own], [TWO, own], ["datasets/scenes-200"]):
        assert start(desk, ONE, more) == "Choose data from the list."
        assert desk.choose_data(ONE, more)[0] == "Choose data from the list."
        assert "Choose data" in desk.estimate(ONE, more, 9, "compact", "compact", 3, 0, 256)
    assert started == []
    assert start(desk, ONE, [TWO], token="") != "" and started == []
    assert start(desk, ONE, [TWO]) == "" and len(started) == 1


def run(name: str, *lines: dict):
    folder = Runs("runs").root / name
    folder.mkdir(parents=True)
    Recipe(data=ONE, more_data=(TWO,)).save(folder)
    said = []
    book = journal.Journal(folder, report=said.append)
    for number, line in enumerate(lines, 1):
        book.log({"step": 10 * number, "epoch": number, **line})
    book.end("finished")
    return Runs("runs")[name], said


LINES = [
    {
        **{"CIDEr": 0.2 * n, "BLEU-4": 0.1, "CIDEr/Flickr8k": 0.1 * n, "BLEU-4/Flickr8k": 0.1},
        **{"pointing/Flickr8k": 0.5, "CIDEr/people and other animals": 0.3 * n},
        "BLEU-4/people and other animals": 0.1,
    }
    for n in (1, 2)
]


def test_each_data_set_has_its_own_thin_line_and_a_row():
    both, said = run("both", *LINES)
    found = run_view.curves([both])
    lines = {line["name"]: line for line in found["scores"] if line["points"]}
    thin = ["CIDEr of Flickr8k", "CIDEr of people and other animals"]
    assert [name for name, line in lines.items() if line.get("thin")] == thin
    assert lines["CIDEr"]["points"] == [[10, 0.2], [20, 0.4]] and "thin" not in lines["CIDEr"]
    assert lines[thin[0]]["points"] == [[10, 0.1], [20, 0.2]]
    assert [lines[name]["label"] for name in thin] == ["Flickr8k", "people and other animals"]
    assert found["each"]["epoch"] == 2
    assert found["each"]["measures"] == ["CIDEr", "BLEU-4", "pointing"]
    assert [(row["name"], row["values"]) for row in found["each"]["rows"]] == [
        ("Flickr8k", [0.2, 0.1, 0.5]),
        ("people and other animals", [0.6, 0.1, None]),
        ("Mean", [0.4, 0.1, None]),
    ]
    assert "CIDEr of Flickr8k 0.2" in said[-1] and "/" not in said[-1]


def test_beside_other_runs_there_are_the_means_only():
    both, _ = run("both", *LINES)
    alone, _ = run("alone", {"CIDEr": 0.3, "BLEU-4": 0.1})
    found = run_view.curves([both, alone])
    assert not any(line.get("thin") for line in found["scores"]) and found["each"]
    assert run_view.curves([alone])["each"] is None
    view = trainer().watch("both", ["alone"], Seen())
    assert json.loads(view[0]["curves"]) == found and view[5] != gr.skip()
