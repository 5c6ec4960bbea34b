"""Small things to test with: a network, a decoder, a vocabulary, drawn photos, a data folder."""

import contextlib
import resource
from pathlib import Path

import keras
import numpy as np
from PIL import Image, ImageDraw

from captioner import Beam, Captioner, Greedy, checkpoints
from captioner.backbones.backbone import Backbone, compact_backbone
from captioner.backbones.inverted import InvertedConfig
from captioner.backbones.residual import ResidualConfig
from captioner.decoder import architectures, model
from captioner.decoder.designs import DecoderConfig
from captioner.vocabulary import Vocabulary

SIZES = ResidualConfig(widths=(4, 4, 8, 8), depths=(1, 1, 1, 1))
INVERTED = InvertedConfig(widths=(4, 4, 4, 6, 6, 8, 8), depths=(1, 2, 1, 1, 1, 1, 1))
TRANSFORMER = {"design": "transformer", "embedding": 7}  # as large as the tiny decoder's layers
SIZE = 64  # pixels; the grid has 2 x 2 cells
WORDS = ("a", "red", "green", "blue", "yellow", "square", "disc", "on", "white", "black")
COLOURS = {"red": (220, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 220)}
GROUNDS = {"white": (245, 245, 245), "black": (10, 10, 10), "yellow": (240, 220, 60)}


def vocabulary() -> Vocabulary:
    return Vocabulary(WORDS)


def backbone(seed: int = 0, size: int = SIZE, output_stride: int = 32) -> Backbone:
    """A compact backbone of few channels with random weights, the same for the same seed."""
    keras.utils.set_random_seed(seed)
    sizes = ResidualConfig(SIZES.widths, SIZES.depths, output_stride)
    return compact_backbone(sizes, size)


def inverted(seed: int = 0, size: int = SIZE, output_stride: int = 32) -> Backbone:
    """The same of the inverted design."""
    keras.utils.set_random_seed(seed)
    sizes = InvertedConfig(INVERTED.widths, INVERTED.depths, output_stride)
    built = compact_backbone(sizes, size)
    # As after a training: batch norm has measured what comes to it, so that nothing dies out.
    rng = np.random.default_rng(seed)
    weights = [
        abs(rng.normal(0.1, 0.05, w.shape)) if "variance" in w.path else w
        for w in built.network.weights
    ]
    built.network.set_weights(weights)
    return built


def decoder(cells: int = 4, channels: int = 8, seed: int = 1, **sizes) -> model.Decoder:
    """A decoder of few units whose weights are large enough for words and maps to differ."""
    keras.utils.set_random_seed(seed)
    small = {"grid_units": 6, "attention": 5, "embedding": 4, "units": 7}
    known = {"vocabulary": len(vocabulary()), "channels": channels, "cells": cells}
    built = architectures.build(DecoderConfig(**(known | small | sizes)))
    rng = np.random.default_rng(seed)
    # Not below 0 where they are a variance, as batch norm's are.
    weights = [rng.normal(0, 0.8, w.shape).astype(np.float32) for w in built.weights]
    positive = ["variance" in w.path for w in built.weights]
    built.set_weights([abs(w) if p else w for w, p in zip(weights, positive, strict=True)])
    for layer in built.energy_layers():
        layer.set_weights([4 * weights for weights in layer.get_weights()])
    return built


def grids(photos: int, cells: int = 4, channels: int = 8, seed: int = 2) -> np.ndarray:
    """Random features (P, L, D), float32 and not below 0, as after a ReLU."""
    values = np.random.default_rng(seed).normal(0, 1, (photos, cells, channels))
    return np.maximum(values, 0).astype(np.float32)


def checkpoint(
    seed: int = 0, size: int = SIZE, output_stride: int = 32, **sizes
) -> checkpoints.Checkpoint:
    """A whole captioner with random weights; `sizes` are of its decoder."""
    network = backbone(seed, size, output_stride)
    words = decoder(network.geometry.cells, network.channels, seed + 1, **sizes)
    return checkpoints.Checkpoint(network, words, vocabulary(), {})


def drawn(
    colour: str, shape: str, ground: str, size: tuple[int, int] = (80, 60), place=(0.5, 0.5)
) -> Image.Image:
    """A photo of a coloured square or disc at `place` (shares of width and height)."""
    width, height = size
    photo = Image.new("RGB", size, GROUNDS[ground])
    x, y, radius = place[0] * width, place[1] * height, min(size) / 4
    draw = ImageDraw.Draw(photo)
    figure = draw.ellipse if shape == "disc" else draw.rectangle
    figure((x - radius, y - radius, x + radius, y + radius), COLOURS[colour])
    return photo


def photo_files(folder: Path) -> dict[Path, str]:
    """Draws 18 photos, every colour, shape and ground; returns the caption of each.

    All captions have 5 words: where batches are full, a training compiles one step.
    """
    folder.mkdir(parents=True, exist_ok=True)
    captions = {}
    for colour in COLOURS:
        for ground in GROUNDS:
            for shape in ("square", "disc"):
                path = folder / f"{colour}_{shape}_{ground}.png"
                drawn(colour, shape, ground).save(path)
                captions[path] = f"a {colour} {shape} on {ground}"
    return captions


def data_folder(folder: Path) -> Path:
    """A data set laid out as Flickr8k is: 12 photos for training, 6 for dev, 2 captions each."""
    captions = photo_files(folder / "Images")
    lines = [f"{path.name}#{n}\t{text} .\n" for path, text in captions.items() for n in range(2)]
    (folder / "Flickr8k.token.txt").write_text("".join(lines))
    names = [path.name for path in captions]
    splits = {"train": [n for i, n in enumerate(names) if i % 3], "dev": names[::3]}
    for split, listed in splits.items():
        (folder / f"Flickr_8k.{split}Images.txt").write_text("\n".join(listed) + "\n")
    return folder


def answers(folder: Path | str) -> dict[str, np.ndarray]:
    """What the checkpoint in `folder` says of fixed inputs, on whatever backend runs."""
    loaded = checkpoints.load(folder)
    rng = np.random.default_rng(5)
    cells, channels = loaded.backbone.geometry.cells, loaded.backbone.channels
    tokens = rng.integers(4, len(loaded.vocabulary), (5, 9)).astype(np.int32)
    photo = np.array([0, 2, 1, 2, 0], np.int32)
    taught = loaded.decoder({"grid": grids(3, cells, channels), "photo": photo, "tokens": tokens})
    size = loaded.backbone.geometry.size
    pixels = rng.integers(0, 256, (2, size, size, 3)).astype(np.uint8)
    said = [Captioner(loaded).caption(pixels[0], sampler) for sampler in (Greedy(), Beam(3))]
    return {
        "logits": keras.ops.convert_to_numpy(taught["logits"]),
        "attention": keras.ops.convert_to_numpy(taught["attention"]),
        "features": loaded.backbone.features(pixels),
        "maps": np.concatenate([caption.maps for caption in said]),
        "probabilities": np.array([w.probability for caption in said for w in caption.words]),
        "texts": np.array([caption.text for caption in said]),
    }


@contextlib.contextmanager
def full_disk(room: int = 0):
    """No file can grow past `room` bytes, as on a disk that has no more."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
