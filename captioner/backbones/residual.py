"""The residual design of the compact backbone: a plain residual network (He et al. 2016,
arXiv:1512.03385).

Every strided convolution has a kernel as wide as its stride and needs no padding. So each cell of
the grid is centred exactly on the square of pixels that it stands for.
"""

from dataclasses import dataclass

import keras
from keras import layers

FIRST_CENTRE = 16.0  # pixels from the edge to the centre of the first cell, at either stride


@dataclass(frozen=True)
class ResidualConfig:
    """Sizes of a residual backbone.

    Two cores can train the defaults in an evening: few channels where the grid is large, since
    memory traffic costs most there, and most layers at strides 16 and 32.
    """

    widths: tuple[int, ...] = (32, 96, 192, 384)  # channels at strides 4, 8, 16, 32
    depths: tuple[int, ...] = (1, 2, 3, 2)  # residual blocks at each of them
    output_stride: int = 32  # 16: the last stage is dilated, the grid twice as fine


def _convolution(x, width, kernel, stride=1, dilation=1):
    """Convolution without bias, then batch norm; 'same' padding only where the stride is 1."""
    x = layers.Conv2D(
        width,
        kernel,
        strides=stride,
        dilation_rate=dilation,
        padding="same" if kernel == 3 else "valid",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.BatchNormalization(momentum=0.98)(x)


def _block(x, width, name, dilation):
    """Two 3x3 convolutions and a shortcut around them."""
    y = layers.ReLU()(_convolution(x, width, 3, dilation=dilation))
    y = _convolution(y, width, 3, dilation=dilation)
    return layers.ReLU(name=name)(layers.Add()([x, y]))


def build(config: ResidualConfig = ResidualConfig()) -> keras.Model:
    """Pixels (B, H, W, 3) in 0..255 -> grid (B, H / stride, W / stride, widths[-1]).

    The last block of each stage is a layer named `stride4`, `stride8`, `stride16`, `stride32`.

    With `output_stride=16` the last downsampling keeps its 2x2 kernel but moves by one cell, and
    the 3x3 convolutions after it are dilated by two ("à trous", Chen et al. 2017,
    arXiv:1706.05587). The weights stay the same, and every second cell has exactly the value that
    it has at stride 32. The grid then has (H / 16 - 1) x (W / 16 - 1) cells.

    Raises:
        ValueError: `output_stride` is neither 16 nor 32.
    """
    if config.output_stride not in (16, 32):
        raise ValueError(f"output_stride must be 16 or 32, not {config.output_stride}")
    pixels = keras.Input((None, None, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    stride, dilation = 4, 1
    x = layers.ReLU()(_convolution(x, config.widths[0], 4, stride=4))
    for stage, (width, depth) in enumerate(zip(config.widths, config.depths, strict=True)):
        if stage:
            stride *= 2
            if stride > config.output_stride:
                dilation = 2
            x = _convolution(x, width, 2, stride=2 // dilation)
        for number in range(depth):
            name = f"stride{stride}" if number == depth - 1 else None
            x = _block(x, width, name, dilation)
    return keras.Model(pixels, x, name="compact")
