"""The inverted design of the compact backbone: inverted residual blocks as in MobileNetV2 (Sandler
et al. 2018, arXiv:1801.04381).

Each block expands its narrow input, applies a depthwise convolution and projects the result back
to few channels. It is as fast as the residual design, much deeper and a quarter of its size.
"""

from dataclasses import dataclass

import keras
from keras import layers

FIRST_CENTRE = 15.5  # pixels from the edge to the centre of the first cell, at either stride
STAGES = ((1, 1), (2, 6), (2, 6), (2, 6), (1, 6), (2, 6), (1, 6))  # stride, expansion
_STEM = 32  # channels of the first convolution


@dataclass(frozen=True)
class InvertedConfig:
    """Sizes of an inverted backbone; the defaults are those of MobileNetV2 1.0."""

    widths: tuple[int, ...] = (16, 24, 32, 64, 96, 160, 320)  # channels after each stage
    depths: tuple[int, ...] = (1, 2, 3, 4, 3, 3, 1)  # blocks of each stage
    output_stride: int = 32  # 16: what follows the last stride is dilated, the grid twice as fine
    design: str = "inverted"  # distinguishes it from a `ResidualConfig` on disk

    @property
    def blocks(self) -> list[str]:
        """Names of the last layers of all blocks."""
        return [f"block{number + 1}" for number in range(sum(self.depths))]


def _batch_norm(x, name: str | None = None):
    return layers.BatchNormalization(momentum=0.98, name=name)(x)


def _block(x, width: int, expansion: int, depthwise: list[layers.Layer], shortcut: bool, name: str):
    """Expand, convolve each channel, project."""
    y = x
    if expansion > 1:
        y = layers.Conv2D(expansion * x.shape[-1], 1, use_bias=False)(y)
        y = layers.ReLU(max_value=6.0)(_batch_norm(y))
    for layer in depthwise:
        y = layer(y)
    y = layers.ReLU(max_value=6.0)(_batch_norm(y))
    y = layers.Conv2D(width, 1, use_bias=False)(y)
    return layers.Add(name=name)([x, _batch_norm(y)]) if shortcut else _batch_norm(y, name)


def _depthwise(stride: int, dilation: int, last: bool) -> list[layers.Layer]:
    """A 3x3 depthwise convolution. With 'same' padding each stride shifts the cells by half a cell
    to the right and down; after four of them the last one is padded on the left and above."""
    padding = [layers.ZeroPadding2D(((1, 0), (1, 0)))] if last else []
    convolution = layers.DepthwiseConv2D(
        3,
        strides=stride,
        dilation_rate=dilation,
        padding="valid" if last else "same",
        use_bias=False,
    )
    return [*padding, convolution]


def build(config: InvertedConfig = InvertedConfig()) -> keras.Model:
    """Pixels (B, H, W, 3) in 0..255 -> grid (B, H / stride, W / stride, widths[-1]).

    The last layer of each block is named `block1`, `block2` and so on; the last one is the grid.

    With `output_stride=16` the last stride is left out and what follows it is dilated by two
    (Chen et al. 2017, arXiv:1706.05587). The weights stay the same, and every second cell has the
    value that it has at stride 32. The grid then has (H / 16 - 1) x (W / 16 - 1) cells: the last
    row and column would lie on the edge of the photo.

    Raises:
        ValueError: `output_stride` is neither 16 nor 32, or there are not seven stages.
    """
    if config.output_stride not in (16, 32):
        raise ValueError(f"output_stride must be 16 or 32, not {config.output_stride}")
    if not len(config.widths) == len(config.depths) == len(STAGES):
        raise ValueError(f"an inverted backbone has {len(STAGES)} stages")
    pixels = keras.Input((None, None, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    x = layers.Conv2D(_STEM, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(max_value=6.0)(_batch_norm(x))
    names, reached, dilation = iter(config.blocks), 2, 1
    for width, depth, stage in zip(config.widths, config.depths, STAGES, strict=True):
        for position in range(depth):
            stride, expansion = (1 if position else stage[0]), stage[1]
            if reached * stride > config.output_stride:
                x = _block(x, width, expansion, _depthwise(1, 1, False), False, next(names))
                dilation = 2
                continue
            reached *= stride
            depthwise = _depthwise(stride, dilation, last=stride > 1 and reached == 32)
            x = _block(x, width, expansion, depthwise, position > 0, next(names))
    if config.output_stride == 16:
        x = layers.Cropping2D(((0, 1), (0, 1)))(x)
    return keras.Model(pixels, x, name="inverted")
