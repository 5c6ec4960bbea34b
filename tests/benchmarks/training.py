"""Training: captions per second, reading the features included."""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tensorflow as tf

from captioner.model import DecoderConfig
from captioner.training import devices, teaching
from captioner.training.batches import STEP, CaptionBatches
from captioner.training.features import FeatureCache
from captioner.training.settings import FitConfig
from captioner.vocabulary import END, PAD, START, Vocabulary
from tests.benchmarks import tutorial
from tests.benchmarks.common import Row, Settings, write_arrays, write_cache

PHOTOS, ROUNDS, STEPS = 2000, 3, {"tutorial": 8, "ours": 40}
GRIDS = {"own": (49, 320), "same": (tutorial.CELLS, tutorial.CHANNELS)}

Step = Callable[[], int]  # takes one step, returns the captions it learnt from


def measure(settings: Settings) -> list[Row]:
    """Both on captions of real lengths: each on its own kind of features, ours on theirs too."""
    captions = settings.captions()
    some = dict(itertools.islice(captions.items(), PHOTOS))
    if settings.quick:  # short captions, so that the tutorial's loop is traced soon
        captions = some = {photo: ["a dog runs"] for photo in list(some)[:12]}
    with TemporaryDirectory() as folder:
        contestants = {
            "tutorial": tutorial_steps(some, captions, Path(folder)),
            **{
                name: our_steps(some, captions, Path(folder) / name, *GRIDS[name]) for name in GRIDS
            },
        }
        rates = {name: [] for name in contestants}
        for steps in contestants.values():
            next(steps)  # traces; not timed
        for _ in range(1 if settings.quick else ROUNDS):
            for name, steps in contestants.items():
                count = STEPS["tutorial" if name == "tutorial" else "ours"]
                rates[name].append(rate(steps, 1 if settings.quick else count))
    found = {name: statistics.median(values) for name, values in rates.items()}
    share = found["own"] * products_per_caption(captions, *GRIDS["own"])
    return [
        Row("training, share of it that plain matrix products need", "%", 100 * share),
    ] + [
        Row(what, "captions/s", found[name], found["tutorial"], more_is_better=True)
        for name, what in (
            ("own", "training, each on its own features"),
            ("same", "training, both on 64 x 2048 features"),
        )
    ]


def products_per_caption(captions, cells: int, channels: int) -> float:
    """Seconds that the matrix products of our training need for a caption, forwards and twice as
    many backwards, done by themselves in the same precision on a batch of usual shape."""
    config, words = FitConfig(), sum(len(t.split()) for some in captions.values() for t in some)
    count = sum(map(len, captions.values()))
    n, length = config.batch_size, -(-words // count // STEP + 1) * STEP
    photos = -(-n * 11 // 50)  # as CaptionBatches has them, with five captions each
    g, a, e, u = config.grid_units, config.attention, config.embedding, config.units
    known = len(Vocabulary.from_captions(itertools.chain(*captions.values()), config.min_count))
    once = [
        (photos * cells, channels, g),  # grid
        (photos * cells, g, a),  # keys
        (n * length, u + g, u),  # hidden layer
        (n * length, u, known),  # words
    ]
    each = [(n, u + e, a), (n * cells, a, 1), (n, e + g, 3 * u), (n, u, 3 * u), (n, cells, g)]
    dtype = tf.bfloat16 if devices.fast_bfloat16() else tf.float32
    seconds = sum(_product(*sizes, dtype) for sizes in once)
    seconds += length * sum(_product(*sizes, dtype) for sizes in each)
    return 3 * seconds / n


def _product(rows: int, inner: int, columns: int, dtype) -> float:
    """Median seconds of one product (rows, inner) x (inner, columns)."""
    one, other = tf.ones((rows, inner), dtype), tf.ones((inner, columns), dtype)
    product = tf.function(tf.matmul)
    product(one, other)
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        product(one, other).numpy()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def rate(steps: Iterator[int], count: int) -> float:
    """Captions per second over `count` steps."""
    begun = time.perf_counter()
    captions = sum(itertools.islice(steps, count))
    return captions / (time.perf_counter() - begun)


def tutorial_tokens(
    captions: dict[Path, list[str]], known: dict[Path, list[str]]
) -> tuple[list[str], np.ndarray]:
    """Names of the photos and tokens, a row per caption, padded to the longest known caption."""
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
    """The tutorial's training: yields the captions of each step; the first one traces."""
    names, tokens = tutorial_tokens(captions, known)
    files = write_arrays(
        folder / "arrays", [p.name for p in captions], tutorial.CELLS, tutorial.CHANNELS
    )
    training = tutorial.Training()
    batches = tutorial.read_batches([files[name] for name in names], tokens).repeat()
    for cells, words in batches:
        training.step(cells, words).numpy()
        yield len(words)


def our_steps(captions, known, folder: Path, cells: int, channels: int) -> Iterator[int]:
    """Our training: before its first yield it takes one step for each shape of batch."""
    config = FitConfig()
    words = Vocabulary.from_captions(itertools.chain(*known.values()), config.min_count)
    cache = FeatureCache(write_cache(folder, [p.name for p in captions], cells, channels))
    batches = CaptionBatches(captions, words, [cache], config.batch_size)
    sizes = DecoderConfig(
        len(words),
        channels,
        cells,
        config.grid_units,
        config.attention,
        config.embedding,
        config.units,
        config.dropout,
    )
    model = teaching.build(config, sizes, 1000, next(batches.epoch(0)))
    for batch in {batch["tokens"].shape: batch for batch in batches.epoch(0)}.values():
        model.train_on_batch(batch)
    yield 0
    for epoch in itertools.count(1):
        for batch in batches.epoch(epoch):
            model.train_on_batch(batch)
            yield int((batch["weights"] != 0).any(axis=1).sum())
