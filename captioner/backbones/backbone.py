"""A backbone: network, preprocessing, input size and grid geometry in one object."""

import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from captioner.attention_maps import Geometry
from captioner.backbones import folding, inverted, residual
from captioner.backbones.inverted import InvertedConfig
from captioner.backbones.residual import ResidualConfig
from captioner.backbones.specs import BACKBONE_NAMES, SPECS, Spec
from captioner.photos import squashed

# Designs of the compact backbone. Checkpoints from before there were two name none: residual.
DESIGNS = {"residual": ResidualConfig, "inverted": InvertedConfig}
STORE = "https://storage.googleapis.com/tensorflow/"  # where keras.applications downloads from


class BackboneError(ValueError):
    """The backbone cannot be used; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Backbone:
    """A network from pixels (B, size, size, 3) in 0..255 to a grid (B, rows, cols, channels).

    Preprocessing is part of the network, so that training and app cannot differ in it.
    """

    name: str
    network: keras.Model
    geometry: Geometry
    config: ResidualConfig | InvertedConfig | None = None  # sizes of a compact backbone

    @property
    def channels(self) -> int:
        return self.network.outputs[0].shape[-1]

    def copy(self, policy: str = "float32", output_stride: int | None = None) -> "Backbone":
        """Rebuilds a compact backbone with the same weights.

        Args:
            policy: dtype policy of the copy.
            output_stride: 16 or 32; None keeps it.

        Raises:
            BackboneError: It is a backbone of keras.applications, which cannot be rebuilt.
        """
        if self.config is None:
            raise BackboneError(f"{self.name} cannot be rebuilt; only the compact backbone can.")
        config = replace(self.config, output_stride=output_stride or self.config.output_stride)
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            other = compact_backbone(config, self.geometry.size)
        finally:
            keras.config.set_dtype_policy(before)
        other.network.set_weights(self.network.get_weights())
        return replace(other, geometry=replace(other.geometry, first=self.geometry.first))

    def folded(self) -> "Backbone":
        """A faster copy with the same output for the present weights, only for `features`; see
        `folding`."""
        return replace(self, network=folding.folded(self.network), config=None)

    def pixels(self, photo) -> np.ndarray:
        """Squashes a whole photo, as `open_photo` takes it, to uint8 (size, size, 3).

        Raises:
            PhotoError: It is not a photo that can be read.
        """
        return squashed(photo, self.geometry.size)

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (B, size, size, 3) -> float32 (B, cells, channels), row by row."""
        grid = self.network.predict_on_batch(pixels)
        return np.asarray(grid, np.float32).reshape(len(pixels), self.geometry.cells, -1)


def compact_backbone(config: ResidualConfig | InvertedConfig, size: int = 224) -> Backbone:
    """A compact backbone with random weights, for photos of `size` x `size` pixels.

    Raises:
        ValueError: `size` is not a multiple of 32.
    """
    if size % 32:
        raise ValueError(f"the size must be a multiple of 32, not {size}")
    stride = config.output_stride
    cells = size // 32 if stride == 32 else size // 16 - 1
    design = inverted if isinstance(config, InvertedConfig) else residual
    geometry = Geometry(cells, cells, size, float(stride), design.FIRST_CENTRE)
    return Backbone("compact", design.build(config), geometry, config)


def keras_backbone(name: str, weights: str | None = "imagenet") -> Backbone:
    """A backbone of keras.applications; `weights=None` leaves its weights random.

    Raises:
        BackboneError: The name is unknown, or its ImageNet weights are neither on this machine
            nor can be downloaded. It is raised within seconds.
    """
    if name not in SPECS:
        raise unknown_backbone(name)
    spec = SPECS[name]
    if weights == "imagenet":
        _require_weights(name, spec)
    builder = getattr(keras.applications, spec.builder)
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
    output = inner.get_layer(spec.layer).output if spec.layer else inner.output
    grid = keras.Model(inner.inputs, output)(prepared)
    return Backbone(name, keras.Model(pixels, grid, name=name), spec.geometry)


def unknown_backbone(name: str) -> BackboneError:
    """The error for a name that is no backbone; it lists those that there are."""
    return BackboneError(f"There is no backbone '{name}'; choose {', '.join(BACKBONE_NAMES)}.")


def _missing(name: str, spec: Spec) -> str:
    return (
        f"{name} needs its ImageNet weights ({spec.megabytes} MB), which are not on this machine. "
        f"Connect to the internet once, put {spec.weights} into {_cache()}, or choose 'compact', "
        "which needs no download."
    )


def _cache() -> Path:
    return Path(keras.config.keras_home()) / "models"


def _require_weights(name: str, spec: Spec) -> None:
    """Fails within seconds, not minutes: contacts the server before Keras builds and downloads."""
    if (_cache() / spec.weights).is_file():
        return
    try:
        urllib.request.urlopen(urllib.request.Request(STORE, method="HEAD"), timeout=5).close()
    except urllib.error.HTTPError:
        pass  # the server answered
    except (OSError, ValueError) as error:
        raise BackboneError(_missing(name, spec)) from error
