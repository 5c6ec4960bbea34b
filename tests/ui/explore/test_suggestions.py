"""Words for what a visitor types."""

import json

import pytest

from captioner.ui.explore.suggestions import suggest
from captioner.ui.shared.models import Models
from captioner.vocabulary import Vocabulary


@pytest.fixture
def folder(tmp_path):
    """A checkpoint of which only the vocabulary can be read."""
    folder = tmp_path / "mine"
    Vocabulary(["horse", "horses", "a", "giraffe"]).save(folder / "vocabulary.json")
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def models(folder):
    return Models(lambda folder: pytest.fail("It need not be loaded."), folder)


def test_words_begin_as_typed_or_are_the_nearest(models):
    assert suggest(models, {"text": " Ho"}) == {"words": ["horse", "horses"], "nearest": False}
    known = suggest(models, {"text": "horses", "checkpoint": "mine"})
    assert known == {"words": [], "nearest": False}
    assert suggest(models, {"text": "girafe"}) == {"words": ["giraffe"], "nearest": True}
    assert suggest(models, {"text": "<img>"}) == {"words": [], "nearest": True}


def test_a_changed_vocabulary_is_read_again(models, folder):
    assert suggest(models, {"text": "dra"})["words"] == []
    file = folder / "vocabulary.json"
    before = file.stat().st_mtime_ns
    file.write_text(json.dumps({"words": ["dragon"]}))
    assert file.stat().st_mtime_ns != before
    assert suggest(models, {"text": "dra"})["words"] == ["dragon"]


@pytest.mark.parametrize(
    "request_",
    [None, [], {}, {"text": ""}, {"text": 3}, {"text": "a" * 99}, {"text": "a\nb"},
     {"text": "a", "checkpoint": "../mine"}, {"text": "a", "checkpoint": None}],
)  # fmt: skip
def test_a_senseless_request_is_answered_in_a_sentence(models, request_):
    assert suggest(models, request_)["error"].endswith(".")


def test_a_damaged_vocabulary_is_named(models, folder):
    (folder / "vocabulary.json").write_text("[")
    assert "vocabulary.json" in suggest(models, {"text": "a"})["error"]
    (folder / "vocabulary.json").unlink()
    assert "vocabulary.json" in suggest(models, {"text": "a"})["error"]
