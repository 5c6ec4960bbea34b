"""Loss per word on held-out photos after the same epochs, and the speed of training."""

import itertools
import math
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tensorflow as tf

from captioner import checkpoints
from captioner.data.cache import features
from captioner.data.cache.features import FeatureCache
from captioner.decoder.designs import DecoderConfig
from captioner.training import loop, training_model
from captioner.training.input.batches import CaptionBatches
from captioner.training.machines import devices
from captioner.training.settings import FitConfig
from captioner.training.validation import validation_loss
from captioner.vocabulary import END, PAD, START, Vocabulary
from tests.benchmarks import tutorial
from tests.benchmarks.common import Row, Settings

PHOTOS, HELD_OUT, EPOCHS = 1000, 200, 2


def measure(settings: Settings) -> list[Row]:
    """Trains both sides on the same features, photos and words for the same number of epochs."""
    captions = settings.captions()
    photos = list(captions)[: PHOTOS + HELD_OUT]
    if settings.quick:
        photos = photos[:12]
    cut = max(1, len(photos) * HELD_OUT // (PHOTOS + HELD_OUT))
    held_out = {photo: captions[photo] for photo in photos[:cut]}
    train = {photo: captions[photo] for photo in photos[cut:]}
    words = Vocabulary.from_captions(itertools.chain(*train.values()), 1 if settings.quick else 5)
    with TemporaryDirectory() as folder:
        cache = features.cache(
            sorted(photos), checkpoints.find_backbone("compact"), Path(folder) / "cache"
        )
        epochs = 1 if settings.quick else EPOCHS
        ours = our_loss(cache, train, held_out, words, epochs)
        theirs = tutorial_loss(cache, train, held_out, words, epochs, Path(folder))
    return [
        Row(f"loss per word after {epochs} epochs, equal settings", "nats", ours[0], theirs[0]),
        Row("the last of these epochs", "captions/s", ours[1], theirs[1], more_is_better=True),
    ]


def our_loss(cache: FeatureCache, train, held_out, words: Vocabulary, epochs: int):
    """Trains as `fit` does, with the tutorial's settings.

    Returns:
        Mean loss per held-out word, and captions per second of the last epoch.
    """
    plain = {"dropout": 0.0, "label_smoothing": 0.0, "schedule": "constant"}
    config = FitConfig(epochs=epochs, batch_size=tutorial.BATCH, **plain)
    batches = CaptionBatches(train, words, [cache], config.batch_size)
    _, cells, channels = cache.array.shape
    sizes = DecoderConfig(len(words), channels, cells, dropout=config.dropout)
    counts = [batches.count(epoch) for epoch in range(epochs)]
    model = training_model.build(config, sizes, sum(counts), next(batches.epoch(0)))
    for epoch in range(epochs):
        begun = time.perf_counter()
        for batch in loop.prefetch(map(devices.default_device().distribute, batches.epoch(epoch))):
            model.train_on_batch(batch)
    rate = sum(map(len, train.values())) / (time.perf_counter() - begun)
    held_out_batches = CaptionBatches(held_out, words, [cache], config.batch_size)
    return validation_loss(model, held_out_batches), rate


def tutorial_loss(cache, train, held_out, words: Vocabulary, epochs: int, folder: Path):
    """Trains as the tutorial does; returns the same two numbers."""
    training = tutorial.Training()
    names, tokens = _tokens(train, words)
    arrays = {}
    for name in dict.fromkeys(names):
        arrays[name] = folder / f"{name}.npy"
        np.save(arrays[name], cache.array[cache.row(name)].astype(np.float32))
    for _ in range(epochs):
        begun = time.perf_counter()
        for cells, some in tutorial.read_batches([arrays[name] for name in names], tokens):
            if len(some) == min(tutorial.BATCH, len(tokens)):  # another size would be traced again
                training.step(cells, some).numpy()
    rate = len(tokens) / (time.perf_counter() - begun)
    names, tokens = _tokens(held_out, words)
    total, count = 0.0, 0
    for first in range(0, len(names), tutorial.BATCH):
        some = tokens[first : first + tutorial.BATCH]
        cells = np.stack([cache.array[cache.row(n)] for n in names[first : first + len(some)]])
        total += _summed(training, tf.constant(cells, tf.float32), some)
        count += int((some[:, 1:] != tutorial.PAD).sum())
    return total / count, rate


def _tokens(captions, words: Vocabulary) -> tuple[list[str], np.ndarray]:
    encoded = [(p.name, words.encode(text)) for p, texts in captions.items() for text in texts]
    longest = max(len(ids) for _, ids in encoded)
    tokens = np.full((len(encoded), longest + 1), tutorial.PAD, np.int32)
    for row, (_, ids) in zip(tokens, encoded, strict=True):
        row[: len(ids) + 1] = [START, *ids]
    assert END in tokens and (PAD, START) == (tutorial.PAD, tutorial.START)
    return [name for name, _ in encoded], tokens


def _summed(training: tutorial.Training, cells, tokens: np.ndarray) -> float:
    """Sum of the losses over all words of a batch."""
    encoded, state = training.encoder(cells), tf.zeros((len(tokens), tutorial.UNITS))
    total = 0.0
    for number in range(1, tokens.shape[1]):
        logits, state, _ = training.decoder(tokens[:, number - 1 : number], encoded, state)
        valid = tokens[:, number] != tutorial.PAD
        if valid.any():
            losses = training.loss(tokens[:, number], logits).numpy()
            total += math.fsum(losses[valid].astype(float))
    return total
