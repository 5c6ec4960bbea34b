"""The inverted backbone: as fast as the compact one, much deeper and a quarter of its size.

Narrow maps go from block to block; each block widens them, looks around channel by channel, and
narrows them again (MobileNetV2, Sandler et al. 2018, arXiv:1801.04381).
"""

from dataclasses import dataclass

import keras
from keras import layers

STAGES = ((1, 1), (2, 6), (2, 6), (2, 6), (1, 6), (2, 6), (1, 6))  # stride, how much it widens
_STEM = 32  # channels


@dataclass(frozen=True)
class InvertedConfig:
    """Sizes of an inverted backbone; the defaults are those of MobileNetV2 1.0."""

    widths: tuple[int, ...] = (16, 24, 32, 64, 96, 160, 320)  # channels after each stage
    depths: tuple[int, ...] = (1, 2, 3, 4, 3, 3, 1)  # blocks in it
    output_stride: int = 32  # 16: what follows the last stride runs dilated, the grid is finer
    design: str = "inverted"  # tells its description from that of a `CompactConfig`

    @property
    def blocks(self) -> list[str]:
        """The layers in which a block ends."""
        return [f"block{number + 1}" for number in range(sum(self.depths))]


def _normalised(x, name: str | None = None):
    return layers.BatchNormalization(momentum=0.98, name=name)(x)


def _block(x, width: int, widening: int, around: list[layers.Layer], shortcut: bool, name: str):
    """Widen, look around, narrow."""
    y = x
    if widening > 1:
        y = layers.Conv2D(widening * x.shape[-1], 1, use_bias=False)(y)
        y = layers.ReLU(max_value=6.0)(_normalised(y))
    for layer in around:
        y = layer(y)
    y = layers.ReLU(max_value=6.0)(_normalised(y))
    y = layers.Conv2D(width, 1, use_bias=False)(y)
    return layers.Add(name=name)([x, _normalised(y)]) if shortcut else _normalised(y, name)


def _around(stride: int, dilation: int, last: bool) -> list[layers.Layer]:
    """A convolution channel by channel. 'same' padding of a stride looks half a cell to the right
    and down; after four such strides the last one is padded on the left and above."""
    padded = [layers.ZeroPadding2D(((1, 0), (1, 0)))] if last else []
    convolution = layers.DepthwiseConv2D(
        3,
        strides=stride,
        dilation_rate=dilation,
        padding="valid" if last else "same",
        use_bias=False,
    )
    return [*padded, convolution]


def build(config: InvertedConfig = InvertedConfig()) -> keras.Model:
    """Pixels (B, H, W, 3) in 0..255 -> grid (B, H / stride, W / stride, widths[-1]).

    The last layer of every block is named: `block1`, `block2`, ..; the last block is the grid.

    With `output_stride=16` the last stride is left out and what follows it is dilated by two
    (Chen et al. 2017, arXiv:1706.05587): the weights stay the same, and every second cell has the
    value that it has at stride 32. The grid then has (H / 16 - 1) x (W / 16 - 1) cells, since the
    ones after them would look at the photo's edge.

    Raises ValueError if `output_stride` is neither 16 nor 32, or if there are not seven stages.
    """
    if config.output_stride not in (16, 32):
        raise ValueError(f"output_stride is 16 or 32, not {config.output_stride}")
    if not len(config.widths) == len(config.depths) == len(STAGES):
        raise ValueError(f"an inverted backbone has {len(STAGES)} stages")
    pixels = keras.Input((None, None, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    x = layers.Conv2D(_STEM, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU(max_value=6.0)(_normalised(x))
    names, reached, dilation = iter(config.blocks), 2, 1
    for width, depth, stage in zip(config.widths, config.depths, STAGES, strict=True):
        for position in range(depth):
            stride, widening = (1 if position else stage[0]), stage[1]
            if reached * stride > config.output_stride:
                x = _block(x, width, widening, _around(1, 1, False), False, next(names))
                dilation = 2
                continue
            reached *= stride
            around = _around(stride, dilation, last=stride > 1 and reached == 32)
            x = _block(x, width, widening, around, position > 0, next(names))
    if config.output_stride == 16:
        x = layers.Cropping2D(((0, 1), (0, 1)))(x)
    return keras.Model(pixels, x, name="inverted")
