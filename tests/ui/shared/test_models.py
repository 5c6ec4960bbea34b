"""The captioners that the page offers."""

import os
import shutil
import time

import pytest

from captioner.ui.shared import models
from captioner.ui.shared.models import Models


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
    assert found.names() == ["mine", "default"]
    assert found.captioner() == found.captioner("mine") == "captioner of mine 1"
    assert len(folders) == 1


def test_the_bundled_checkpoint_is_listed_once(loaded):
    bundled = loaded[0].folders()["default"]
    assert Models(None, bundled).names() == ["default"]


def test_runs_are_found_as_soon_as_they_have_a_checkpoint(loaded, tmp_path):
    found, _ = loaded
    (tmp_path / "runs/late/checkpoints/best").mkdir(parents=True)
    assert found.names() == ["mine", "default"]
    checkpoint(tmp_path / "runs/early/checkpoints/last")
    assert found.names() == ["mine", "default", "early/last"]
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
