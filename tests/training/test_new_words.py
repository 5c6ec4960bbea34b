"""A captioner that is trained further learns new words."""

import re

import pytest

from captioner import checkpoints
from captioner.cli.main import main
from captioner.training.recipe import Recipe
from captioner.training.settings import FitConfig, SettingsError
from tests.support import tiny


@pytest.mark.slow
def test_new_words_are_added_on_request(saved_checkpoint, tmp_path):
    data = tiny.data_folder(tmp_path / "data")
    file = data / "Flickr8k.token.txt"
    one = "red_disc_white.png#1\t"
    file.write_text(re.sub(f"{one}.*", f"{one}an elephant on a square", file.read_text()))
    settings = ["--epochs", "1", "--batch-size", "8", "--min-count", "1", "--no-mirror"]
    settings += ["--data", str(data), "--features", str(tmp_path / "features")]
    begun = ["--start", str(saved_checkpoint)]
    assert main(["train", *begun, *settings, "--out", str(tmp_path / "first")]) == 0
    first = checkpoints.load(tmp_path / "first/checkpoints/last")
    assert first.vocabulary.words == tiny.vocabulary().words
    begun = ["--start", str(tmp_path / "first/checkpoints/last"), "--new-words"]
    assert main(["train", *begun, *settings, "--out", str(tmp_path / "second")]) == 0
    second = checkpoints.load(tmp_path / "second/checkpoints/last")
    known = first.vocabulary.words
    assert second.vocabulary.words[: len(known)] == known
    assert set(second.vocabulary.words[len(known) :]) == {"an", "elephant"}
    assert second.config["tuning"]["after"] == first.config["tuning"]  # how it all was made


@pytest.mark.parametrize(
    "given, reason",
    [
        ({}, "new_words needs a trained captioner"),
        ({"start": "x", "fit": FitConfig(self_critical=True)}, "trained on references"),
    ],
)
def test_new_words_need_a_captioner_and_references(given, reason):
    with pytest.raises(SettingsError, match=reason):
        Recipe(data="x", new_words=True, **given)
