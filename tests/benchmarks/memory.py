"""How much memory the reading of features takes while training; Linux only.

Counted is the memory that a process has to itself. Pages of our memory-mapped cache are the
system's: it gives them up as soon as anyone needs the room.
"""

import itertools
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.common import Row, Settings, alone, write_arrays, write_cache

PHOTOS, BATCHES = 2000, 60
STATUS = Path("/proc/self/status")


def measure(settings: Settings) -> list[Row]:
    """Peak megabytes above what was held before, each in a process of its own."""
    captions = settings.captions()
    some = dict(itertools.islice(captions.items(), 12 if settings.quick else PHOTOS))

    with TemporaryDirectory() as name:
        folder = Path(name)
        theirs = alone(read_as_the_tutorial, some, captions, folder / "arrays")
        return [
            Row(
                "reading features, each its own",
                "MB",
                alone(read_as_we_do, some, captions, folder / "own", 49, 320),
                theirs,
            ),
            Row(
                "reading features, both 64 x 2048",
                "MB",
                alone(read_as_we_do, some, captions, folder / "same", 64, 2048),
                theirs,
            ),
        ]


def read_as_the_tutorial(captions, known, folder: Path) -> float:
    from tests.benchmarks import tutorial
    from tests.benchmarks.training import tutorial_tokens

    names, tokens = tutorial_tokens(captions, known)
    files = write_arrays(
        folder, [photo.name for photo in captions], tutorial.CELLS, tutorial.CHANNELS
    )
    return peak(tutorial.read_batches([files[name] for name in names], tokens))


def read_as_we_do(captions, known, folder: Path, cells: int, channels: int) -> float:
    from captioner.data.features import FeatureCache
    from captioner.training.batches import CaptionBatches
    from captioner.vocabulary import Vocabulary

    words = Vocabulary.from_captions(itertools.chain(*known.values()))
    names = [photo.name for photo in captions]
    cache = FeatureCache(write_cache(folder, names, cells, channels))
    return peak(CaptionBatches(captions, words, [cache]).epoch(0))


def peak(batches: Iterable) -> float:
    """Megabytes, at the most, above those held when the reading began; watched all the time."""
    begun = most = held()
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.005):
            most = max(most, held())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in itertools.islice(batches, BATCHES):
            most = max(most, held())
    finally:
        done.set()
        watcher.join()
    return most - begun


def held() -> float:
    """Megabytes that this process has to itself now."""
    return int(re.search(r"RssAnon:\s+(\d+) kB", STATUS.read_text())[1]) / 1000
