"""A training holds its feature caches from before the first is opened until its end."""

import pytest

from captioner import checkpoints
from captioner.cli.main import main
from captioner.data import datasets
from captioner.data.cache.cache_folders import CacheError, caches, clear
from captioner.data.cache.feature_cache import FeatureCache
from captioner.training import pipeline, recipe
from captioner.training.input import cached_features
from captioner.training.recipe import Recipe
from captioner.training.runs import journal
from captioner.training.runs.journal import Stopped
from captioner.training.settings import FitConfig


def test_the_command_fills_the_caches_of_a_training(
    data_folder, saved_checkpoint, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    command = ["cache", "--data", str(data_folder), "--backbone", str(saved_checkpoint)]
    for more in (["--shard", "1/2"], ["--shard", "2/2"], [], ["--mirrored"]):
        assert main([*command, *more]) == 0
    backbone, data_set = checkpoints.load_backbone(saved_checkpoint), datasets.read(data_folder)
    asked = Recipe(str(data_folder), backbone=str(saved_checkpoint))
    for wanted in cached_features.wanted(asked, {data_folder: data_set}, backbone):
        found = FeatureCache(wanted.folder)
        assert found.view == wanted.view and (found.find(wanted.files) >= 0).all()


@pytest.fixture
def places(tmp_path, data_folder, saved_checkpoint):
    """(recipe on plain and mirrored photos, folder of the caches, folder of the run)"""
    features, out = tmp_path / "features", tmp_path / "run"
    asked = Recipe(
        str(data_folder),
        backbone=str(saved_checkpoint),
        features=str(features),
        fit=FitConfig(min_count=1),
    )
    return asked, features, out


def test_from_the_first_extraction_to_the_end_of_the_training(places, monkeypatch):
    asked, features, out = places
    extract, looks = cached_features.features.cache, []

    def look(stage: str) -> None:
        looks.append(stage)
        found = caches(features)
        assert all(one.in_use for one in found)
        names = [path.name for path in features.iterdir() if path.is_dir()]
        assert sorted(journal.read_status(out)["caches"]) == sorted(names) and len(names) == 2
        for one in found:
            with pytest.raises(CacheError, match="in use"):
                clear(features, one.name)

    def cache(*given, **more):
        look("extracting")
        return extract(*given, **more)

    def fit(*given):
        look("training")
        raise Stopped

    monkeypatch.setattr(cached_features.features, "cache", cache)
    monkeypatch.setattr(pipeline, "fit", fit)
    with pytest.raises(Stopped):
        recipe.train(asked, out, lambda line: None)
    assert looks == ["extracting", "extracting", "training"]
    plain, mirrored = sorted(caches(features), key=lambda one: one.mirrored)
    assert (plain.photos, mirrored.photos) == (18, 12) and not (plain.in_use or mirrored.in_use)
    assert plain.last_used and plain.data == "Flickr8k"
    for one in (plain, mirrored):
        clear(features, one.name)
    assert caches(features) == []
