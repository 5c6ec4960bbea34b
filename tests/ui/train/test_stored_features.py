"""The list of feature caches in the Train tab, and who may clear what."""

import json
from pathlib import Path

import gradio as gr
import pytest
from filelock import FileLock

from captioner.data.cache.cache_folders import used
from captioner.paths import FEATURES
from captioner.training.recipe import LOCK, STARTING
from captioner.training.runs import journal
from captioner.training.runs.run import Runs
from captioner.ui.shared.permission import Permission
from captioner.ui.train.stored_features import StoredFeatures
from tests.support.data.cached import cache
from tests.support.training.runs import finished_run

ONE, TWO, THREE = "dots-000000000001", "dots-000000000002", "scenes-000000000003"


@pytest.fixture
def controls(tmp_path, monkeypatch) -> StoredFeatures:
    """Of three caches and a run that has ended."""
    monkeypatch.chdir(tmp_path)
    finished_run(Path("runs"), "cats")
    cache(FEATURES / ONE, photos=90)
    cache(FEATURES / TWO, photos=60, done=20, mirrored=True)
    cache(FEATURES / THREE, photos=30)
    return StoredFeatures(Runs("runs"), Permission(public=False))


def listed(update) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(update["value"])["caches"]}


def clear(controls, *names, token=""):
    """(error, list)"""
    error, update = controls.clear(token, gr.EventData(None, {"names": list(names)}))
    return error["value"], listed(update)


def test_the_largest_is_first_and_each_is_described(controls):
    found = listed(controls.read())
    assert list(found) == [ONE, TWO, THREE]
    assert found[ONE]["about"] == ["90 photos", "tiny, 4 cells"] and found[ONE]["data"] == "dots"
    assert found[TWO]["about"] == ["20 of 60 mirrored photos", "tiny, 4 cells", "not finished"]
    (FEATURES / ONE / "manifest.json").write_text("{")
    assert listed(controls.read())[ONE]["about"] == ["damaged, or in parts"]


def test_some_or_all_are_cleared(controls):
    assert clear(controls, ONE)[0] == ""
    error, rest = clear(controls, TWO, THREE)
    assert (error, rest) == ("", {})
    assert clear(controls, ONE)[0] == f"There are no features '{ONE}' any more."


def test_what_a_run_uses_stays_and_the_others_are_cleared(controls):
    run = Path("runs/cats")
    status = json.loads((run / journal.STATUS).read_text()) | {"state": "running"}
    (run / journal.STATUS).write_text(json.dumps(status | {"caches": [ONE]}))
    with FileLock(run / LOCK), used([FEATURES / TWO]):
        uses = {name: one["use"] for name, one in listed(controls.read()).items()}
        assert uses == {ONE: "in use by the run “cats”", TWO: "in use", THREE: ""}
        error, rest = clear(controls, ONE, TWO, THREE)
        assert error == f"The features '{ONE}' are in use by the run “cats”."
        assert list(rest) == [ONE, TWO]
    assert clear(controls, ONE, TWO) == ("", {})  # the run has died


@pytest.mark.parametrize("mark", [True, False])
def test_while_a_run_starts_it_may_need_each(controls, mark):
    """Until it has found out which ones it needs."""
    run = Path("runs/cats")
    if mark:
        (run / STARTING).touch()
    else:
        status = {"state": "running", "stage": "reading", "pid": 1}
        (run / journal.STATUS).write_text(json.dumps(status))
    with FileLock(run / LOCK):
        error, rest = clear(controls, ONE, THREE)
        assert "run “cats”, which is starting" in error and list(rest) == [ONE, TWO, THREE]


@pytest.mark.parametrize("names", [None, "dots", [1], ["../outside"], [".."], [""]])
def test_what_a_browser_sends_may_be_anything(controls, names, tmp_path):
    cache(tmp_path / "outside")
    error, _ = controls.clear("", gr.EventData(None, {"names": names}))
    assert error["visible"] and error["value"].endswith(".")
    assert (tmp_path / "outside").is_dir() and len(list(FEATURES.glob("*"))) >= 3


def test_on_a_public_host_only_the_owner_clears(controls):
    controls.permission = Permission(public=True)
    assert "Training is off here" in clear(controls, ONE)[0]
    controls.permission = Permission(public=True, allowed=True, token="secret")
    assert "Only the owner" in clear(controls, ONE, token="guess")[0]
    assert ONE in listed(controls.read())
    assert clear(controls, ONE, token="secret")[0] == ""
