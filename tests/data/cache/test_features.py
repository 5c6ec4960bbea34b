"""The feature cache: right rows, resumed wherever it stopped, refused where it does not fit."""

import errno
import functools
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from captioner.backbones.backbone import Backbone
from captioner.data.augmentation import PLAIN, View
from captioner.data.cache import features
from captioner.data.cache.features import CacheError, FeatureCache, cache
from captioner.data.shards import ShardError
from tests.support import process, tiny

BATCH = 4
BROKEN = "photo-05.png"


@pytest.fixture(scope="module", autouse=True)
def folded_once():
    """Each backbone is folded and compiled once, not for every cache."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Backbone, "folded", functools.lru_cache(Backbone.folded))
        yield


@pytest.fixture(scope="module")
def backbone():
    return tiny.backbone()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Fourteen photos, one of which cannot be read."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(14):
        pixels = rng.integers(0, 256, (30 + number, 40, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"photo-{number:02d}.png")
    (folder / BROKEN).write_bytes(b"no photo")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def finished(files, backbone, tmp_path_factory):
    """The folder of a cache made without disturbance."""
    folder = tmp_path_factory.mktemp("cache")
    cache(files, backbone, folder, batch_size=BATCH)
    return folder


def content(folder: Path) -> tuple[bytes, dict]:
    assert {path.name for path in folder.iterdir()} == {"features.npy", "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text())
    return (folder / "features.npy").read_bytes(), manifest


def test_every_photo_has_the_row_of_its_features(finished, files, backbone):
    opened = FeatureCache(finished)
    assert opened.array.shape == (14, 4, 8) and opened.array.dtype == np.float16
    for file in files:
        if file.name == BROKEN:
            continue
        expected = backbone.features(backbone.pixels(Image.open(file))[None])[0]
        found = opened.array[opened.row(file)]
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-4)
        assert file in opened and file.name in opened


def test_photos_that_cannot_be_read_are_named_and_left_out(finished):
    opened = FeatureCache(finished)
    assert opened.manifest["broken"] == [BROKEN]
    assert BROKEN not in opened and "unknown.png" not in opened
    with pytest.raises(KeyError):
        opened.row(BROKEN)


def test_two_bytes_a_number_and_little_else(finished):
    numbers = 14 * 4 * 8
    size = (finished / "features.npy").stat().st_size
    assert numbers * 2 <= size <= numbers * 2 + 128


def test_what_is_written_after_a_batch_stays_small(files, backbone, tmp_path):
    """Not the names of all photos again, of which there may be a hundred thousand."""

    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        cache(files, backbone, tmp_path, batch_size=BATCH, report=stop)
    assert json.loads((tmp_path / "progress.json").read_text()) == {"done": 4, "broken": []}


def test_mirrored_features_are_those_of_the_mirrored_photo(files, backbone, finished, tmp_path):
    mirrored = cache(files, backbone, tmp_path, View(mirrored=True), batch_size=BATCH)
    photo = ImageOps.mirror(Image.open(files[2]))
    expected = backbone.features(backbone.pixels(photo)[None])[0]
    np.testing.assert_allclose(mirrored.array[2], expected, rtol=5e-3, atol=5e-3)
    assert np.abs(mirrored.array[2] - FeatureCache(finished).array[2]).max() > 0.01


class Stopped(Exception):
    pass


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_resumed_after_any_batch(files, backbone, finished, tmp_path, batches):
    def stop(done, total):
        assert total == 14
        if done == batches * BATCH:
            raise Stopped

    with pytest.raises(Stopped):
        cache(files, backbone, tmp_path, batch_size=BATCH, report=stop)
    with pytest.raises(CacheError, match="not finished"):
        FeatureCache(tmp_path)
    reported = []
    cache(files, backbone, tmp_path, batch_size=BATCH, report=lambda *done: reported.append(done))
    assert reported[0][0] == min(14, (batches + 1) * BATCH)  # what was done is not done again
    assert reported[-1] == (14, 14)
    assert content(tmp_path) == content(finished)


@pytest.mark.parametrize("write", [0, 1, 3])
def test_resumed_after_a_full_disk(files, backbone, finished, tmp_path, monkeypatch, write):
    """Whichever write of the manifest it is that fails."""
    write_text, count = features.write_text, 0

    def full(path, text):
        nonlocal count
        count += 1
        if count > write:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_text(path, text)

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(features, "write_text", full)
        cache(files, backbone, tmp_path, batch_size=BATCH)
    cache(files, backbone, tmp_path, batch_size=BATCH)
    assert content(tmp_path) == content(finished)


def test_a_disk_too_small_is_an_error_at_once_and_nothing_is_left(
    files, backbone, finished, tmp_path, monkeypatch
):
    def no_space(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with tiny.full_disk(500), pytest.raises(OSError):
        cache(files, backbone, tmp_path, batch_size=BATCH)
    assert list(tmp_path.iterdir()) == []
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(os, "posix_fallocate", no_space)
        cache(files, backbone, tmp_path, batch_size=BATCH)
    assert list(tmp_path.iterdir()) == []
    cache(files, backbone, tmp_path, batch_size=BATCH)
    assert content(tmp_path) == content(finished)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.support import tiny
from captioner.data.cache.features import cache
def report(done, total):
    if done == 8:
        os.kill(os.getpid(), signal.SIGKILL)
files = sorted(Path(sys.argv[1]).iterdir())
cache(files, tiny.backbone(), sys.argv[2], batch_size=4, report=report)
"""


