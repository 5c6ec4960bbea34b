"""The run panel: what is sent to the page, and what its buttons do, without a browser."""

import json
from pathlib import Path

import gradio as gr
import pytest

from captioner import checkpoints
from captioner.paths import BUNDLED
from captioner.training.recipe import STARTING
from captioner.training.runs import journal, snapshots
from captioner.training.runs.run import Run, Runs
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission
from captioner.ui.train import run_view
from captioner.ui.train.run_panel import RunControls
from tests.support import tiny
from tests.support.training.runs import caption, finished_run


def panel(public=False) -> RunControls:
    permission = Permission(public=public, allowed=True, token="t")
    return RunControls(Runs("runs"), Models(None, BUNDLED), permission)


def run(name="dogs", epochs=2) -> Run:
    return finished_run(Path("runs"), name, epochs)


def change_status(run: Run, **changes) -> None:
    file = run.folder / journal.STATUS
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_only_changes_are_sent():
    dogs, controls = run("dogs"), panel()
    first = controls.poll("dogs", [], {})
    assert first[0]["status"]["state"] == "finished"
    assert len(json.loads(first[0]["value"])["moments"]) == 3
    assert [len(line["points"]) for line in json.loads(first[0]["curves"])["losses"]] == [2, 2]
    state = first[-1]
    assert controls.poll("dogs", [], state) == (gr.skip(),) * 7
    change_status(dogs, done=7)
    second = controls.poll("dogs", [], state)
    assert second[0]["status"]["done"] == 7 and not set(second[0]) & {"value", "curves"}
    assert second[4] == second[5] == gr.skip()
    snapshots.save_snapshot(dogs.folder / "samples", 99, 3, [caption("cat")] * 2)
    assert len(json.loads(controls.poll("dogs", [], state)[0]["value"])["moments"]) == 4


def test_runs_are_compared_in_one_chart():
    run("dogs")
    run("cats", epochs=3)
    view, *_ = panel().poll("dogs", ["cats", "gone"], {})
    curves = json.loads(view["curves"])
    assert [(line["name"], len(line["points"])) for line in curves["losses"]] == [
        ("dogs: training", 2),
        ("dogs: validation", 2),
        ("cats: training", 3),
        ("cats: validation", 3),
    ]
    assert curves["scores"][4]["points"] == [[10, 0.2], [20, 0.4], [30, 0.6]]
    assert len({line["colour"] for line in curves["losses"]}) == 4


def test_a_run_that_starts_can_neither_be_stopped_nor_resumed_yet():
    (run("dogs").folder / STARTING).touch()
    view, stop, resume, *_ = panel().poll("dogs", [], {})
    assert view["status"]["state"] == "starting"
    assert stop["visible"] and not stop["interactive"] and not resume["visible"]


def test_without_a_run_the_view_is_empty():
    run("dogs")
    state = panel().poll("dogs", [], {})[-1]
    panel().delete("", "dogs")
    view, stop, resume, explore, *_, state = panel().poll("dogs", [], state)
    assert view["value"] is view["status"] is view["curves"] is None
    assert not any(button["visible"] for button in (stop, resume, explore))
    assert panel().poll(None, [], state) == (gr.skip(),) * 7


def test_a_run_that_died_shows_its_last_lines():
    dogs = run("dogs")
    change_status(dogs, state="running")
    (dogs.folder / "log.txt").write_text("epoch 1\n\rone\rtwo\nKilled\n")
    status = run_view.status(Runs("runs")["dogs"])
    assert status["state"] == "died" and status["log"] == "epoch 1\ntwo\nKilled"
    assert panel().log("dogs") == "Killed\ntwo\nepoch 1" and panel().log(None) == ""


def test_the_best_checkpoint_is_opened_in_the_explore_tab():
    folder = run("dogs").folder
    assert panel().explore("dogs") == (gr.skip(),) * 3  # there is no checkpoint yet
    checkpoints.save(folder / "checkpoints" / "best", tiny.checkpoint())
    tabs, model, photo = panel().explore("dogs")
    assert tabs["selected"] == "explore" and model["value"] == "dogs/best"
    assert "dogs/best" in model["choices"]
    assert photo.endswith("0.jpg")


def test_a_run_is_renamed_and_deleted():
    run("dogs")
    run("cats")
    error, runs = panel().rename("", "dogs", " wolves ")
    assert not error["visible"] and runs["value"] == "wolves"
    error, runs = panel().rename("", "wolves", "../out")
    assert "A name begins with" in error["value"] and runs["value"] == "wolves"
    error, runs = panel().delete("", "wolves")
    assert not error["visible"] and (runs["choices"], runs["value"]) == (["cats"], "cats")


@pytest.mark.parametrize("token", ["", "wrong"])
def test_on_a_public_host_nothing_changes_without_the_token(started, token):
    run("dogs")
    public = panel(public=True)
    for error, _ in (
        public.stop(token, "dogs"),
        public.resume(token, "dogs"),
        public.rename(token, "dogs", "cats"),
        public.delete(token, "dogs"),
    ):
        assert "owner's token" in error["value"]
    assert started == [] and [folder.name for folder in Runs("runs").root.iterdir()] == ["dogs"]
    assert not (Runs("runs")["dogs"].folder / journal.STOP).exists()
