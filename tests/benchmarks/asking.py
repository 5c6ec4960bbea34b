"""What a visitor asks about a photo that is on show: other words, covered cells, the cause."""

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
    """Median milliseconds over some photos, warm."""
    captioner = Captioner.load(settings.checkpoint)
    middle = np.zeros((captioner.geometry.rows, captioner.geometry.cols), bool)
    middle[tuple(slice(side // 3, side - side // 3) for side in middle.shape)] = True
    times: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        for photo in photos(Path(folder), 2 if settings.quick else PHOTOS + WARM_UP):
            seen = captioner.pixels(photo)
            words = captioner.caption(seen).text.split()
            asks = {
                "what-if, two words given": partial(captioner.caption, seen, prefix=words[:2]),
                "what-if, the middle covered": partial(captioner.caption, seen, covered=middle),
                "cause of every word": partial(captioner.occlusion, seen, words),
            }
            for what, ask in asks.items():
                begun = time.perf_counter()
                ask()
                times.setdefault(what, []).append(1000 * (time.perf_counter() - begun))
    warm = 1 if settings.quick else WARM_UP
    return [Row(what, "ms", statistics.median(found[warm:])) for what, found in times.items()]