def test_resumed_after_the_process_was_killed(files, backbone, finished, tmp_path):
    command = [sys.executable, "-c", KILLED, str(files[0].parent), str(tmp_path)]
    run = subprocess.run(command, env=process.environment(), timeout=300)
    assert run.returncode == -signal.SIGKILL
    reported = []
    cache(files, backbone, tmp_path, batch_size=BATCH, report=lambda *done: reported.append(done))
    assert reported[0] == (12, 14)
    assert content(tmp_path)[1] == content(finished)[1]
    found, expected = FeatureCache(tmp_path).array, FeatureCache(finished).array
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-4)


def test_a_cache_from_before_there_were_crops_is_one_of_whole_photos(
    files, backbone, finished, tmp_path
):
    old = shutil.copytree(finished, tmp_path / "old")
    manifest = json.loads((old / "manifest.json").read_text())
    del manifest["crop"]
    (old / "manifest.json").write_text(json.dumps(manifest))
    found = cache(files, backbone, old, batch_size=BATCH)
    np.testing.assert_array_equal(found.array, FeatureCache(finished).array)
    with pytest.raises(CacheError, match="other crop"):
        cache(files, backbone, old, View(crop=1), batch_size=BATCH)


def test_a_file_without_a_manifest_counts_for_nothing(files, backbone, finished, tmp_path):
    (tmp_path / "features.npy").write_bytes(b"killed before the manifest was written")
    cache(files, backbone, tmp_path, batch_size=BATCH)
    assert content(tmp_path) == content(finished)


def test_progress_without_a_manifest_counts_for_nothing(files, backbone, tmp_path, monkeypatch):
    def stop(*arguments):
        raise Stopped

    (tmp_path / "progress.json").write_text('{"done": 14, "broken": []}')
    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(features, "_fill", stop)
        cache(files, backbone, tmp_path, batch_size=BATCH)
    with pytest.raises(CacheError, match="not finished"):
        FeatureCache(tmp_path)


def test_a_finished_cache_is_only_opened(files, backbone, finished):
    before = (finished / "features.npy").stat().st_mtime_ns

    def report(done, total):
        raise AssertionError("nothing was left to do")

    assert len(cache(files, backbone, finished, batch_size=BATCH, report=report).array) == 14
    assert (finished / "features.npy").stat().st_mtime_ns == before


