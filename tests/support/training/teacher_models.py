"""Small teachers with random weights."""

import keras
from keras import layers

from tests.support import tiny


def with_blocks(seed: int = 7) -> keras.Model:
    """One of the design of `tiny.INVERTED`."""
    network = tiny.inverted(seed).network
    ends = {name: network.get_layer(name).output for name in tiny.INVERTED.blocks}
    return keras.Model(network.inputs, ends)


def with_features(stride: int = 32, width: int = 7) -> keras.Model:
    """One of another design, of which only the last feature map is known."""
    keras.utils.set_random_seed(4)
    pixels = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, -1.0)(pixels)
    x = layers.ReLU()(layers.Conv2D(width, stride, strides=stride)(x))
    return keras.Model(pixels, {"features": x})
