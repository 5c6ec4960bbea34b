"""Recent photos, found by the keys of their content."""

import numpy as np
from PIL import Image

from captioner.ui.explore.recent_photos import RecentPhotos
from captioner.ui.shared.results import content_key


def grey(level: int) -> np.ndarray:
    return np.full((8, 8, 3), level, np.uint8)


def key(level: int) -> str:
    return content_key(Image.fromarray(grey(level)))


def test_a_photo_is_found_by_its_key():
    store = RecentPhotos()
    store.add(grey(1))
    assert np.array_equal(store.find(key(1)), grey(1))
    assert store.find(key(2)) is None and store.find("") is None


def test_equal_bytes_of_another_shape_have_another_key():
    assert content_key(Image.new("RGB", (4, 2))) != content_key(Image.new("RGB", (2, 4)))


def test_the_photo_that_was_not_used_for_longest_is_forgotten_first():
    store = RecentPhotos(max_bytes=2 * grey(0).nbytes)
    store.add(grey(1))
    store.add(grey(2))
    store.add(grey(1))  # no second copy of it
    assert store.find(key(2)) is not None
    store.add(grey(3))
    assert [store.find(key(level)) is None for level in (1, 2, 3)] == [True, False, False]


def test_the_file_of_a_photo_is_found_while_it_is_there_and_the_same(tmp_path):
    store, path = RecentPhotos(), tmp_path / "photo.png"
    Image.fromarray(grey(1)).save(path)
    store.add_file(key(1), path)
    assert np.array_equal(np.asarray(store.photo(key(1))), grey(1))
    assert store.photo(key(2)) is None
    Image.fromarray(grey(2)).save(path)
    assert store.photo(key(1)) is None
    path.write_bytes(b"not a photo")
    assert store.photo(key(1)) is None
    path.unlink()
    assert store.photo(key(1)) is None
