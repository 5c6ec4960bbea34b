"""Photos that a classifier names become beginnings of captions."""

import keras
import numpy as np
import pytest
import tiny
from keras import layers
from PIL import Image

from captioner import Captioner, checkpoints
from captioner.cli import main
from captioner.training import completing, datasets, everyday, naming, teachers
from captioner.training.settings import SettingsError
from captioner.vocabulary import UnknownWordError

NOUNS = everyday.nouns()


def classifier(classes: int = 1001) -> keras.Model:
    """Says "pizza" of red photos and "elephant" of green ones, by three classes alike, and of blue
    ones that zebra, microwave and tractor are as probable. The first of 1,001 is "background"."""
    pixels = keras.Input((None, None, 3))
    colour = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255)(pixels))
    dense = layers.Dense(classes)
    logits = dense(colour)
    kernel = np.zeros((3, classes), np.float32)
    said = {"pizza": 0, "elephant": 1, "zebra": 2, "microwave": 2, "tractor": 2}
    for noun, channel in said.items():
        kernel[channel, [number + classes - 1000 for number in NOUNS[noun]]] = 20
    dense.set_weights([kernel, np.zeros(classes, np.float32)])
    return keras.Model(pixels, {"logits": logits})


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in (("red", "#f00"), ("green", "#0f0"), ("blue", "#00f"), ("grey", "#000")):
        Image.new("RGB", (50, 40), colour).save(folder / f"{name}.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


@pytest.mark.parametrize("classes", [1000, 1001])
def test_a_photo_is_named_where_the_classifier_is_sure(photos, classes):
    done = []
    files = datasets.photo_files(photos)
    found = naming.named(files, classifier(classes), lambda *counts: done.append(counts))
    assert {photo.name: text for photo, text in found.items()} == {
        "red.png": "pizza",
        "green.png": "elephant",
    }
    assert done[-1] == (len(files), len(files))


def test_what_somebody_said_of_a_photo_counts_for_more(photos, tmp_path):
    file = tmp_path / "labels.tsv"
    file.write_text("red.png\tkite\ngreen.png\t\ngrey.png\tgiraffe\nelsewhere.png\tcat\n")
    said, files = naming.labels(file), datasets.photo_files(photos)
    assert said == {
        "red.png": "kite",
        "green.png": "",
        "grey.png": "giraffe",
        "elsewhere.png": "cat",
    }
    said["broken.jpg"] = "cat"  # which nobody can train on
    found = naming.named(files, classifier(), lambda *counts: None, said)
    assert {photo.name: noun for photo, noun in found.items()} == {
        "red.png": "kite",
        "grey.png": "giraffe",
    }


@pytest.mark.parametrize("line", ["red.png kite", "red.png\tdragon", ""])
def test_a_label_that_is_none_is_refused_by_its_line(line, tmp_path):
    file = tmp_path / "labels.tsv"
    file.write_text(f"blue.png\tcat\n{line}\n")
    with pytest.raises(datasets.DatasetError, match="Line 2 of .*labels.tsv"):
        naming.labels(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(datasets.DatasetError, match="can't be read"):
        naming.labels(file)
    with pytest.raises(datasets.DatasetError, match="can't be read"):
        naming.labels(tmp_path / "missing.tsv")


def test_a_sentence_begins_or_goes_on_as_suits_the_photo_best(photos, monkeypatch):
    names = {photos / "red.png": "pizza", photos / "green.png": "elephant"}
    assert list(naming.begun(names).values()) == [["a pizza …"], ["an elephant …"]]

    ends = "on red; on black; on white black; yellow"
    kinds = (
        everyday.Kind("disc", ends, "pizza 963; elephant 101"),
        everyday.Kind("dog", "x", "cat 281"),
    )
    monkeypatch.setattr(completing, "KINDS", kinds)  # nothing is asked of a kind without photos
    checkpoint, done = tiny.checkpoint(), []
    found = completing.completed(names, checkpoint, lambda *counts: done.append(counts))
    assert done[-1] == (2, 2)

    ends, captioner = ends.split("; "), Captioner(checkpoint)
    said = [
        [captioner.probabilities(photo, ["a", "disc", *end.split()])[2:] for end in ends]
        for photo in names
    ]
    likely = np.array([[np.log(shares).sum() for shares in row] for row in said])
    best = np.argsort(0.5 * likely.mean(axis=0) - likely, axis=1)
    assert list(found) == list(names)
    for one, texts, order in zip(["a pizza", "an elephant"], found.values(), best, strict=True):
        assert texts == [f"{one} {ends[end]}" for end in order[:2]]  # half of the ends

    monkeypatch.setattr(completing, "RARE", 1.3)  # each of the nouns has half of the photos
    twice = completing.completed(names, checkpoint, print)
    assert twice == {photo: texts * 2 for photo, texts in found.items()}

    names[photos / "blue.png"] = "cat"
    with pytest.raises(UnknownWordError, match="dog"):
        completing.completed(names, checkpoint, print)


def test_another_classifier_is_refused():
    pixels = keras.Input((None, None, 3))
    logits = layers.Dense(10)(layers.GlobalAveragePooling2D()(pixels))
    other = keras.Model(pixels, {"logits": logits})
    with pytest.raises(datasets.DatasetError, match="ImageNet"):
        naming.named([], other, print)


def test_every_class_has_one_noun():
    numbers = [number for classes in NOUNS.values() for number in classes]
    assert len(numbers) == len(set(numbers)) and min(numbers) >= 0 and max(numbers) < 1000
    assert NOUNS["boat"][-1] == 576 and NOUNS["bear"] == [294, 295, 296, 297]
    assert "traffic light" in NOUNS and "" not in NOUNS
    assert NOUNS["giraffe"] == []  # which somebody has to say


def test_our_own_labels_can_be_read():
    said = naming.labels(checkpoints.ROOT / "labels.tsv")
    assert "giraffe" in said.values() and "" in said.values()


def test_named_photos_are_trained_on_beside_the_others_and_new_words_learnt(
    photos, data_folder, saved_checkpoint, tmp_path, capsys
):
    teachers.save_teacher(classifier(), tmp_path / "teacher.keras")
    out = tmp_path / "both"
    asked = ["--teacher", str(tmp_path / "teacher.keras"), "--data", str(data_folder)]
    for _ in range(2):  # again is as good
        assert main(["name", "--photos", str(photos), *asked, "--out", str(out)]) == 0
    assert "2 of 5 photos named" in capsys.readouterr().out
    (tmp_path / "labels.tsv").write_text("grey.png\tkite\n")
    said = ["--labels", str(tmp_path / "labels.tsv"), "--out", str(tmp_path / "said")]
    assert main(["name", "--photos", str(photos), *asked, *said]) == 0
    assert "3 of 5 photos named" in capsys.readouterr().out
    before, both = datasets.read(data_folder), datasets.read(out)
    assert len(both.captions) == len(before.captions) + 2
    names = {split: {photo.name for photo in both.split(split)} for split in ("train", "dev")}
    known = {split: {photo.name for photo in before.split(split)} for split in ("train", "dev")}
    assert names["dev"] == known["dev"]
    assert names["train"] == known["train"] | {"red.png", "green.png"}

    settings = ["--epochs", "1", "--batch-size", "8", "--min-count", "1", "--no-mirror"]
    settings += ["--data", str(out), "--features", str(tmp_path / "features")]
    begun = ["--start", str(saved_checkpoint)]
    assert main(["train", *begun, *settings, "--out", str(tmp_path / "first")]) == 0
    first = checkpoints.load(tmp_path / "first/checkpoints/last")
    assert first.vocabulary.words == tiny.vocabulary().words
    begun = ["--start", str(tmp_path / "first/checkpoints/last"), "--new-words"]
    assert main(["train", *begun, *settings, "--out", str(tmp_path / "second")]) == 0
    second = checkpoints.load(tmp_path / "second/checkpoints/last")
    known = first.vocabulary.words
    assert second.vocabulary.words[: len(known)] == known
    assert set(second.vocabulary.words[len(known) :]) == {"an", "pizza", "elephant"}
    assert second.config["tuning"]["after"] == first.config["tuning"]  # how it all was made


def test_two_photos_of_one_name_are_refused(photos, data_folder, tmp_path):
    dataset = datasets.read(data_folder)
    photo = next(iter(dataset.captions))
    Image.new("RGB", (5, 5)).save(photos / photo.name)
    with pytest.raises(datasets.DatasetError, match=f"two photos called {photo.name}"):
        naming.write(tmp_path / "out", dataset, {photos / photo.name: ["a pizza …"]})


@pytest.mark.parametrize("given", [{}, {"start": "x", "fit": {"self_critical": True}}])
def test_new_words_need_a_captioner_and_what_others_wrote(given):
    from captioner.training.recipe import Recipe
    from captioner.training.settings import FitConfig

    given = {**given, "fit": FitConfig(**given.get("fit", {}))}
    with pytest.raises(SettingsError, match="New words are taught"):
        Recipe(data="x", new_words=True, **given)
