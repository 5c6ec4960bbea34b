"""Batches of crops: reproducible from any step, and each photo once an epoch."""

import itertools

import numpy as np
import pytest
from PIL import Image

from captioner.data.cache.photo_store import PhotoStore
from captioner.distillation.crop_batches import crop_batches
from tests.support import tiny


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return list(tiny.photo_files(tmp_path_factory.mktemp("photos")))


def test_batches_are_the_same_for_the_same_seed_and_go_on_from_any_step(tmp_path, files):
    store = PhotoStore(tmp_path, files, side=48)

    def take(count, seed=0, start=0):
        def schedule(step):
            return (16, 0.25) if step < 4 else (32, 0.5)

        return list(itertools.islice(crop_batches(store, schedule, 4, seed, start), count))

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
    store = PhotoStore(tmp_path, sorted(folder.iterdir()), side=8)
    generator = crop_batches(store, lambda step: (4, 0.5), 4, seed=0)
    batches = [next(generator) for _ in range(3)]
    generator.close()
    shown = []
    for photo in np.concatenate(batches).astype(float):
        red, green, blue = photo[0, 0]  # green and blue tell the crop's brightness and contrast
        shown.append(90 + (red - green) * 80 / (blue - green))
    assert sorted(shown) == pytest.approx(reds, abs=5)
