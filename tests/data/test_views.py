"""Ways to look at a photo: whole or in part, mirrored or not, the same every time."""

import numpy as np
import pytest
import tiny

from captioner import checkpoints
from captioner.data.features import FeatureCache
from captioner.data.views import PLAIN, View
from captioner.training import recipe
from captioner.training.settings import FitConfig, SettingsError

rng = np.random.default_rng(0)
PHOTO = np.kron(rng.integers(0, 256, (8, 8, 3)), np.ones((4, 4, 1))).astype(np.uint8)


def test_the_plain_view_is_the_photo():
    np.testing.assert_array_equal(PLAIN.of(PHOTO, "a.jpg"), PHOTO)
    np.testing.assert_array_equal(View(mirrored=True).of(PHOTO, "a.jpg"), PHOTO[:, ::-1])


def test_every_crop_is_another_and_the_same_every_time():
    found = [
        View(crop=number).of(PHOTO, name) for number in (0, 1, 2) for name in ("a.jpg", "b.jpg")
    ]
    assert len({pixels.tobytes() for pixels in found}) == 5  # twice the whole photo
    assert all(pixels.shape == PHOTO.shape and pixels.dtype == np.uint8 for pixels in found)
    np.testing.assert_array_equal(View(crop=1).of(PHOTO, "a.jpg"), found[2])
    np.testing.assert_array_equal(View(True, 1).of(PHOTO, "a.jpg"), found[2][:, ::-1])


def test_a_crop_shows_most_of_the_photo():
    across = np.zeros((64, 64, 3), np.uint8)
    across[..., 0] = np.linspace(0, 255, 64)[None, :]
    across[..., 1] = np.linspace(0, 255, 64)[:, None]
    for number in range(1, 50):
        seen = View(crop=number).of(across, "a.jpg").astype(int)
        width, height = np.ptp(seen[..., 0]) / 255, np.ptp(seen[..., 1]) / 255
        assert 0.5 < width * height <= 1


def test_crops_are_counted_from_one():
    with pytest.raises(ValueError, match="counted from 1"):
        View(crop=-1)


def test_a_training_looks_at_crops_too(tmp_path):
    small = {"epochs": 1, "min_count": 1, "grid_units": 4, "attention": 4, "embedding": 4}
    small |= {"units": 4, "average": 1, "batch_size": 10, "crops": 2}
    data, features = str(tiny.data_folder(tmp_path / "data")), tmp_path / "features"
    eyes = tmp_path / "eyes"
    checkpoints.save_backbone(eyes, tiny.backbone(), {})
    asked = recipe.Recipe(data, backbone=str(eyes), features=str(features), fit=FitConfig(**small))
    recipe.train(asked, tmp_path / "run", lambda line: None)
    caches = {}
    for folder in features.iterdir():
        cache = FeatureCache(folder)
        caches[View(cache.manifest["mirrored"], cache.manifest["crop"])] = cache
    assert caches.keys() == {View(m, n) for m in (False, True) for n in range(3)}
    photo = caches[View(crop=2)].manifest["photos"][0]
    grids = {cache.array[cache.row(photo)].tobytes() for cache in caches.values()}
    assert len(grids) == 6


def test_crops_are_for_what_is_cached():
    with pytest.raises(SettingsError, match="whole photos"):
        recipe.Recipe("data", start="x", fit=FitConfig(tune=True, crops=1))
