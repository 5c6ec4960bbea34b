"""What the tests of the Train tab share."""

import pytest

from captioner.training.runs.run import Runs
from captioner.ui.shared import data_sources
from tests.support import tiny


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The server's working folder, empty at first."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def data_sets(folder):
    """Two data sets of the same name, and scenes that were drawn before."""
    data_sources.cached_overview.cache_clear()  # its keys are relative paths
    for name in ("one", "two"):
        tiny.data_folder(folder / "datasets" / name)
    (folder / "datasets" / "scenes-200").mkdir()
    (folder / "datasets" / "scenes-200" / "scenes.json").write_text("{}")


@pytest.fixture
def started(monkeypatch):
    """The recipes of started runs; no process is launched."""
    recipes = []
    monkeypatch.setattr(Runs, "_launch", lambda self, run, recipe: recipes.append(recipe) or run)
    return recipes
