"""Backbones: the network, its input size, its preprocessing and its geometry travel together."""

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from captioner.attention_maps import Geometry
from captioner.backbones import compact, folding, inverted
from captioner.backbones.compact import CompactConfig
from captioner.backbones.inverted import InvertedConfig
from captioner.backbones.specs import NAMES, SPECS, Spec
from captioner.photos import squashed

# Of the compact backbone. Those that were saved before there were two do not name theirs.
DESIGNS = {"residual": CompactConfig, "inverted": InvertedConfig}
INVERTED_FIRST = 15.5  # pixels from the edge: where the first cell of that design looks
STORE = "https://storage.googleapis.com/tensorflow/"  # where keras.applications downloads from


class BackboneError(ValueError):
    """The backbone cannot be had; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Backbone:
    """A network from pixels (B, size, size, 3) in 0..255 to a grid (B, rows, cols, channels).

    Preprocessing is part of the network, so that training and showing cannot differ in it.
    """

    name: str
    network: keras.Model
    geometry: Geometry
    compact: CompactConfig | InvertedConfig | None = None  # the sizes, if it is one of ours

    @property
    def channels(self) -> int:
        return self.network.outputs[0].shape[-1]

    def copy(self, policy: str = "float32", output_stride: int | None = None) -> "Backbone":
        """A backbone of ours with the same weights, of another precision or output stride.

        Raises BackboneError for the others, whose networks are not ours to rebuild.
        """
        if self.compact is None:
            raise BackboneError(f"{self.name} cannot be rebuilt; only the compact backbone can.")
        sizes = replace(self.compact, output_stride=output_stride or self.compact.output_stride)
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            other = compact_backbone(sizes, self.geometry.size)
        finally:
            keras.config.set_dtype_policy(before)
        other.network.set_weights(self.network.get_weights())
        return replace(other, geometry=replace(other.geometry, first=self.geometry.first))

    def folded(self) -> "Backbone":
        """One that sees the same with the weights as they are now, but sooner; only for
        `features`, see `folding`."""
        return replace(self, network=folding.folded(self.network), compact=None)

    def pixels(self, photo) -> np.ndarray:
        """A photo, as `open_photo` takes it -> uint8 (size, size, 3): all of it, squashed.

        Raises PhotoError for what is no photo.
        """
        return squashed(photo, self.geometry.size)

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (B, size, size, 3) -> float32 (B, cells, channels), row by row."""
        grid = self.network.predict_on_batch(pixels)
        return np.asarray(grid, np.float32).reshape(len(pixels), self.geometry.cells, -1)


def compact_backbone(config: CompactConfig | InvertedConfig, size: int = 224) -> Backbone:
    """A network of ours with random weights, for photos of `size` x `size` pixels.

    Raises ValueError if `size` is not a multiple of 32.
    """
    if size % 32:
        raise ValueError(f"the size must be a multiple of 32, not {size}")
    stride = config.output_stride
    cells = size // 32 if stride == 32 else size // 16 - 1
    if isinstance(config, InvertedConfig):
        network, first = inverted.build(config), INVERTED_FIRST
    else:
        network, first = compact.build(config), 16.0
    return Backbone("compact", network, Geometry(cells, cells, size, float(stride), first), config)


def keras_backbone(name: str, weights: str | None = "imagenet") -> Backbone:
    """A registered backbone of keras.applications; `weights=None` leaves them random.

    Raises BackboneError at once, without a hang, if the name is unknown or if its ImageNet
    weights are neither on this machine nor within reach.
    """
    if name not in SPECS:
        raise BackboneError(f"There is no backbone '{name}'; there are: {', '.join(NAMES)}.")
    spec = SPECS[name]
    if weights == "imagenet":
        _require_weights(name, spec)
    builder: Callable = getattr(keras.applications, spec.builder)
    module = getattr(keras.applications, spec.module)
    size = spec.geometry.size
    pixels = keras.Input((size, size, 3), name="pixels")
    try:
        inner = builder(include_top=False, weights=weights, input_shape=(size, size, 3))
    except Exception as error:  # keras.utils.get_file raises bare Exceptions
        if weights is None:
            raise
        raise BackboneError(f"{_missing(name, spec)} The download failed: {error}") from error
    prepared = module.preprocess_input(layers.Identity(dtype="float32")(pixels))
    grid = keras.Model(inner.inputs, inner.get_layer(spec.layer).output)(prepared)
    return Backbone(name, keras.Model(pixels, grid, name=name), spec.geometry)


def _missing(name: str, spec: Spec) -> str:
    return (
        f"{name} needs its ImageNet weights ({spec.megabytes} MB), which are not on this machine. "
        f"Connect to the internet once, put {spec.weights} into {_cache()}, or choose 'compact', "
        "which needs no download."
    )


def _cache() -> Path:
    return Path(keras.config.keras_home()) / "models"


def _require_weights(name: str, spec: Spec) -> None:
    """Asks for one byte before keras.applications builds and downloads: seconds, not minutes."""
    if (_cache() / spec.weights).is_file():
        return
    try:
        urllib.request.urlopen(urllib.request.Request(STORE, method="HEAD"), timeout=5).close()
    except urllib.error.HTTPError:
        pass  # it answers: it is within reach
    except (OSError, ValueError) as error:
        raise BackboneError(_missing(name, spec)) from error
