"""Features: their size on disk, how fast they are computed, how fast they are read."""

import itertools
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from captioner import scenes
from captioner.backbones.backbone import Backbone, compact_backbone, keras_backbone
from captioner.backbones.inverted import InvertedConfig
from captioner.data.cache import features
from captioner.data.cache.features import FeatureCache
from tests.benchmarks import tutorial
from tests.benchmarks.common import Row, Settings, photos, write_arrays, write_cache

PHOTOS, BATCH_SIZE = 512, 16
QUICK_PHOTOS, QUICK_BATCH_SIZE = 10, 4
ARRAYS, BATCH, TIMES = 512, 64, 30  # reading: photos, photos a batch, batches
OURS = {"each its own features": (49, 320), "both InceptionV3's": (64, 2048)}


def measure(settings: Settings) -> list[Row]:
    """Measures all for our own features and for InceptionV3's grid."""
    config = InvertedConfig(depths=(1,) * 7) if settings.quick else InvertedConfig()
    networks = {"each its own features": compact_backbone(config)}
    if not settings.quick:  # building this network is slow
        networks["both InceptionV3's"] = keras_backbone("inceptionv3", weights=None)
    count = QUICK_PHOTOS if settings.quick else PHOTOS
    batch_size = QUICK_BATCH_SIZE if settings.quick else BATCH_SIZE
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        files = photos(folder / "photos", count)
        pairs = {what: (one, one.folded()) for what, one in networks.items()}
        made = [
            caching(what, files, *pair, folder / what, batch_size) for what, pair in pairs.items()
        ]
        scenes.write(folder / "scenes", count)
        drawn = sorted((folder / "scenes" / "images").iterdir())
        own = pairs["each its own features"]
        _, of_scenes = caching("scenes", drawn, *own, folder / "of scenes", batch_size)
    sizes, speeds = zip(*made, strict=True)
    return [
        *sizes,
        *itertools.chain(*speeds, of_scenes),
        *reading(12 if settings.quick else ARRAYS),
    ]


def caching(
    what: str,
    files: list[Path],
    network: Backbone,
    folded: Backbone,
    out: Path,
    batch_size: int,
) -> tuple[Row, tuple[Row, Row]]:
    """Kilobytes per photo on disk, and the share of the caching time that the network itself
    takes, as built and folded.

    Caching is timed from photo files to the cache, the network on pixels in memory. The first
    batch, which compiles, is not timed.
    """
    pixels = np.stack([network.pixels(file) for file in files[:batch_size]])
    before = [_encoding_time(one, pixels, len(files)) for one in (network, folded)]
    marks = []
    features.cache(
        files,
        network,
        out,
        batch_size=batch_size,
        report=lambda done, _: marks.append((time.perf_counter(), done)),
        folded=lambda: folded,
    )
    (begun, first), (ended, last) = marks[0], marks[-1]
    cached = (ended - begun) / (last - first)
    after = [_encoding_time(one, pixels, len(files)) for one in (network, folded)]

    array = np.zeros((tutorial.CELLS, tutorial.CHANNELS), np.float32)
    np.save(out / "tutorial", array)
    theirs = (out / "tutorial.npy").stat().st_size
    written = sum((out / name).stat().st_size for name in (features.ARRAY, features.MANIFEST))
    of = f"{network.name}, {' x '.join(map(str, Image.open(files[0]).size))} pixels"
    size = Row(f"cache, {what}", "KB/photo", written / len(files) / 1000, theirs / 1000)
    share, share_folded = 100 * np.mean([before, after], axis=0) / cached
    return size, (
        Row(f"caching, share of the bare network, {of}", "%", float(share)),
        Row(f"caching, share of the same folded, {of}", "%", float(share_folded)),
    )


def _encoding_time(network: Backbone, pixels: np.ndarray, count: int) -> float:
    """Seconds per photo over `count` / 2 photos, batch after batch."""
    network.features(pixels)
    batches = -(-count // (2 * len(pixels)))
    begun = time.perf_counter()
    for _ in range(batches):
        network.features(pixels)
    return (time.perf_counter() - begun) / (batches * len(pixels))


def reading(count: int) -> list[Row]:
    """Milliseconds to read a random batch: one `.npy` per photo against rows of a cache, as
    `CaptionBatches` reads them. The files are in the system's page cache."""
    names = [f"{number:04}.jpg" for number in range(count)]
    rng = np.random.default_rng(0)
    batches = [rng.choice(names, min(BATCH, count), replace=False) for _ in range(TIMES)]
    rows = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        arrays = write_arrays(folder / "arrays", names, tutorial.CELLS, tutorial.CHANNELS)
        theirs = _milliseconds(
            lambda batch: np.stack([np.load(arrays[photo]) for photo in batch]), batches
        )
        for number, (what, (cells, channels)) in enumerate(OURS.items()):
            cache = FeatureCache(write_cache(folder / str(number), names, cells, channels))
            grid = np.empty((len(batches[0]), cells, channels), np.float16)

            def gather(batch, cache=cache, grid=grid) -> None:
                for slot, row in enumerate(sorted(cache.row(photo) for photo in batch)):
                    grid[slot] = cache.array[row]

            ours = _milliseconds(gather, batches)
            rows.append(Row(f"reading a batch, {what}", "ms", ours, theirs))
    return rows


def _milliseconds(read, batches) -> float:
    """Median milliseconds per batch; a first pass over all batches is not timed."""
    times = []
    for batch in [*batches, *batches]:
        begun = time.perf_counter()
        read(batch)
        times.append(time.perf_counter() - begun)
    return 1000 * float(np.median(times[len(batches) :]))
