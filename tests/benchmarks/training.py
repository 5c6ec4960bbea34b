"""Captions per second of training, including reading the features."""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tensorflow as tf

from captioner.attention_maps import Geometry
from captioner.data.boxes import Box
from captioner.data.cache.features import FeatureCache
from captioner.data.grounding import Grounding
from captioner.data.nouns import NOUNS
from captioner.decoder.designs import DecoderConfig
from captioner.training import training_model
from captioner.training.input.batches import CaptionBatches
from captioner.training.input.supervision import AttentionTargets
from captioner.training.machines import devices
from captioner.training.settings import FitConfig
from captioner.vocabulary import END, PAD, START, Vocabulary
from tests.benchmarks import tutorial
from tests.benchmarks.common import Row, Settings, write_arrays, write_cache

PHOTOS, ROUNDS, STEPS = 2000, 9, {"tutorial": 3, "ours": 14}
# As checkpoints/transformer.
TRANSFORMER = {
    **{"design": "transformer", "layers": 2, "heads": 4, "attention": 80},
    **{"units": 320, "embedding": 320},
}
GRIDS = {"own": (49, 320), "same": (tutorial.CELLS, tutorial.CHANNELS)}


def measure(settings: Settings) -> list[Row]:
    """Both sides on real captions, each on its own features, and ours on the tutorial's, too."""
    captions = settings.captions()
    some = dict(itertools.islice(captions.items(), PHOTOS))
    if settings.quick:  # short captions: the tutorial's loop is traced faster
        captions = some = {photo: ["a dog runs"] for photo in list(some)[:12]}
    with TemporaryDirectory() as folder:
        contestants = {
            "tutorial": tutorial_steps(some, captions, Path(folder)),
            **{
                name: our_steps(some, captions, Path(folder) / name, *GRIDS[name]) for name in GRIDS
            },
            "supervised": our_steps(some, captions, Path(folder) / "boxes", *GRIDS["own"], True),
            "transformer": our_steps(
                some, captions, Path(folder) / "heads", *GRIDS["own"], **TRANSFORMER
            ),
        }
        for steps in contestants.values():
            next(steps)  # traces the graph; not timed
        products = products_per_caption(captions, *GRIDS["own"])
        rates, shares = {name: [] for name in contestants}, []
        # Many short rounds, because the machine's speed varies.
        for _ in range(1 if settings.quick else ROUNDS):
            for name, steps in contestants.items():
                count = STEPS["tutorial" if name == "tutorial" else "ours"]
                rates[name].append(rate(steps, 1 if settings.quick else count))
            shares.append(rates["own"][-1] * next(products))
    found = {name: statistics.median(values) for name, values in rates.items()}
    share = 100 * statistics.median(shares)
    pairs = zip(rates["supervised"], rates["own"], strict=True)
    supervised = 100 * statistics.median(ours / plain for ours, plain in pairs)
    return [
        Row("training, share of it that plain matrix products need", "%", share),
        Row("training with attention supervision, share of the speed without", "%", supervised),
    ] + [
        Row(what, "captions/s", found[name], found["tutorial"], more_is_better=True)
        for name, what in (
            ("own", "training, each on its own features"),
            ("same", "training, both on 64 x 2048 features"),
            (
                "transformer",
                "training of a transformer, 2 layers of 4 heads, each on its own features",
            ),
        )
    ]


