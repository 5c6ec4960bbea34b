"""The compact backbone's own network; where its cells look is in test_backbones."""

import keras
import numpy as np
import pytest

from captioner.backbones import residual
from captioner.backbones.residual import ResidualConfig
from tests.support import tiny


def network(output_stride: int) -> keras.Model:
    """A small network; one of stride 16 has the weights of the one of stride 32."""
    return tiny.backbone(seed=0, output_stride=output_stride).network


def pixels(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("stride, cells", [(32, (2, 3)), (16, (3, 5))])
def test_the_grid_has_the_size_that_the_stride_gives(stride, cells):
    grid = network(stride).predict_on_batch(pixels(64, 96))
    assert grid.shape == (2, *cells, 8)


def test_stride_16_says_what_stride_32_says_at_every_second_cell():
    coarse = network(32).predict_on_batch(pixels(96, 128))
    fine = network(16).predict_on_batch(pixels(96, 128))
    np.testing.assert_allclose(fine[:, ::2, ::2], coarse, atol=1e-5)
    assert np.abs(fine[:, 1::2, ::2] - coarse[:, 1:]).max() > 1e-3  # and more in between


@pytest.mark.parametrize("stride, last", [(32, 3), (16, 5)])
def test_stages_are_named_by_their_usual_stride(stride, last):
    built = network(stride)
    stages = [built.get_layer(f"stride{level}").output for level in (4, 8, 16, 32)]
    grids = keras.Model(built.inputs, stages).predict_on_batch(pixels(96, 96))
    assert [grid.shape[1:] for grid in grids] == [
        (24, 24, 4),
        (12, 12, 4),
        (6, 6, 8),
        (last, last, 8),
    ]


def test_pixels_of_0_to_255_become_minus_1_to_1():
    built = network(32)
    scaled = next(layer for layer in built.layers if "rescaling" in layer.name)
    values = keras.ops.convert_to_numpy(scaled(np.array([0, 127.5, 255])))
    np.testing.assert_allclose(values, [-1, 0, 1], atol=1e-6)
    whole = pixels(64, 64)
    np.testing.assert_allclose(
        built.predict_on_batch(whole), built.predict_on_batch(whole.astype(np.float32)), atol=1e-6
    )


def test_other_strides_are_refused():
    with pytest.raises(ValueError, match="output_stride"):
        residual.build(ResidualConfig(output_stride=8))
