"""Random crops of photos, and fixed views of them that are the same every time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.data.augmentation import PLAIN, View, random_box, random_crop
from captioner.data.cache.features import FeatureCache
from captioner.training import recipe
from captioner.training.settings import FitConfig
from tests.support import tiny

rng = np.random.default_rng(0)
PHOTO = np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((4, 4, 1))).astype(np.uint8)


def test_the_plain_view_is_the_photo():
    np.testing.assert_array_equal(PLAIN.apply(PHOTO, "a.jpg"), PHOTO)
    np.testing.assert_array_equal(View(mirrored=True).apply(PHOTO, "a.jpg"), PHOTO[:, ::-1])


def test_every_crop_is_another_and_the_same_every_time():
    found = [
        View(crop=number).apply(PHOTO, name) for number in (0, 1, 2) for name in ("a.jpg", "b.jpg")
    ]
    assert len({pixels.tobytes() for pixels in found}) == 5  # twice the whole photo
    assert all(pixels.shape == PHOTO.shape and pixels.dtype == np.uint8 for pixels in found)
    np.testing.assert_array_equal(View(crop=1).apply(PHOTO, "a.jpg"), found[2])
    np.testing.assert_array_equal(View(True, 1).apply(PHOTO, "a.jpg"), found[2][:, ::-1])


def test_a_crop_shows_most_of_the_photo():
    across = np.zeros((64, 64, 3), np.uint8)
    across[..., 0] = np.linspace(0, 255, 64)[None, :]
    across[..., 1] = np.linspace(0, 255, 64)[:, None]
    for number in range(1, 50):
        seen = View(crop=number).apply(across, "a.jpg").astype(int)
        width, height = np.ptp(seen[..., 0]) / 255, np.ptp(seen[..., 1]) / 255
        assert 0.5 < width * height <= 1


def test_crops_are_counted_from_one():
    with pytest.raises(ValueError, match="counted from 1"):
        View(crop=-1)


@pytest.mark.slow
def test_a_training_uses_crops_too(saved_checkpoint, tmp_path):
    small = {"epochs": 1, "min_count": 1, "grid_units": 4, "attention": 4, "embedding": 4}
    small |= {"units": 4, "average": 1, "batch_size": 8, "crops": 2}
    data, features = str(tiny.data_folder(tmp_path / "data")), tmp_path / "features"
    where = {"backbone": str(saved_checkpoint), "features": str(features)}
    recipe.train(
        recipe.Recipe(data, **where, fit=FitConfig(**small)), tmp_path / "run", lambda line: None
    )
    caches = {}
    for folder in features.glob("*/"):
        cache = FeatureCache(folder)
        caches[View(cache.manifest["mirrored"], cache.manifest["crop"])] = cache
    assert caches.keys() == {View(m, n) for m in (False, True) for n in range(3)}
    photo = caches[View(crop=2)].manifest["photos"][0]
    grids = {cache.array[cache.row(photo)].tobytes() for cache in caches.values()}
    assert len(grids) == 6


def gradient(side: int = 60) -> np.ndarray:
    """A photo whose red says the column and green the row."""
    steps = np.linspace(60, 190, side).astype(np.uint8)
    photo = np.full((side, side, 3), 120, np.uint8)
    photo[..., 0], photo[..., 1] = steps[None, :], steps[:, None]
    return photo


@given(st.integers(0, 10_000), st.floats(0.05, 1.0), st.integers(8, 300))
def test_boxes_lie_in_the_photo_and_are_neither_too_small_nor_too_thin(seed, min_area, side):
    left, upper, right, lower = random_box(np.random.default_rng(seed), side, min_area)
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
        pixels = random_crop(gradient(), np.random.default_rng(seed), 16, 0.25)[0]
        assert pixels.shape == (16, 16, 3) and pixels.dtype == np.uint8
        columns, rows = pixels[8, :, 0].astype(int), pixels[:, 8, 1].astype(int)
        rising = columns[-1] > columns[0]
        steps = np.diff(columns if rising else columns[::-1])
        assert (steps >= 0).all() and (np.diff(rows) >= 0).all()  # flipped sideways at most
        assert np.ptp(pixels[..., 2]) == 0  # brightness and contrast are those of the whole crop
        seen.add(rising)
    assert seen == {True, False}
