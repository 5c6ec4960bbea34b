"""Photos for distillation and the crops that are drawn from them."""

import errno
import itertools
import os

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from captioner.data import crops


def gradient(side: int = 60) -> np.ndarray:
    """A photo whose red says the column and green the row."""
    steps = np.linspace(60, 190, side).astype(np.uint8)
    photo = np.full((side, side, 3), 120, np.uint8)
    photo[..., 0], photo[..., 1] = steps[None, :], steps[:, None]
    return photo


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return list(tiny.photo_files(tmp_path_factory.mktemp("photos")))


@given(st.integers(0, 10_000), st.floats(0.05, 1.0), st.integers(8, 300))
def test_boxes_lie_in_the_photo_and_are_neither_too_small_nor_too_thin(seed, min_area, side):
    left, upper, right, lower = crops.random_box(np.random.default_rng(seed), side, min_area)
    tolerance = 1e-6 * side
    assert -tolerance <= left < right <= side + tolerance
    assert -tolerance <= upper < lower <= side + tolerance
    width, height = right - left, lower - upper
    assert 3 / 4 - 1e-6 <= width / height <= 4 / 3 + 1e-6
    # A box of nearly all of the photo loses what its aspect ratio cuts off.
    assert width * height >= min(min_area, 3 / 4) * side * side * (1 - 1e-6)


def test_crops_are_of_the_size_asked_for_and_show_the_photo():
    seen = set()
    for seed in range(40):
        pixels = crops.varied(gradient(), np.random.default_rng(seed), 16, 0.25)
        assert pixels.shape == (16, 16, 3) and pixels.dtype == np.uint8
        columns, rows = pixels[8, :, 0].astype(int), pixels[:, 8, 1].astype(int)
        rising = columns[-1] > columns[0]
        steps = np.diff(columns if rising else columns[::-1])
        assert (steps >= 0).all() and (np.diff(rows) >= 0).all()  # flipped sideways at most
        assert np.ptp(pixels[..., 2]) == 0  # brightness and contrast are those of the whole crop
        seen.add(rising)
    assert seen == {True, False}


def test_batches_are_the_same_for_the_same_seed_and_go_on_from_any_step(tmp_path, files):
    store = crops.PhotoStore(tmp_path, files, side=48)

    def take(count, seed=0, start=0):
        def schedule(step):
            return (16, 0.25) if step < 4 else (32, 0.5)

        return list(itertools.islice(crops.batches(store, schedule, 4, seed, start), count))

    whole = take(7)
    assert [batch.shape for batch in whole] == [(4, 16, 16, 3)] * 4 + [(4, 32, 32, 3)] * 3
    for start in (1, 4, 6):
        for one, other in zip(whole[start:], take(7 - start, start=start), strict=True):
            assert np.array_equal(one, other)
    assert not np.array_equal(whole[0], take(1, seed=1)[0])
    assert not np.array_equal(whole[0], whole[1])


def test_an_epoch_shows_every_photo_once(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    reds = [60 + 12 * number for number in range(12)]
    for red in reds:
        Image.new("RGB", (8, 8), (red, 90, 170)).save(folder / f"{red}.png")
    store = crops.PhotoStore(tmp_path, sorted(folder.iterdir()), side=8)
    generator = crops.batches(store, lambda step: (4, 0.5), 4, seed=0)
    batches = [next(generator) for _ in range(3)]
    generator.close()
    shown = []
    for photo in np.concatenate(batches).astype(float):
        red, green, blue = photo[0, 0]  # green and blue tell the crop's brightness and contrast
        shown.append(90 + (red - green) * 80 / (blue - green))
    assert sorted(shown) == pytest.approx(reds, abs=5)


def test_photos_are_decoded_once_and_unreadable_ones_named(tmp_path, files):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    listed = [files[0], broken, *files[1:3]]
    store = crops.PhotoStore(tmp_path / "out", listed, side=20)
    assert len(store) == 3 and store.skipped == [str(broken)]
    expected = np.asarray(Image.open(files[1]).convert("RGB").resize((20, 20), Image.BILINEAR))
    assert np.array_equal(store.pixels[1], expected)

    written = (tmp_path / "out" / "photos.npy").stat().st_mtime_ns
    again = crops.PhotoStore(tmp_path / "out", listed, side=20)
    assert len(again) == 3 and again.skipped == [str(broken)]
    assert np.array_equal(again.pixels, store.pixels)
    assert (tmp_path / "out" / "photos.npy").stat().st_mtime_ns == written
    assert len(crops.PhotoStore(tmp_path / "out", files, side=20)) == len(files)  # other photos


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(tmp_path, files, monkeypatch):
    def no_space(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with tiny.full_disk(1000), pytest.raises(OSError):
        crops.PhotoStore(tmp_path, files, side=64)
    assert os.listdir(tmp_path) == []
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(os, "posix_fallocate", no_space)
        crops.PhotoStore(tmp_path, files, side=64)
    assert os.listdir(tmp_path) == []
    assert len(crops.PhotoStore(tmp_path, files, side=64)) == len(files)
