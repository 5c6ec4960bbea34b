"""Scenes on disk: a COCO folder, the same whatever happens while it is written."""

import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from captioner import scenes
from captioner.data import datasets
from captioner.scenes import folder as writing
from tests.support import tiny

SIZE = 64


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "BLOCK", 10)
        yield


def contents(folder):
    """Every file in a folder, by its path there."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory, small_blocks):
    """24 scenes, three blocks."""
    return scenes.write(tmp_path_factory.mktemp("scenes") / "whole", 24, seed=4, size=SIZE)


def test_it_is_a_data_set(whole):
    dataset = datasets.read(whole)
    assert {name: len(photos) for name, photos in dataset.splits.items()} == {
        "train": 20,
        "dev": 2,
        "test": 2,
    }
    assert dataset.notes == [] and len(dataset.captions) == 24
    for photo, captions in dataset.captions.items():
        assert captions == scenes.draw(4, int(photo.stem), SIZE).captions
    assert len(datasets.photo_files(whole)) == 20


def test_pictures_are_those_that_were_drawn(whole):
    for number in (0, 9, 10, 23):
        with Image.open(whole / "images" / f"{number:06}.png") as image:
            drawn = scenes.draw(4, number, SIZE).image
            assert image.mode == "RGB" and np.array_equal(np.asarray(image), np.asarray(drawn))


def test_boxes_are_read_by_cocos_own_tools(whole, capsys):
    seen = Counter()
    for split in ("train", "dev", "test"):
        coco = COCO(whole / "annotations" / f"instances_{split}.json")
        names = {category["id"]: category["name"] for category in coco.loadCats(coco.getCatIds())}
        for number in coco.getImgIds():
            found = [
                (names[thing["category_id"]], thing["colour"], tuple(thing["bbox"]))
                for thing in coco.loadAnns(coco.getAnnIds(imgIds=[number]))
            ]
            drawn = [
                (o.noun, o.colour, (o.box[0], o.box[1], o.box[2] - o.box[0], o.box[3] - o.box[1]))
                for o in scenes.draw(4, number, SIZE).objects
            ]
            assert found == drawn
            seen[split] += 1
    assert seen == {"train": 20, "dev": 2, "test": 2}


def test_a_scene_is_the_same_and_of_the_same_split_for_every_count(whole, tmp_path):
    few = scenes.write(tmp_path / "few", 12, seed=4, size=SIZE)
    small, large = datasets.read(few), datasets.read(whole)
    for split in ("train", "dev", "test"):
        names = [photo.name for photo in small.split(split)]
        assert names
        assert names == [photo.name for photo in large.split(split)][: len(names)]
    for name in os.listdir(few / "images"):
        assert (few / "images" / name).read_bytes() == (whole / "images" / name).read_bytes()


def test_progress_is_reported_to_the_end(tmp_path):
    reported = []
    scenes.write(tmp_path, 24, seed=4, size=SIZE, report=lambda *step: reported.append(step))
    assert reported == [(10, 24), (20, 24), (24, 24)]


def test_a_second_call_does_nothing(whole, monkeypatch):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    monkeypatch.setattr(writing, "draw", None)
    reported = []
    assert scenes.write(whole, 24, 4, SIZE, report=lambda *step: reported.append(step)) == whole
    assert reported == [(24, 24)]
    assert before == {path: path.stat().st_mtime_ns for path in whole.rglob("*")}


def test_other_settings_are_refused_and_change_nothing(whole, monkeypatch):
    before = contents(whole)
    for settings, message in (((60, 4, SIZE), "count"), ((24, 5, 96), "seed and size")):
        with pytest.raises(scenes.ScenesError, match=f"scenes of another {message}; choose"):
            scenes.write(whole, *settings)
    monkeypatch.setattr(writing, "DRAWINGS_VERSION", 0)
    with pytest.raises(scenes.ScenesError, match="another version"):
        scenes.write(whole, 24, 4, SIZE)
    assert contents(whole) == before


@pytest.mark.parametrize(
    ("count", "size", "message"),
    [(9, 64, "At least 10"), (10, 63, "between 64 and 1024"), (10, 1025, "1024")],
)
def test_what_cannot_be_drawn_is_said_before_anything_is_written(tmp_path, count, size, message):
    with pytest.raises(scenes.ScenesError, match=message):
        scenes.write(tmp_path / "out", count, 0, size)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(scenes.ScenesError, match="something else"):
        scenes.write(tmp_path, 10)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"version": 1, "seed": 0}', "\ufeff"])
def test_a_damaged_manifest_is_named(tmp_path, manifest):
    (tmp_path / "scenes.json").write_text(manifest)
    with pytest.raises(scenes.ScenesError, match="scenes.json is damaged"):
        scenes.write(tmp_path, 10, 0, SIZE)


@pytest.mark.parametrize("fatal", [3, 10, 23])
def test_what_was_cut_off_goes_on_and_ends_the_same(whole, tmp_path, monkeypatch, fatal):
    def draw(seed, number, size):
        if number == fatal:
            raise KeyboardInterrupt
        return scenes.draw(seed, number, size)

    monkeypatch.setattr(writing, "draw", draw)
    with pytest.raises(KeyboardInterrupt):
        scenes.write(tmp_path, 24, 4, SIZE)
    with pytest.raises(datasets.DatasetError, match="holds no data set"):
        datasets.read(tmp_path)
    redrawn = []
    monkeypatch.setattr(
        writing, "draw", lambda *which: redrawn.append(which) or scenes.draw(*which)
    )
    scenes.write(tmp_path, 24, 4, SIZE)
    assert len(redrawn) == 24 - fatal // 10 * 10
    assert contents(tmp_path) == contents(whole)


def test_a_write_cut_off_between_its_last_steps_goes_on(whole, tmp_path, monkeypatch):
    """The annotations are there in part, the manifest does not say finished."""
    write_text = writing.write_text

    def failing(path, text):
        if path.name == "instances_dev.json":
            raise OSError(28, "No space left on device")
        write_text(path, text)

    monkeypatch.setattr(writing, "write_text", failing)
    with pytest.raises(OSError, match="No space left"):
        scenes.write(tmp_path, 24, 4, SIZE)
    monkeypatch.setattr(writing, "write_text", write_text)
    monkeypatch.setattr(writing, "draw", None)
    scenes.write(tmp_path, 24, 4, SIZE)
    assert contents(tmp_path) == contents(whole)


def test_a_full_disk_is_told_and_a_new_call_goes_on(whole, tmp_path):
    with tiny.full_disk(2000), pytest.raises(OSError):
        scenes.write(tmp_path, 24, 4, SIZE)
    scenes.write(tmp_path, 24, 4, SIZE)
    assert contents(tmp_path) == contents(whole)


DRAW = """
import sys
from captioner import scenes
from captioner.scenes import folder
folder.BLOCK, folder.ONE_PROCESS_UP_TO = 5, 0
if __name__ == "__main__":
    scenes.write(sys.argv[1], 100, 4, 64, report=lambda *step: print(*step, flush=True))
