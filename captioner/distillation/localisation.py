"""Trains the cells of a compact backbone to know what lies in them.

A backbone that was distilled from a classifier knows what is in a photo better than where. Here
two heads of 1x1 convolutions read its grid; they are trained with it and dropped at the end:

objects    which categories cover a cell, known from boxes;
words      which words the photo's captions use. Where is unknown: a photo has a word if one of its
           cells has it, the noisy-OR of Fang et al. (2015, arXiv:1411.4952).
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from captioner import checkpoints
from captioner.attention_maps import Geometry
from captioner.backbones.backbone import Backbone
from captioner.backbones.inverted import InvertedConfig
from captioner.data import boxes, datasets, grounding
from captioner.data.augmentation import random_crop
from captioner.data.boxes import Box, Part
from captioner.data.cache.photo_store import PhotoStore
from captioner.distillation import receptive_field
from captioner.distillation.crop_batches import photo_numbers, prefetched
from captioner.distillation.distill import NO_DECAY
from captioner.distillation.distiller import DEVIATION
from captioner.files import write_text
from captioner.training import loop, optimizers
from captioner.training.machines import devices
from captioner.training.runs.journal import Journal
from captioner.training.settings import LocalisationConfig
from captioner.vocabulary import standardise

MEASURED_ON = 512  # photos, for the statistics of the result's grid
RAREST, COMMONEST = 40, 0.3  # words of the head: photos that use them at least; share at most
OBJECTS_WEIGHT = 20.0  # makes the two losses equally large


class Localiser(keras.Model):
    """A backbone's network with the two heads; its batch norms keep their statistics."""

    def __init__(self, network: keras.Model, categories: int, shares: np.ndarray, cells: int):
        """`shares` (W,) of the photos use each word, above 0 and below 1; `cells` of a grid."""
        super().__init__()
        self.network, self.categories = network, categories
        # At the start the heads predict each word's share of the photos, and few objects.
        words = np.log(np.expm1(-np.log1p(-shares) / cells))
        bias = np.concatenate([np.full(categories, -4.0), words])
        self.heads = layers.Conv2D(
            len(bias),
            1,
            bias_initializer=lambda shape, dtype=None: ops.cast(bias, dtype or "float32"),
            dtype="float32",
            name="heads",
        )
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.objects_tracker = keras.metrics.Mean(name="objects")
        self.words_tracker = keras.metrics.Mean(name="words")

    def call(self, inputs, training=False):
        """`pixels` (B, S, S, 3) -> logits of each cell's categories and words (B, L, C + W)."""
        grid = ops.cast(self.network(inputs["pixels"], training=False), "float32")
        logits = self.heads(grid / DEVIATION)  # heads learn faster from a deviation of 1
        return ops.reshape(logits, (ops.shape(grid)[0], -1, logits.shape[-1]))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Cross-entropy of all categories of a cell, and of all words of a photo.

        `x` holds `objects` (B, L, C), the share of each cell that a category covers, and `words`
        (B, W), 1 or 0.
        """
        object_logits, word_logits = y_pred[..., : self.categories], y_pred[..., self.categories :]
        covered = ops.cast(x["objects"], "float32")
        objects = ops.mean(ops.sum(ops.softplus(object_logits) - covered * object_logits, axis=-1))
        used = ops.cast(x["words"], "float32")
        # -log P(no cell has the word)
        absent = ops.maximum(ops.sum(ops.softplus(word_logits), axis=1), 1e-6)
        words = -used * ops.log(-ops.expm1(-absent)) + (1 - used) * absent
        words = ops.mean(ops.sum(words, axis=-1))
        loss = words + OBJECTS_WEIGHT * objects
        self.loss_tracker.update_state(loss)
        self.objects_tracker.update_state(objects)
        self.words_tracker.update_state(words)
        return loss


class Labels:
    """The objects in photos, and the words of their captions."""

    def __init__(self, folders: Sequence[Path]):
        """Reads the train splits of data sets. Raises DatasetError as `datasets.read` does."""
        self.objects: dict[Path, Sequence[Box]] = {}
        texts: dict[Path, list[str]] = {}
        for folder, dataset in datasets.read_all(folders).items():
            self.objects |= grounding.read(folder, dataset, "train").boxes
            texts |= {photo: dataset.captions[photo] for photo in dataset.split("train")}
        self.photos = list(texts)
        used = {
            photo: {word for text in some for word in standardise(text)}
            for photo, some in texts.items()
        }
        counts = Counter(word for words in used.values() for word in words)
        most = COMMONEST * len(used)
        self.words = sorted(word for word, count in counts.items() if RAREST <= count <= most)
        self.shares = np.array([counts[word] / len(used) for word in self.words])
        numbers = {word: i for i, word in enumerate(self.words)}
        self._used = {p: [numbers[w] for w in words if w in numbers] for p, words in used.items()}
        self.categories = sorted({box.category for some in self.objects.values() for box in some})

    def targets(self, photo: Path, geometry: Geometry, part: Part, mirrored: bool) -> tuple:
        """(objects, words) of a part of a photo: the share of each cell that a category covers
        (L, C), float16, and whether the captions use a word (W,), uint8."""
        objects = np.zeros((geometry.cells, len(self.categories)), np.float16)
        visible = [box.within(part, mirrored) for box in self.objects.get(photo, ())]
        for category in {box.category for box in visible}:
            same = [box for box in visible if box.category == category]
            objects[:, self.categories.index(category)] = boxes.coverage(same, geometry)
        words = np.zeros(len(self.words), np.uint8)
        words[self._used[photo]] = 1
        return objects, words


def _geometry(size: int, backbone: Backbone) -> Geometry:
    """Cells that divide a photo of `size` pixels evenly, as they are trained to."""
    stride = backbone.geometry.stride
    cells = int(size // stride)
    return Geometry(cells, cells, size, stride, stride / 2)


def _batches(
    store: PhotoStore, labels: Labels, backbone: Backbone, config: LocalisationConfig, start: int
) -> Iterator[dict[str, np.ndarray]]:
    """Batches of `pixels`, `objects` and `words` from step `start` on, the same for each step."""

    def make(step: int) -> dict[str, np.ndarray]:
        rng = np.random.default_rng((config.seed, step))
        size, min_area = config.at(step)
        geometry = _geometry(size, backbone)
        made = []
        for i in photo_numbers(len(store), step, config.batch_size, config.seed):
            photo = store.pixels[i]
            pixels, box, mirrored = random_crop(photo, rng, size, min_area)
            part = Part.of(box, len(photo))
            made.append((pixels, *labels.targets(store.files[i], geometry, part, mirrored)))
        pixels, objects, words = (np.stack(some) for some in zip(*made, strict=True))
        return {"pixels": pixels, "objects": objects, "words": words}

    return prefetched(make, start)


def standardised(backbone: Backbone, pixels: np.ndarray) -> Backbone:
    """A copy of a backbone of the inverted design, each channel of whose grid has mean 0 and
    deviation DEVIATION on these photos, uint8 (B, size, size, 3)."""
    result = backbone.copy()
    grid = np.concatenate(
        [result.features(pixels[i : i + 32]) for i in range(0, len(pixels), 32)]
    ).reshape(-1, result.channels)
    mean, deviation = grid.mean(axis=0), grid.std(axis=0) + 1e-6
    last = result.network.get_layer(result.config.blocks[-1])  # batch norm, the last layer
    gamma, beta, *statistics = last.get_weights()
    factor = DEVIATION / deviation
    last.set_weights([gamma * factor, (beta - mean) * factor, *statistics])
    return result


def localise(
    folders: Sequence[Path],
    start: Backbone,
    out: Path,
    config: LocalisationConfig = LocalisationConfig(),
    record: dict | None = None,
    before: dict | None = None,
    journal: Journal | None = None,
) -> Path:
    """Trains until `config.steps`, or resumes the training in `out`.

    Args:
        folders: Data sets, of which the train splits are used.
        start: A compact backbone of the inverted design.
        out: Gets `photos.npy`, the files of the journal, every `save_every` steps `state.npz` and,
            at the end, `backbone/`.
        record: How the backbone is made; goes into its config.json.
        before: How `start` was made; goes there, too.

    Returns:
        The folder of the backbone, for `checkpoints.find_backbone`.

    Raises:
        Stopped: The journal was asked to stop.
        DatasetError: The data have no captions.
        ValueError: `start` is of another design.
    """
    if not isinstance(start.config, InvertedConfig):
        raise ValueError("Only a compact backbone of the inverted design can be localised.")
    journal = journal or Journal(out)
    journal.stage("reading the data")
    labels = Labels([Path(folder) for folder in folders])
    store = PhotoStore(out, labels.photos, start.geometry.size)
    journal.report(
        f"{len(store)} photos, {len(store.skipped)} unreadable; {len(labels.words)} words, "
        f"{len(labels.categories)} categories"
    )
    keras.utils.set_random_seed(config.seed)
    network = start.copy(devices.policy(config.mixed)).network
    _freeze(network, start.config.blocks[: config.frozen])
    cells = _geometry(start.geometry.size, start).cells
    model = Localiser(network, len(labels.categories), labels.shares, cells)
    optimizer = optimizers.AdamW(
        config.peak_rate, config.steps, config.warmup, config.weight_decay, no_decay=NO_DECAY
    )
    optimizers.compile_model(model, optimizer, next(_batches(store, labels, start, config, 0)))
    step = (loop.load_state(out, model) or {"step": 0})["step"]
    journal.rewind(step)
    write_text(out / "config.json", json.dumps(asdict(config), indent=2))

    def save(step: int) -> None:
        loop.save_state(out, model, {"step": step})

    save_every, per_step = config.save_every, config.batch_size
    steps = loop.Loop(model, journal, config.steps, save, save_every, "photos", per_step)
    steps.begin(step, "localising")
    steps.run(_batches(store, labels, start, config, step), step, config.steps)
    save(config.steps)
    result = start.copy()
    result.network.set_weights(network.get_weights())
    some = store.pixels[:: max(1, len(store) // MEASURED_ON)][:MEASURED_ON]
    even = replace(start.geometry, first=start.geometry.stride / 2)
    result = receptive_field.measured(
        replace(standardised(result, some), geometry=even), some[::32]
    )
    made = {"photos": len(store), "settings": asdict(config), **(record or {})}
    checkpoints.save_backbone(out / "backbone", result, {**(before or {}), "localisation": made})
    journal.end("finished")
    return out / "backbone"


def _freeze(network: keras.Model, blocks: Sequence[str]) -> None:
    """Freezes the layers up to the last of `blocks`: their features are general, and most of a
    step's time would be spent on them."""
    for layer in network.layers if blocks else ():
        layer.trainable = False
        if layer.name == blocks[-1]:
            break
