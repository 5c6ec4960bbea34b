"""From a photo file to a caption with its maps, one photo at a time, after a warm-up."""

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from captioner import Captioner
from captioner.decoding import MAX_WORDS
from tests.benchmarks import tutorial
from tests.benchmarks.common import Row, Settings, photos

PHOTOS, WARM_UP = 60, 5


def measure(settings: Settings) -> list[Row]:
    """Median milliseconds; both take the same number of steps on the same photos, in turns."""
    captioner, evaluate = Captioner.load(settings.checkpoint), tutorial.Evaluation()
    times = {"ours": [], "tutorial": []}
    with TemporaryDirectory() as folder:
        for photo in photos(Path(folder), 2 if settings.quick else PHOTOS + WARM_UP):
            begun = time.perf_counter()
            caption = captioner.caption(photo)
            captioned = time.perf_counter()
            evaluate(
                photo, min(len(caption.words) + 1, MAX_WORDS)
            )  # one step more for the end token
            times["ours"].append(captioned - begun)
            times["tutorial"].append(time.perf_counter() - captioned)
    median = {
        name: 1000 * statistics.median(values[1 if settings.quick else WARM_UP :])
        for name, values in times.items()
    }
    return [Row("photo to caption with maps", "ms", median["ours"], median["tutorial"])]