def products_per_caption(captions, cells: int, channels: int) -> Iterator[float]:
    """Seconds per caption of the matrix products of our training alone, forward and backward, in
    the same precision on a batch of typical shape. Yields a new measurement each time."""
    config, words = FitConfig(), sum(len(t.split()) for some in captions.values() for t in some)
    count = sum(map(len, captions.values()))
    n, length = config.batch_size, round(words / count) + 1  # with END
    photos = -(-n * 5 // 9)  # about as many as a batch of Flickr8k has
    g, a, e, u = config.grid_units, config.attention, config.embedding, config.units
    known = len(Vocabulary.from_captions(itertools.chain(*captions.values()), config.min_count))
    once = [
        _products(photos * cells, channels, g),  # grid
        _products(photos * cells, g, a),  # keys
        _products(n * length, u + g, u),  # hidden layer
        _products(n * length, u, known),  # words
    ]
    sizes = [(n, u + e, a), (n * cells, a, 1), (n, e + g, 3 * u), (n, u, 3 * u), (n, cells, g)]
    each = [_products(*one) for one in sizes]

    @tf.function
    def all_products():
        found, every = [products() for products in once], [products() for products in each]
        for _ in tf.range(1, length):
            every = [products() for products in each]
        return [one[0, 0] for one in tf.nest.flatten([found, every])]

    all_products()
    while True:
        begun = time.perf_counter()
        all_products()[-1].numpy()
        yield (time.perf_counter() - begun) / n


def _products(rows: int, inner: int, columns: int) -> Callable[[], tuple]:
    """A function that computes (rows, inner) @ (inner, columns) and the gradients of both."""
    dtype = tf.bfloat16 if devices.fast_bfloat16() else tf.float32
    one, other = tf.ones((rows, inner), dtype), tf.ones((inner, columns), dtype)
    above = tf.ones((rows, columns), dtype)
    return lambda: (
        tf.matmul(one, other),
        tf.matmul(above, other, transpose_b=True),
        tf.matmul(one, above, transpose_a=True),
    )


def rate(steps: Iterator[int], count: int) -> float:
    """Captions per second over `count` steps."""
    begun = time.perf_counter()
    captions = sum(itertools.islice(steps, count))
    return captions / (time.perf_counter() - begun)


def tutorial_tokens(
    captions: dict[Path, list[str]], known: dict[Path, list[str]]
) -> tuple[list[str], np.ndarray]:
    """Photo names and tokens, one row per caption, padded to the longest caption of `known`."""
    words = Vocabulary.from_captions(
        itertools.chain(*known.values()), min_count=1, max_size=tutorial.WORDS - 4
    )
    longest = max(len(words.encode(text)) for texts in known.values() for text in texts)
    names = [photo.name for photo, texts in captions.items() for _ in texts]
    tokens = np.full((len(names), longest + 1), PAD, np.int32)
    for row, text in zip(tokens, itertools.chain(*captions.values()), strict=True):
        ids = [START, *words.encode(text)]
        row[: len(ids)] = ids
    assert tokens.max() < tutorial.WORDS and (tokens == END).any(axis=1).all()
    return names, tokens


def tutorial_steps(captions, known, folder: Path) -> Iterator[int]:
    """The tutorial's training: yields the number of captions of each step; the first traces."""
    names, tokens = tutorial_tokens(captions, known)
    files = write_arrays(
        folder / "arrays", [p.name for p in captions], tutorial.CELLS, tutorial.CHANNELS
    )
    training = tutorial.Training()
    batches = tutorial.read_batches([files[name] for name in names], tokens).repeat()
    for cells, words in batches:
        training.step(cells, words).numpy()
        yield len(words)


def our_steps(
    captions,
    known,
    folder: Path,
    cells: int,
    channels: int,
    supervised: bool = False,
    **changes,
) -> Iterator[int]:
    """Our training: yields the number of captions of each step. Before the first yield it takes one
    step for each shape of batch. If `supervised`, every photo has boxes of two people and a dog.
    `changes` are of the settings."""
    config = FitConfig(attention_supervision=float(supervised), **changes)
    words = Vocabulary.from_captions(itertools.chain(*known.values()), config.min_count)
    cache = FeatureCache(write_cache(folder, [p.name for p in captions], cells, channels))
    targets = None
    if supervised:
        objects = [Box("person", 0.1, 0.1, 0.5, 0.9), Box("person", 0.4, 0.2, 0.8, 1)]
        objects.append(Box("dog", 0.5, 0.5, 0.9, 0.9))
        boxes = dict.fromkeys(captions, objects)
        known_of = Grounding(boxes, NOUNS, frozenset({"person", "dog"}), False)
        targets = AttentionTargets([known_of], words, Geometry(7, 7, 224, 32.0, 16.0))
    batches = CaptionBatches(captions, words, [cache], config.batch_size, attention_targets=targets)
    sizes = DecoderConfig(len(words), channels, cells, **config.decoder)
    model = training_model.build(config, sizes, 1000, next(batches.epoch(0)))
    distribute = devices.default_device().distribute
    for batch in {batch["tokens"].shape: batch for batch in batches.epoch(0)}.values():
        model.train_on_batch(distribute(batch))
    yield 0
    for epoch in itertools.count(1):
        for batch in map(distribute, batches.epoch(epoch)):
            model.train_on_batch(batch)
            yield int(batch["weights"].any(axis=1).sum())
