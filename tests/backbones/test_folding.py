"""Folding: the same numbers without batch normalisation wherever a convolution can do its work."""

import keras
import numpy as np
import pytest
from keras import layers

from captioner.backbones.backbone import compact_backbone, keras_backbone
from captioner.backbones.folding import folded
from captioner.backbones.inverted import InvertedConfig
from captioner.backbones.residual import ResidualConfig

SIDE = 64


def every(network: keras.Model):
    """Its layers, and those of networks in it."""
    for layer in network.layers:
        yield from every(layer) if isinstance(layer, keras.Model) else [layer]


def with_statistics(network: keras.Model) -> keras.Model:
    """As after training: no normalisation leaves its input as it is."""
    rng = np.random.default_rng(0)
    for layer in every(network):
        if isinstance(layer, layers.BatchNormalization):
            spread = {"gamma", "moving_variance"}
            layer.set_weights(
                [
                    rng.uniform(0.5, 1.5, w.shape) if w.name in spread else rng.normal(size=w.shape)
                    for w in layer.weights
                ]
            )
    return network


@pytest.fixture
def normalising(monkeypatch):
    """Names of the batch norm layers that a network computes: `normalising(network)`."""
    called = []
    normal = layers.BatchNormalization.call

    def call(layer, inputs, **options):
        called.append(layer.name)
        return normal(layer, inputs, **options)

    monkeypatch.setattr(layers.BatchNormalization, "call", call)

    def normalising(network: keras.Model) -> list[str]:
        called.clear()
        network(pixels_for(network))
        return sorted(called)

    return normalising


def pixels_for(network: keras.Model) -> np.ndarray:
    shape = (2, SIDE, SIDE, 3)
    if hasattr(network, "input_shape"):
        shape = (2, *(side or SIDE for side in network.input_shape[1:3]), 3)
    return np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)


def assert_same(one: keras.Model, other: keras.Model) -> None:
    pixels = pixels_for(one)
    expected = one.predict_on_batch(pixels)
    found = other.predict_on_batch(pixels)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("stride", [32, 16])
@pytest.mark.parametrize(
    "sizes",
    [
        InvertedConfig((4, 8, 8, 8, 8, 8, 8), (1, 2, 1, 2, 1, 1, 1)),
        ResidualConfig((4, 8, 8, 8), (1, 1, 2, 1)),
    ],
)
def test_our_backbones_keep_no_normalisation(sizes, stride, normalising):
    backbone = compact_backbone(sizes, SIDE).copy(output_stride=stride)
    with_statistics(backbone.network)
    network = backbone.folded().network
    assert normalising(backbone.network) and not normalising(network)
    assert_same(backbone.network, network)


def test_a_published_backbone_keeps_none(normalising):
    backbone = keras_backbone("mobilenetv2", weights=None)
    with_statistics(backbone.network)
    network = backbone.folded().network
    assert normalising(backbone.network) and not normalising(network)
    assert_same(backbone.network, network)


def test_only_where_the_convolution_can_do_it(normalising):
    pixels = x = keras.Input((None, None, 3))
    normal = layers.BatchNormalization
    x = normal(name="first")(x)  # nothing before it
    x = normal(name="folded")(layers.Conv2D(4, 3, padding="same", name="biased")(x))
    x = normal(name="after-relu")(layers.Conv2D(4, 1, activation="relu")(x))
    shared = layers.Conv2D(4, 1)(x)
    x = layers.Add()([shared, normal(name="of-shared")(shared)])
    x = normal(name="unscaled", scale=False, center=False)(layers.DepthwiseConv2D(3)(x))
    x = normal(name="two-each")(layers.DepthwiseConv2D(3, depth_multiplier=2)(x))
    network = with_statistics(keras.Model(pixels, x))
    other = folded(network)
    assert normalising(other) == ["after-relu", "first", "of-shared"]
    assert_same(network, other)


def test_an_output_stays_what_it_is():
    pixels = keras.Input((None, None, 3))
    seen = layers.Conv2D(4, 3)(pixels)
    network = keras.Model(pixels, [seen, layers.BatchNormalization()(seen)])
    assert folded(network) is network


def test_what_has_nothing_to_fold_is_not_copied():
    pixels = keras.Input((None, None, 3))
    network = keras.Model(pixels, layers.Conv2D(4, 3)(pixels))
    assert folded(network) is network


def test_weights_that_change_later_change_nothing():
    backbone = compact_backbone(InvertedConfig((4,) * 7, (1,) * 7), SIDE)
    before = backbone.folded()
    pixels = np.zeros((1, SIDE, SIDE, 3), np.uint8)
    expected = before.features(pixels)
    with_statistics(backbone.network)
    np.testing.assert_array_equal(before.features(pixels), expected)
    assert np.abs(backbone.folded().features(pixels) - expected).max() > 0.01
