"""Runs: real processes that train on a toy data set."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from captioner import checkpoints
from captioner.decoder.designs import RENAMED
from captioner.training import recipe
from captioner.training.recipe import Recipe
from captioner.training.runs import journal, snapshots
from captioner.training.runs.run import RunError, Runs, _processes
from captioner.training.settings import FitConfig, SettingsError
from tests.support import process, tiny
from tests.support.training.runs import LATE_START

PATIENCE = 180  # seconds
SMALL = {"grid_units": 16, "attention": 8, "embedding": 8, "units": 16, "min_count": 1}


@pytest.fixture(scope="module")
def asked(data_folder, tmp_path_factory):
    """What every run here is asked for; `epochs` is more than anyone waits for."""
    folder = tmp_path_factory.mktemp("asked")
    checkpoints.save_backbone(folder / "backbone", tiny.backbone(), {})

    def asked(epochs=1000, **more):
        fit = FitConfig(epochs=epochs, batch_size=8, mixed=False, patience=0, **SMALL, **more)
        where = {"backbone": str(folder / "backbone"), "features": str(folder / "features")}
        return Recipe(data=str(data_folder), fit=fit, **where)

    return asked


@pytest.fixture
def runs(tmp_path):
    found = Runs(tmp_path / "runs")
    yield found
    for run in found:
        if run.alive:
            os.kill(run.status["pid"], signal.SIGKILL)


def wait(until, what="it"):
    begun = time.monotonic()
    while not (found := until()):
        assert time.monotonic() - begun < PATIENCE, f"waited in vain for {what}"
        time.sleep(0.05)
    return found


@pytest.mark.slow
def test_a_run_from_start_to_end(runs, asked):
    run = runs.start("first", asked(epochs=2))
    assert run.alive and runs.training().name == "first"
    with pytest.raises(RunError, match="'first' is being trained: one at a time"):
        runs.start("second", asked())
    assert [r.name for r in runs] == ["first"]  # nothing is left of the second
    with pytest.raises(RunError, match="stop it first"):
        runs.delete("first")
    wait(lambda: not run.alive, "the end")
    status = run.status
    assert status["state"] == "finished", run.log()
    assert status["device"].startswith("CPU") and status["epoch"] == 2
    assert set(run.checkpoints) == {"best", "last"}
    epochs = [line for line in run.metrics if "epoch" in line]
    assert [line["epoch"] for line in epochs] == [1, 2]
    assert all(line["validation_loss"] > 0 and "CIDEr" in line for line in epochs)
    assert "epoch 2" in run.log()

    # The photos' captions from before the first step to after the last, with a map a word.
    photos, moments = (
        read(run.folder / "samples") for read in (snapshots.read_photos, snapshots.read_snapshots)
    )
    assert len(photos["photos"]) == 6 and len(photos["grid"]["x"]) == 2
    assert moments[0]["step"] == 0 and moments[-1]["epoch"] == 2
    for moment in moments:
        assert len(moment["captions"]) == 6
        for caption in moment["captions"]:
            for word in caption["words"]:
                assert np.sum(word["attention"]) == pytest.approx(1, abs=1e-3)

    # Renamed it is found again, and deleted it is gone.
    with pytest.raises(RunError, match="already"):
        runs.rename("first", "first")
    assert runs.rename("first", "my dogs").checkpoints
    runs.delete("my dogs")
    assert list(runs) == []


@pytest.mark.slow
def test_it_stops_within_seconds_and_goes_on(runs, asked):
    run = runs.start("stopped", asked())
    wait(lambda: run.status.get("stage") == "training" and run.metrics, "steps")
    begun = time.monotonic()
    runs.stop("stopped")
    assert run.status["state"] in ("stopping", "stopped")
    wait(lambda: not run.alive, "the stop")
    assert time.monotonic() - begun < 20
    assert run.status["state"] == "stopped"
    before = run.metrics[-1]["step"]
    runs.resume("stopped")
    assert runs.training().name == "stopped"
    wait(lambda: run.metrics[-1]["step"] > before, "more steps")
    steps = [line["step"] for line in run.metrics if "loss" in line]
    assert steps == sorted(set(steps))


@pytest.mark.slow
def test_a_process_that_was_killed_has_died(runs, asked):
    run = runs.start("killed", asked())
    wait(lambda: run.metrics, "steps")
    os.kill(run.status["pid"], signal.SIGKILL)
    wait(lambda: run.status["state"] == "died", "its death")
    assert "loss_per_word" in run.log()
    assert runs.training() is None
    runs.resume("killed")
    assert run.alive


def test_what_goes_wrong_is_said(runs, asked, tmp_path):
    wrong = Recipe(data=str(tmp_path / "nowhere"))
    run = runs.start("wrong", wrong)
    wait(lambda: not run.alive, "the end")
    assert run.status["state"] == "failed"
    assert "nowhere is not a folder" in run.status["message"]
    assert "nowhere is not a folder" in run.log()


# Trains as `recipe.train` does, but computes nothing and takes its time to stop and to end.
LATE = """
import sys, time
from pathlib import Path
from filelock import FileLock
from captioner.training.runs.journal import STOP, Journal
folder = Path(sys.argv[1])
with FileLock(folder / "lock"):
    journal = Journal(folder, lambda line: None)
    journal.stage("training")
    while not (folder / STOP).exists():
        time.sleep(0.02)
    time.sleep(0.5)
    journal.end("stopped")
