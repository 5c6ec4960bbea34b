"""A training on many photos beside one on few: memory, time to its first batch, batches a second.

The data set is made up: empty photo files, five captions each, and a feature cache that takes no
space on the disk (a sparse file). Seconds are of the processor, user and system, of one process,
and of the clock only for batches trained on. Memory is private memory above that of Python alone:
pages of the cache are the system's.
"""

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.benchmarks.common import Row, Settings, in_new_process
from tests.benchmarks.memory import peak
from tests.support.process import private_memory

FEW, QUICK = 10_000, 300  # photos
CELLS, CHANNELS, CAPTIONS, BATCH_SIZE = 49, 320, 5, 128
TURNS, BATCHES, STEPS = 11, 60, 8  # batches read and trained on, of each data set in a turn


def measure(settings: Settings) -> list[Row]:
    """All for few photos and for `settings.photos`."""
    sizes = [QUICK // 3, QUICK] if settings.quick else [FEW, settings.photos]
    rows = []
    with TemporaryDirectory() as name:
        folders = [write(Path(name) / str(size), size) for size in sizes]
        for size, folder in zip(sizes, folders, strict=True):
            of = f"{size:,} photos"
            stages, most, growth = in_new_process(start, folder)
            rows += [Row(f"{of}: {stage}", "s", seconds) for stage, seconds in stages.items()]
            rows.append(Row(f"{of}: most memory of all this", "MB", most))
            rows.append(Row(f"{of}: growth over {BATCHES * TURNS} batches", "MB", growth))
        turns = 1 if settings.quick else TURNS
        read, trained = in_new_process(rates, folders, turns)
    for what, unit, (few, many) in (
        ("batches read", "per CPU second", read),
        ("batches trained on", "a second", trained),
    ):
        rows.append(Row(f"{sizes[0]:,} photos: {what}", unit, few))
        rows.append(Row(f"{sizes[1]:,} photos: {what}, beside few photos", unit, many, few, True))
    return rows


def write(folder: Path, count: int) -> Path:
    """A data set of `count` photos in the format of `tables`, and its features in `cache`."""
    rng = np.random.default_rng(0)
    words = [f"{'abcdefghij'[n % 10]}{'word' * (n % 3)}{n}" for n in range(10_000)]
    ranks = np.minimum(rng.zipf(1.3, 200_000) - 1, len(words) - 1)
    lengths = np.clip(rng.normal(11, 3, 20_000), 4, 40).astype(int)
    chosen = np.split(ranks, np.cumsum(lengths)[np.cumsum(lengths) < len(ranks)])
    texts = [" ".join(words[rank] for rank in some) + " ." for some in chosen]
    (folder / "Images").mkdir(parents=True)
    names = [f"{number:012}.jpg" for number in range(count)]
    with (folder / "captions.txt").open("w") as file:
        file.write("image,caption\n")
        for name in names:
            (folder / "Images" / name).touch()
            own = (texts[i] for i in rng.integers(len(texts), size=CAPTIONS))
            file.writelines(f"{name},{text}\n" for text in own)
    cache = folder / "cache"
    cache.mkdir()
    shape = (count, CELLS, CHANNELS)
    np.lib.format.open_memmap(cache / "features.npy", "w+", np.float16, shape)
    manifest = {"backbone": "none", "fingerprint": "", "mirrored": False, "crop": 0}
    manifest |= {"shape": shape, "photos": names, "done": count, "broken": []}
    (cache / "manifest.json").write_text(json.dumps(manifest))
    return folder


def start(folder: Path) -> tuple[dict[str, float], float, float]:
    """Seconds of each stage, the most megabytes meanwhile, and how many more after batches."""
    stages: dict[str, float] = {}
    memory: list[float] = []

    def run() -> Iterator[None]:
        for name, seconds in prepared(folder, memory):
            stages[name] = seconds
            yield

    most = peak(run())
    return stages, most, memory[-1] - memory[0]


def prepared(folder: Path, memory: list[float]) -> Iterator[tuple[str, float]]:
    """Stages of a training and their seconds; `memory` gets that before and after batches."""
    begun = time.process_time()

    def stage(name: str) -> tuple[str, float]:
        nonlocal begun
        before, begun = begun, time.process_time()
        return name, begun - before

    from captioner.data import datasets
    from captioner.data.cache.features import FeatureCache
    from captioner.data.photo_captions import NumberedCaptions
    from captioner.training.input.batches import CaptionBatches
    from captioner.training.input.training_data import split_captions
    from captioner.vocabulary import Vocabulary

    yield stage("import")
    dataset = datasets.read(folder)
    yield stage("read the data set")
    captions = NumberedCaptions(split_captions(dataset, "train"))
    words = Vocabulary.from_counts(captions.words.counts)
    yield stage("split captions and count words")
    caches = [FeatureCache(folder / "cache")]
    batches = CaptionBatches(captions, words, caches, BATCH_SIZE)
    next(batches.epoch(0))
    yield stage("from captions to the first batch")
    batches.count(1)
    yield stage("plan of another epoch")
    for number, _ in enumerate(itertools.islice(endless(batches), BATCHES * (TURNS + 1))):
        if number in (BATCHES, BATCHES * (TURNS + 1) - 1):
            memory.append(private_memory())
    yield stage(f"{BATCHES * (TURNS + 1)} batches")


def rates(folders: list[Path], turns: int) -> tuple[list[float], list[float]]:
    """Medians over turns, of each data set: batches read in a second of the processor, and batches
    trained on in a second of the clock, on the same words."""
    from captioner.data import datasets
    from captioner.data.cache.features import FeatureCache
    from captioner.decoder.designs import DecoderConfig
    from captioner.training import loop, training_model
    from captioner.training.input.batches import CaptionBatches
    from captioner.training.input.training_data import split_captions
    from captioner.training.machines import devices
    from captioner.training.settings import FitConfig
    from captioner.vocabulary import Vocabulary

    captions = [split_captions(datasets.read(folder), "train") for folder in folders]
    words = Vocabulary.from_captions(itertools.chain.from_iterable(captions[0].values()))
    config = FitConfig(batch_size=BATCH_SIZE)
    sources = [
        CaptionBatches(some, words, [FeatureCache(folder / "cache")], BATCH_SIZE)
        for some, folder in zip(captions, folders, strict=True)
    ]
    read = in_turns([endless(one) for one in sources], turns, BATCHES, time.process_time)

    sizes = DecoderConfig(len(words), CHANNELS, CELLS, **config.decoder)
    model = training_model.build(config, sizes, 1000, next(sources[0].epoch(0)))
    distribute = devices.default_device().distribute
    for source in sources:  # compiles
        for batch in {batch["tokens"].shape: batch for batch in first(source, 100)}.values():
            model.train_on_batch(distribute(batch))

    def steps(source: CaptionBatches) -> Iterator[None]:
        for batch in loop.prefetch(map(distribute, endless(source))):
            model.train_on_batch(batch)
            yield

    return read, in_turns([steps(one) for one in sources], turns, STEPS, time.perf_counter)


def in_turns(sources: list[Iterator], turns: int, count: int, clock) -> list[float]:
    """How many items a second each source yields, `count` in a turn; a first turn is not timed."""
    found: list[list[float]] = [[] for _ in sources]
    for _ in range(turns + 1):
        for source, speeds in zip(sources, found, strict=True):
            begun = clock()
            for _ in itertools.islice(source, count):
                pass
            speeds.append(count / max(clock() - begun, 1e-9))
    return [float(np.median(speeds[1:])) for speeds in found]


def first(batches, count: int) -> Iterator[dict]:
    return itertools.islice(batches.epoch(0), count)


def endless(batches) -> Iterator[dict]:
    """The batches of one epoch after the other."""
    return itertools.chain.from_iterable(map(batches.epoch, itertools.count()))
