"""Photos are decoded once into one array; unreadable photos and full disks are reported."""

import errno
import os

import numpy as np
import pytest
from PIL import Image

from captioner.data.augmentation import View
from captioner.data.cache.photo_store import PhotoStore
from tests.support import tiny


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return list(tiny.photo_files(tmp_path_factory.mktemp("photos")))


def test_photos_are_decoded_once_and_unreadable_ones_named(tmp_path, files):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    listed = [files[0], broken, *files[1:3]]
    store = PhotoStore(tmp_path / "out", listed, side=20)
    assert len(store) == 3 and store.skipped == [str(broken)]
    expected = np.asarray(Image.open(files[1]).convert("RGB").resize((20, 20), Image.BILINEAR))
    assert np.array_equal(store.pixels[1], expected)

    written = (tmp_path / "out" / "photos.npy").stat().st_mtime_ns
    again = PhotoStore(tmp_path / "out", listed, side=20)
    assert len(again) == 3 and again.skipped == [str(broken)]
    assert np.array_equal(again.pixels, store.pixels)
    assert (tmp_path / "out" / "photos.npy").stat().st_mtime_ns == written
    assert len(PhotoStore(tmp_path / "out", files, side=20)) == len(files)  # other photos


def test_a_view_of_the_photos_is_stored_apart_from_them(tmp_path, files):
    view = View(crop=1)
    whole = PhotoStore(tmp_path, files[:2], side=20)
    parts = PhotoStore(tmp_path / "parts", files[:2], side=20, view=view)
    for file, photo, part in zip(files, whole.pixels, parts.pixels, strict=False):
        np.testing.assert_array_equal(part, view.apply(photo, file.name))
    again = PhotoStore(tmp_path / "parts", files[:2], side=20)  # another view: decoded again
    np.testing.assert_array_equal(again.pixels, whole.pixels)


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(tmp_path, files, monkeypatch):
    def no_space(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with tiny.full_disk(1000), pytest.raises(OSError):
        PhotoStore(tmp_path, files, side=64)
    assert os.listdir(tmp_path) == []
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(os, "posix_fallocate", no_space)
        PhotoStore(tmp_path, files, side=64)
    assert os.listdir(tmp_path) == []
    assert len(PhotoStore(tmp_path, files, side=64)) == len(files)
