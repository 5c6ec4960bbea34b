"""Where cells look is measured on networks that look where they are told."""

import keras
import numpy as np
import pytest
from keras import layers

from captioner.attention_maps import Geometry
from captioner.backbones.backbone import Backbone
from captioner.distillation import receptive_field

SIZE = 224


def looking(shift: int) -> Backbone:
    """Cells are the mean colours of squares of 32 pixels that lie `shift` further right and down
    than its geometry says."""
    pixels = x = keras.Input((SIZE, SIZE, 3))
    kept, padded = (max(shift, 0), max(-shift, 0)), (max(-shift, 0), max(shift, 0))
    x = layers.Cropping2D(((kept[0], kept[1]),) * 2)(x)
    x = layers.ZeroPadding2D(((padded[0], padded[1]),) * 2)(x)
    x = layers.AveragePooling2D(32)(layers.Rescaling(1 / 255)(x))
    return Backbone("squares", keras.Model(pixels, x), Geometry(7, 7, SIZE, 32.0, 16.0))


@pytest.mark.parametrize("shift", [-9, 0, 12])
def test_it_is_found_where_the_cells_look(shift):
    photos = np.random.default_rng(0).integers(0, 256, (8, SIZE, SIZE, 3)).astype(np.uint8)
    before = looking(shift)
    found = receptive_field.measured(before, photos)
    assert found.geometry.first == pytest.approx(16 + shift, abs=1)
    assert found.network is before.network and found.geometry.stride == 32


def test_it_does_not_count_what_photos_show_where():
    photos = np.random.default_rng(0).integers(0, 256, (8, SIZE, SIZE, 3)).astype(np.uint8)
    photos[:, :, SIZE // 2 :] //= 8  # little is to be seen at the right
    assert receptive_field.measured(looking(0), photos).geometry.first == pytest.approx(16, abs=1)
