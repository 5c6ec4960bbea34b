"""Memory for reading features while training; Linux only.

Counts the private memory of a process. The pages of our memory-mapped cache are not private: the
system frees them as soon as another program needs memory.
"""

import itertools
import threading
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.common import Row, Settings, in_new_process, write_arrays, write_cache
from tests.support.process import private_memory

PHOTOS, BATCHES = 2000, 60


def measure(settings: Settings) -> list[Row]:
    """Peak megabytes above the memory before reading, each in a new process."""
    captions = settings.captions()
    some = dict(itertools.islice(captions.items(), 12 if settings.quick else PHOTOS))

    with TemporaryDirectory() as name:
        folder = Path(name)
        theirs = in_new_process(read_tutorial, some, captions, folder / "arrays")
        return [
            Row(
                "reading features, each its own",
                "MB",
                in_new_process(read_ours, some, captions, folder / "own", 49, 320),
                theirs,
            ),
            Row(
                "reading features, both 64 x 2048",
                "MB",
                in_new_process(read_ours, some, captions, folder / "same", 64, 2048),
                theirs,
            ),
        ]


def read_tutorial(captions, known, folder: Path) -> float:
    from tests.benchmarks import tutorial
    from tests.benchmarks.training import tutorial_tokens

    names, tokens = tutorial_tokens(captions, known)
    files = write_arrays(
        folder, [photo.name for photo in captions], tutorial.CELLS, tutorial.CHANNELS
    )
    return peak(tutorial.read_batches([files[name] for name in names], tokens))


def read_ours(captions, known, folder: Path, cells: int, channels: int) -> float:
    from captioner.data.cache.features import FeatureCache
    from captioner.training.input.batches import CaptionBatches
    from captioner.vocabulary import Vocabulary

    words = Vocabulary.from_captions(itertools.chain(*known.values()))
    names = [photo.name for photo in captions]
    cache = FeatureCache(write_cache(folder, names, cells, channels))
    return peak(CaptionBatches(captions, words, [cache]).epoch(0))


def peak(batches: Iterable) -> float:
    """Peak megabytes above the memory at the beginning; a thread samples it all the time."""
    before = most = private_memory()
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.005):
            most = max(most, private_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in itertools.islice(batches, BATCHES):
            most = max(most, private_memory())
    finally:
        done.set()
        watcher.join()
    return most - before