def test_a_cache_of_something_else_is_refused(files, backbone, finished):
    before = content(finished)
    other = tiny.backbone(seed=7)
    larger = tiny.backbone(size=96)
    for settings, different in (
        ((files, other, finished), "fingerprint"),
        ((files, larger, finished), "fingerprint and shape"),
        ((files[1:], backbone, finished), "shape and photos"),
        ((files[::-1], backbone, finished), "photos"),
        ((files, backbone, finished, View(mirrored=True)), "mirrored"),
        ((files, backbone, finished, View(crop=1)), "crop"),
    ):
        with pytest.raises(CacheError, match=f"other {different};"):
            cache(*settings, batch_size=BATCH)
    assert content(finished) == before


def test_the_fingerprint_tells_weights_and_geometry():
    prints = [
        features.fingerprint(tiny.backbone(seed, size, stride))
        for seed, size, stride in ((0, 64, 32), (0, 64, 32), (1, 64, 32), (0, 96, 32), (0, 64, 16))
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4


def test_two_photos_of_one_name_have_rows_of_their_own(backbone, tmp_path):
    photos = [tmp_path / "train" / "0.png", tmp_path / "val" / "0.png", tmp_path / "0.png"]
    for photo, colour in zip(photos, ("red", "green", "blue"), strict=True):
        photo.parent.mkdir(exist_ok=True)
        tiny.drawn(colour, "disc", "white").save(photo)
    found = cache(photos, backbone, tmp_path / "cache")
    assert found.manifest["photos"] == ["train/0.png", "val/0.png", "0.png"]
    assert [found.row(photo) for photo in photos] == [0, 1, 2] and tmp_path / "1.png" not in found
    for photo in photos:
        grid = backbone.features(backbone.pixels(photo)[None])[0]
        np.testing.assert_allclose(found.array[found.row(photo)], grid, atol=1e-2)


def test_a_photo_twice_is_refused(files, backbone, tmp_path):
    with pytest.raises(CacheError, match="twice"):
        cache([*files, files[0]], backbone, tmp_path / "cache")


@pytest.fixture
def copied(finished, tmp_path):
    for name in ("features.npy", "manifest.json"):
        (tmp_path / name).write_bytes((finished / name).read_bytes())
    return tmp_path


def test_there_is_no_cache(tmp_path):
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(CacheError, match="holds no feature cache"):
            FeatureCache(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"done": 3}'])
def test_a_damaged_manifest_is_refused(copied, files, backbone, text):
    (copied / "manifest.json").write_text(text)
    with pytest.raises(CacheError, match="damaged: manifest.json"):
        FeatureCache(copied)
    with pytest.raises(CacheError, match="damaged: manifest.json"):
        cache(files, backbone, copied)


def test_a_damaged_array_is_refused(copied):
    array = copied / "features.npy"
    whole = array.read_bytes()
    for damaged in (b"", b"nothing", whole[:-100]):
        array.write_bytes(damaged)
        with pytest.raises(CacheError, match="damaged: features.npy"):
            FeatureCache(copied)
    np.save(array, np.zeros((14, 4, 9), np.float16))
    with pytest.raises(CacheError, match="damaged: features.npy has shape"):
        FeatureCache(copied)
    array.unlink()
    with pytest.raises(CacheError, match="damaged: features.npy"):
        FeatureCache(copied)


def test_pickled_arrays_are_not_loaded(copied):
    for content_ in (pickle.dumps(np.zeros(3)), None):
        if content_ is None:
            np.save(copied / "features.npy", np.array([{}] * 14, dtype=object), allow_pickle=True)
        else:
            (copied / "features.npy").write_bytes(content_)
        with pytest.raises(CacheError, match="damaged: features.npy"):
            FeatureCache(copied)


# --- shards -----------------------------------------------------------------------------------


def shard(files, backbone, folder, number, parts, **settings):
    return cache(files, backbone, folder, batch_size=BATCH, shard=(number, parts), **settings)


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("explicitly", [True, False])
def test_joined_shards_are_what_one_cache_is(
    files, backbone, finished, tmp_path, parts, explicitly
):
    seen = []
    for number in range(parts, 0, -1):  # in any order; with 6 parts of 4 batches two are empty
        part = shard(files, backbone, tmp_path, number, parts)
        seen += part.manifest["photos"]
        assert part.folder == tmp_path / f"shard-{number}-of-{parts}"
    assert sorted(seen) == [file.name for file in files]
    if explicitly:
        joined = features.join(tmp_path)
    else:
        joined = cache(files, backbone, tmp_path, batch_size=BATCH)
    assert joined.folder == tmp_path and BROKEN not in joined
    assert content(tmp_path) == content(finished)


def test_a_shard_is_resumed(files, backbone, finished, tmp_path):
    def stop(done, total):
        assert total == 8
        raise Stopped

    with pytest.raises(Stopped):
        shard(files, backbone, tmp_path, 1, 2, report=stop)
    with pytest.raises(CacheError, match="shard 1/2 has 4 of 8 photos, shard 2/2 is not begun"):
        features.join(tmp_path)
    reported = []
    shard(files, backbone, tmp_path, 1, 2, report=lambda *done: reported.append(done))
    assert reported == [(8, 8)]
    with pytest.raises(CacheError, match=r"is not finished: shard 2/2 is not begun\."):
        cache(files, backbone, tmp_path, batch_size=BATCH)
    shard(files, backbone, tmp_path, 2, 2)
    features.join(tmp_path)
    assert content(tmp_path) == content(finished)


def test_shards_of_different_making_are_not_joined(files, backbone, tmp_path):
    other = tiny.backbone(seed=7)
    for number, settings in enumerate(
        [
            (files, other, PLAIN),
            (files, backbone, View(mirrored=True)),
            (files, backbone, View(crop=1)),
            (files[:-1], backbone, PLAIN),
        ]
    ):
        folder = tmp_path / str(number)
        shard(files, backbone, folder, 1, 2)
        shard(*settings[:2], folder, 2, 2, view=settings[2])
        with pytest.raises(CacheError, match="not of one data set, backbone and batch size"):
            features.join(folder)
    folder = tmp_path / "batches"
    cache(files, backbone, folder, batch_size=4, shard=(1, 2))
    cache(files, backbone, folder, batch_size=3, shard=(2, 2))
    with pytest.raises(CacheError, match="not of one data set, backbone and batch size"):
        features.join(folder)


def test_shards_of_several_splits_or_none_are_not_joined(files, backbone, tmp_path):
    with pytest.raises(CacheError, match="holds no shards"):
        features.join(tmp_path)
    shard(files, backbone, tmp_path, 1, 2)
    shard(files, backbone, tmp_path, 1, 3)
    with pytest.raises(CacheError, match="several splits"):
        features.join(tmp_path)


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_there_are_only_so_many_shards(files, backbone, tmp_path, number):
    with pytest.raises(ShardError, match=f"no shard {number}/2"):
        shard(files, backbone, tmp_path, number, 2)


def test_a_disk_too_small_for_joining_keeps_the_shards(files, backbone, finished, tmp_path):
    for number in (1, 2):
        shard(files, backbone, tmp_path, number, 2)
    with tiny.full_disk(600), pytest.raises(OSError):
        features.join(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"shard-1-of-2", "shard-2-of-2"}
    features.join(tmp_path)
    assert content(tmp_path) == content(finished)


def test_shards_left_over_by_a_kill_are_removed(files, backbone, finished, tmp_path, monkeypatch):
    for number in (1, 2):
        shard(files, backbone, tmp_path, number, 2)

    def killed(folder):
        raise Stopped

    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(features.shutil, "rmtree", killed)
        features.join(tmp_path)
    features.join(tmp_path)
    assert content(tmp_path) == content(finished)


def test_a_shard_of_what_is_joined_already_is_only_opened(files, backbone, finished):
    before = (finished / "features.npy").stat().st_mtime_ns
    assert len(shard(files, backbone, finished, 1, 2).array) == 14
    assert (finished / "features.npy").stat().st_mtime_ns == before


def test_a_shard_of_what_was_begun_whole_is_refused(files, backbone, tmp_path):
    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        cache(files, backbone, tmp_path, batch_size=BATCH, report=stop)
    with pytest.raises(CacheError, match="begun without shards"):
        shard(files, backbone, tmp_path, 1, 2)
