"""The captioners that the page offers."""

import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from captioner.ui.shared import models
from captioner.ui.shared.loading_times import LoadingTimes
from captioner.ui.shared.models import Models

BUNDLED = ["default", "transformer"]


@pytest.fixture
def loaded(monkeypatch, tmp_path):
    """Models whose first captioner has a folder of its own, and the list of loaded folders."""
    monkeypatch.setattr(models, "RUNS", tmp_path / "runs")
    folders = []

    def load(folder):
        folders.append(folder)
        return f"captioner of {folder.name} {len(folders)}"

    first = checkpoint(tmp_path / "mine")
    return Models(load, first), folders


def checkpoint(folder):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_the_chosen_checkpoint_comes_first_and_the_bundled_one_is_listed(loaded):
    found, folders = loaded
    assert found.names() == ["mine", *BUNDLED]
    assert found.captioner() == found.captioner("mine") == "captioner of mine 1"
    assert len(folders) == 1


def test_the_bundled_checkpoint_is_listed_once(loaded):
    bundled = loaded[0].folders()["default"]
    assert Models(None, bundled).names() == BUNDLED


def test_runs_are_found_as_soon_as_they_have_a_checkpoint(loaded, tmp_path):
    found, _ = loaded
    (tmp_path / "runs/late/checkpoints/best").mkdir(parents=True)
    assert found.names() == ["mine", *BUNDLED]
    checkpoint(tmp_path / "runs/early/checkpoints/last")
    assert found.names() == ["mine", *BUNDLED, "early/last"]
    assert found.captioner("early/last") == "captioner of last 1"


def test_a_replaced_checkpoint_is_loaded_again(loaded, tmp_path):
    found, _ = loaded
    folder = checkpoint(tmp_path / "runs/one/checkpoints/last")
    assert found.captioner("one/last") == found.captioner("one/last") == "captioner of last 1"
    later = time.time() + 5
    os.utime(folder / "config.json", (later, later))
    assert found.captioner("one/last") == "captioner of last 2"


def test_few_captioners_stay_in_memory_but_the_first_always_does(loaded, tmp_path):
    found, folders = loaded
    found.captioner()
    for number in range(5):
        checkpoint(tmp_path / f"runs/r{number}/checkpoints/best")
        found.captioner(f"r{number}/best")
    count = len(folders)
    found.captioner()
    found.captioner("r4/best")
    assert len(folders) == count
    found.captioner("r0/best")
    assert len(folders) == count + 1


def test_a_deleted_checkpoint_is_refused(loaded, tmp_path):
    found, _ = loaded
    folder = checkpoint(tmp_path / "runs/one/checkpoints/best")
    found.captioner("one/best")
    shutil.rmtree(folder)
    with pytest.raises(ValueError, match="no captioner “one/best” here any more"):
        found.captioner("one/best")


def test_many_visitors_wait_for_one_load():
    loaded, release = [], threading.Event()

    def load(folder):
        release.wait(10)
        loaded.append(object())
        return loaded[-1]

    found = Models(load, Path("one"))
    found.start()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(found.captioner) for _ in range(8)]
        assert not any(future.done() for future in waiting)
        release.set()
        captioners = {id(future.result(10)) for future in waiting}
    assert captioners == {id(loaded[0])}
    assert len(loaded) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("config.json is missing."), r"config\.json is missing\."),
        (ImportError("libx.so.6"), r"could not be loaded\. The server's log has the details\."),
    ],
)
def test_everyone_is_told_why_loading_failed_and_nothing_is_warmed_up(monkeypatch, error, sentence):
    monkeypatch.setattr(models, "PAUSE", 0)
    warmed = []

    def load(folder):
        raise error

    found = Models(load, Path("one"), warmed.append)
    for _ in range(2):
        with pytest.raises(ValueError, match=sentence):
            found.captioner()
    assert not warmed


def test_the_warm_up_runs_after_loading(monkeypatch):
    monkeypatch.setattr(models, "PAUSE", 0.05)
    done = threading.Event()
    warmed = []

    def warm_up(captioner):
        warmed.append(captioner)
        done.set()

    found = Models(lambda folder: "captioner", Path("one"), warm_up)
    assert found.captioner() == "captioner"
    assert not warmed  # nobody waits for it
    assert done.wait(10) and warmed == ["captioner"]


def test_a_visitor_who_leaves_does_not_cancel_the_load():
    release = threading.Event()
    found = Models(lambda folder: release.wait(10), Path("one"))
    assert not found.start().cancel()
    release.set()
    assert found.captioner() is True


def test_visitors_are_told_how_long_the_first_one_still_loads(monkeypatch, tmp_path):
    folder = checkpoint(tmp_path / "mine")
    times = LoadingTimes(tmp_path / "cache" / "times.json")

    def started():
        go_on = threading.Event()
        found = Models(lambda folder: go_on.wait(20), folder, times=times)
        before = found.seconds_left()  # and loading has not begun with that
        found.start()
        return found, go_on, before

    now = time.monotonic()
    monkeypatch.setattr(models.time, "monotonic", lambda: now)
    found, go_on, before = started()
    assert before is None and found.seconds_left() is None  # nothing is known of this machine
    monkeypatch.setattr(models.time, "monotonic", lambda: now + 14)
    go_on.set()
    found.captioner()
    assert found.seconds_left() == 0
    while times.find(folder) is None:  # nobody waits for it
        time.sleep(0.01)

    found, go_on, before = started()
    assert before == 14
    monkeypatch.setattr(models.time, "monotonic", lambda: now + 14 + 4)
    assert found.seconds_left() == pytest.approx(10)
    monkeypatch.setattr(models.time, "monotonic", lambda: now + 400)
    assert found.seconds_left() == 1  # longer than the last time
    go_on.set()
    found.captioner()
    assert found.seconds_left() == 0