"""


def test_killed_processes_end_together_and_what_they_drew_is_kept(tmp_path, pytestconfig):
    """Several processes draw; the first of them is killed like `kill -9`."""
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text(DRAW)
    run = subprocess.Popen(
        [sys.executable, str(script), str(out)],
        env=os.environ | {"PYTHONPATH": str(pytestconfig.rootpath)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with run.stdout:
        assert run.stdout.readline() == "5 100\n"
    run.kill()
    run.wait()
    limit = time.monotonic() + 30
    while _alive(run.pid) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not _alive(run.pid)
    parts = sorted((out / "parts").glob("0*.json"))
    assert parts and not list((out / "annotations").iterdir())
    kept = {out / "images" / f"{part.stem}.png" for part in parts}
    kept = {picture: picture.stat().st_mtime_ns for picture in kept}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "BLOCK", 5)
        scenes.write(out, 100, 4, SIZE)
    assert kept == {picture: picture.stat().st_mtime_ns for picture in kept}
    alone = scenes.write(tmp_path / "alone", 30, 4, SIZE)
    for path in (alone / "images").iterdir():
        assert path.read_bytes() == (out / "images" / path.name).read_bytes()
    assert len(datasets.read(out).captions) == 100


def _alive(session: int) -> bool:
    """Whether any process of a session still runs."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            return True
    return False


def test_two_who_want_the_same_at_once_both_find_it_whole(whole, tmp_path):
    out, reported = tmp_path / "scenes", []

    def write():
        return scenes.write(out, 24, 4, SIZE, lambda *step: reported.append(step))

    with ThreadPoolExecutor(2) as pool:
        assert [one.result() for one in [pool.submit(write), pool.submit(write)]] == [out, out]
    assert reported.count((24, 24)) == 2 and reported.count((10, 24)) == 1
    assert contents(out) == contents(whole)
