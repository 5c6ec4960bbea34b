"""The inverted backbone's own network; where its cells look is in test_backbones."""

import keras
import numpy as np
import pytest

from captioner.backbones import inverted
from captioner.backbones.inverted import InvertedConfig
from tests.support import tiny


def network(output_stride: int) -> keras.Model:
    """A small network; one of stride 16 has the weights of the one of stride 32."""
    return tiny.inverted(seed=0, output_stride=output_stride).network


def pixels(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("stride, cells", [(32, (2, 3)), (16, (3, 5))])
def test_the_grid_has_the_size_that_the_stride_gives(stride, cells):
    assert network(stride).predict_on_batch(pixels(64, 96)).shape == (2, *cells, 8)


def test_stride_16_says_what_stride_32_says_at_every_second_cell():
    coarse = network(32).predict_on_batch(pixels(96, 128))
    fine = network(16).predict_on_batch(pixels(96, 128))
    assert np.abs(coarse).max() > 0.1
    np.testing.assert_allclose(fine[:, ::2, ::2], coarse, atol=1e-5)
    assert np.abs(fine[:, 1::2, ::2] - coarse[:, 1:]).max() > 1e-3  # and more in between


def test_every_block_ends_in_a_layer_of_its_name():
    built = network(32)
    names = tiny.INVERTED.blocks
    assert names == [f"block{number}" for number in range(1, 9)]
    widths = [built.get_layer(name).output.shape[-1] for name in names]
    assert widths == [4, 4, 4, 4, 6, 6, 8, 8]
    assert built.get_layer(names[-1]).output is built.outputs[0]


def test_the_default_is_small():
    assert 1.8e6 < inverted.build().count_params() < 1.9e6


def test_other_strides_and_other_counts_of_stages_are_refused():
    with pytest.raises(ValueError, match="output_stride"):
        inverted.build(InvertedConfig(output_stride=8))
    with pytest.raises(ValueError, match="7 stages"):
        inverted.build(InvertedConfig(widths=(4, 4), depths=(1, 1)))