time.sleep(2)
"""


@contextlib.contextmanager
def watched(run, *others):
    """Reads the status of a run again and again meanwhile, as pages do that are open."""
    ended = threading.Event()

    def watch():
        while not ended.is_set():
            for one in (run, *others):
                one.status, one.checkpoints, one.metrics, one.log()

    threads = [threading.Thread(target=watch) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def test_a_run_that_is_deleted_while_its_process_ends_late_is_gone(runs, asked):
    folder = runs.root / "late"
    asked().save(folder)
    ending = subprocess.Popen([sys.executable, "-c", LATE, str(folder)], env=process.environment())
    run = runs["late"]
    wait(lambda: run.status.get("stage") == "training" and run.alive, "the process")
    with watched(run):
        runs.stop("late")
        with pytest.raises(RunError, match="stop it first"):
            runs.delete("late")
        wait(lambda: run.status["state"] == "stopped", "the stop")
        renamed = runs.rename("late", "later")
        assert ending.poll() is None
        with watched(renamed):
            runs.delete("later")
            assert ending.wait(PATIENCE) == 0
    assert not run.alive and not renamed.alive
    assert [path.name for path in runs.root.iterdir()] == [".starting"]


def test_a_process_that_starts_late_is_not_deleted_under_its_feet(runs, asked, monkeypatch):
    monkeypatch.setattr("captioner.training.runs.run._START_TIMEOUT", 0.0)
    run = runs.start("slow", asked())
    assert run.alive and run.status == {"state": "starting", "stage": "starting"}
    for refused, match in ((runs.delete, "stop it first"), (runs.stop, "just starting")):
        with pytest.raises(RunError, match=match):
            refused("slow")
    _processes[run.folder].kill()
    wait(lambda: not run.alive, "the end")
    runs.delete("slow")
    assert not run.folder.exists()


@pytest.mark.slow
def test_fifty_runs_that_start_under_load_never_seem_to_have_died(tmp_path, monkeypatch):
    """Fifty processes share the cores, while pages of this server and of another one look on."""
    monkeypatch.setenv("PYTHONPATH", str(LATE_START))
    (tmp_path / "here").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "here")  # its runs were not started by anyone
    names = [f"run {number}" for number in range(50)]
    views = [Runs(tmp_path / view / name) for view in ("here", "elsewhere") for name in names]
    seen = {view.root: [] for view in views}

    def look(view):
        for run in view:
            state = run.status["state"]
            if state not in seen[view.root][-1:]:
                seen[view.root].append(state)

    with ThreadPoolExecutor(len(names)) as pool:
        wanted = Recipe(data="nowhere")
        starts = [pool.submit(one.start, "one", wanted) for one in views[: len(names)]]
        begun = time.monotonic()
        while any(states[-1:] != ["finished"] for states in seen.values()):
            assert time.monotonic() - begun < PATIENCE
            for view in views:
                look(view)
        for start in starts:
            start.result()
    expected = ["starting", "running", "finished"]
    assert all(states == [s for s in expected if s in states] for states in seen.values()), seen
    assert sum("starting" in states for states in seen.values()) > len(names)


@pytest.mark.parametrize("before", [None, "running", "stopped", "finished"])
def test_a_run_that_starts_is_not_locked_by_who_looks_at_it(runs, asked, before, monkeypatch):
    asked().save(runs.root / "one")
    run = runs["one"]
    if before:
        journal.Journal(run.folder).end(before)
    (run.folder / recipe.LOCK).touch()
    (run.folder / recipe.STARTING).touch()
    with monkeypatch.context() as patch:
        patch.setattr("captioner.training.runs.run.FileLock", None)
        assert run.status["state"] == "starting" and runs.training() is not None
    # A mark that was left behind long ago does not count.
    os.utime(run.folder / recipe.STARTING, (0, 0))
    assert run.status["state"] == (before if before in ("stopped", "finished") else "died")
    assert runs.training() is None


def test_a_run_that_ends_while_one_looks_has_not_died(runs, asked, monkeypatch):
    asked().save(runs.root / "one")
    run, book = runs["one"], journal.Journal(runs.root / "one")
    book.stage("training")
    assert run.status["state"] == "died"
    monkeypatch.setattr(type(run), "_is_locked", lambda self: book.end("finished"))
    assert run.status["state"] == "finished"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "/etc", ".hidden", "a\nb", "x" * 61, "a ", "a."]
)
def test_a_name_that_is_no_folder_of_runs_is_refused(runs, asked, name):
    for attempt in (
        lambda: runs.start(name, asked()),
        lambda: runs[name],
        lambda: runs.stop(name),
        lambda: runs.delete(name),
        lambda: runs.resume(name),
    ):
        with pytest.raises(RunError, match="name begins with"):
            attempt()
    assert not runs.root.exists()


def test_a_name_that_is_taken_gets_a_number(runs, asked):
    assert runs.free_name("dogs") == "dogs"
    for name in ("dogs", "dogs 2"):
        (runs.root / name).mkdir(parents=True)
        asked().save(runs.root / name)
    assert runs.free_name("dogs") == "dogs 3"


def test_a_folder_is_trained_by_one_process(data_folder, tmp_path, asked):
    from filelock import FileLock

    with FileLock(tmp_path / recipe.LOCK), pytest.raises(SettingsError, match="already"):
        recipe.train(asked(), tmp_path)


def test_a_recipe_is_kept_as_it_is(tmp_path, asked):
    wanted = asked(epochs=3, dropout=0.1, schedule="constant")
    wanted.save(tmp_path)
    assert Recipe.read(tmp_path) == wanted
    (tmp_path / recipe.CONFIG).write_text('{"data": "x", "fit": {"epochs": -1}}')
    with pytest.raises(SettingsError, match="epochs must be between"):
        Recipe.read(tmp_path)
    assert journal.read_status(tmp_path) == {}


def test_a_recipe_of_an_older_version_is_read(tmp_path, asked):
    wanted = asked(use_attention=False, carry_state=False, attention_scale=3.0)
    wanted.save(tmp_path)
    config = json.loads((tmp_path / recipe.CONFIG).read_text())
    for old, name in RENAMED.items():
        config["fit"][old] = config["fit"].pop(name)
    (tmp_path / recipe.CONFIG).write_text(json.dumps(config))
    assert Recipe.read(tmp_path) == wanted
