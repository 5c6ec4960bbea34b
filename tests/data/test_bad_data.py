"""A training on faulty data: it leaves out what it cannot use, or says why it fails."""

import shutil
from dataclasses import replace

import pytest

from captioner import checkpoints
from captioner.training.recipe import Recipe, train
from captioner.training.runs import journal
from captioner.training.settings import FitConfig
from tests.support import tiny

SMALL = {"grid_units": 16, "attention": 8, "embedding": 8, "units": 16, "min_count": 1}
FIT = FitConfig(epochs=1, batch_size=8, mixed=False, average=1, **SMALL)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbone") / "backbone"
    checkpoints.save_backbone(folder, tiny.backbone(), {})
    return folder


@pytest.fixture
def data(data_folder, tmp_path):
    return shutil.copytree(data_folder, tmp_path / "data")


@pytest.fixture
def attempt(backbone, data, tmp_path):
    """Trains on `data`; returns what the journal said last, and the lines of all epochs."""

    def attempt(**changes):
        out, fit = tmp_path / "run", replace(FIT, **changes)
        recipe = Recipe(str(data), backbone=str(backbone), features=str(tmp_path / "f"), fit=fit)
        try:
            train(recipe, out, report=lambda line: None)
        except (ValueError, OSError) as error:
            assert journal.read_status(out)["message"] == str(error)
        return journal.read_status(out), [m for m in journal.read_metrics(out) if "epoch" in m]

    return attempt


def captions(data) -> list[str]:
    return (data / "Flickr8k.token.txt").read_text().splitlines(keepends=True)


def listed(data, split) -> list[str]:
    return (data / f"Flickr_8k.{split}Images.txt").read_text().split()


def rewrite(data, lines: list[str]) -> None:
    (data / "Flickr8k.token.txt").write_text("".join(lines))


@pytest.mark.slow
def test_faulty_photos_and_captions_do_not_stop_a_training(data, attempt):
    """Photos that cannot be read, captions without a photo and a caption of ten thousand words."""
    for split in ("train", "dev"):
        (data / "Images" / listed(data, split)[0]).write_bytes(b"no photo")
    _, gone, long, *_ = listed(data, "train")
    (data / "Images" / gone).unlink()
    lines = ["gone.png#0\ta photo that is not there .\n", f"{long}#9\t{'red ' * 10_000}.\n"]
    rewrite(data, [*captions(data), *lines])
    status, epochs = attempt()
    assert status["state"] == "finished" and len(epochs) == 1
    dev = listed(data, "dev")[0]
    absent = f"photos with captions that are not there: 2 ({', '.join(sorted([gone, 'gone.png']))})"
    damaged = sorted([listed(data, "train")[0], dev])
    unreadable = f"photos that cannot be read: 2 ({', '.join(damaged)})"
    assert absent in status["message"] and unreadable in status["message"]


def test_a_data_set_without_readable_photos_is_refused(data, attempt):
    for file in (data / "Images").iterdir():
        file.write_bytes(b"no photo")
    status, _ = attempt()
    assert status["state"] == "failed"
    assert "None of the captions' photos" in status["message"]


def test_a_dev_split_without_readable_photos_is_refused(data, attempt):
    for name in listed(data, "dev"):
        (data / "Images" / name).write_bytes(b"no photo")
    status, _ = attempt()
    assert status["state"] == "failed"
    assert "No photo of the dev split can be read" in status["message"]


def test_too_few_words_end_a_training_before_it_begins(data, attempt, tmp_path):
    (data / "Flickr_8k.devImages.txt").unlink()
    rewrite(data, captions(data)[:3])
    status, _ = attempt(min_count=5)
    assert status["state"] == "failed" and not (tmp_path / "f").exists()
    assert status["message"] == (
        "No word occurs 5 times in the captions to train on; with --min-count 1 there would be 5. "
        "Choose a smaller min word frequency (min_count) or describe more photos."
    )


def test_one_photo_is_trained_on_with_a_warning_that_nothing_is_held_out(data, attempt):
    (data / "Flickr_8k.devImages.txt").unlink()
    rewrite(data, [line for line in captions(data) if line.startswith(listed(data, "train")[0])])
    status, epochs = attempt()
    assert status["state"] == "finished" and len(epochs) == 1
    assert "nothing is held out" in status["message"]


def test_captions_that_are_not_utf8_are_refused(data, attempt):
    (data / "Flickr8k.token.txt").write_bytes("a.png#0\tein Mädchen\n".encode("latin-1"))
    status, _ = attempt()
    assert status["state"] == "failed" and "not UTF-8" in status["message"]


@pytest.mark.slow
def test_a_full_disk_is_reported_and_the_training_resumes_once_there_is_room(data, attempt):
    with tiny.full_disk(room=20_000):
        status, _ = attempt()
    assert status["state"] == "failed"
    assert "too large" in status["message"].lower() or "space" in status["message"].lower()
    assert attempt()[0]["state"] == "finished"
