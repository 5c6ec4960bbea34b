"""What-ifs on a photo that is already encoded: other words, covered cells, occlusion."""

import statistics
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from captioner import Captioner
from tests.benchmarks.common import Row, Settings, photos

PHOTOS, WARM_UP = 20, 2


def measure(settings: Settings) -> list[Row]:
    """Median milliseconds over several photos, after a warm-up."""
    captioner = Captioner.load(settings.checkpoint)
    middle = np.zeros((captioner.geometry.rows, captioner.geometry.cols), bool)
    middle[tuple(slice(side // 3, side - side // 3) for side in middle.shape)] = True
    times: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        for photo in photos(Path(folder), 2 if settings.quick else PHOTOS + WARM_UP):
            pixels = captioner.pixels(photo)
            words = captioner.caption(pixels).text.split()
            queries = {
                "what-if, two words given": partial(captioner.caption, pixels, prefix=words[:2]),
                "what-if, the middle covered": partial(captioner.caption, pixels, covered=middle),
                "cause of every word": partial(captioner.occlusion, pixels, words),
            }
            for name, query in queries.items():
                begun = time.perf_counter()
                query()
                times.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
    warm = 1 if settings.quick else WARM_UP
    return [Row(name, "ms", statistics.median(values[warm:])) for name, values in times.items()]
