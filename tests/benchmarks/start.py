"""From `python app.py` to its page, and to the first caption."""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from gradio_client import Client, handle_file

from tests.benchmarks.common import Row, Settings, photos
from tests.support.browser.serving import serving

RUNS = 5


def measure(settings: Settings) -> list[Row]:
    """Median seconds over several starts of the server, in turn with bare imports."""
    with TemporaryDirectory() as folder:
        photo = photos(Path(folder), 1)[0]
        runs = [(*start(settings, photo), imports()) for _ in range(1 if settings.quick else RUNS)]
    to_page, to_caption, to_import = (statistics.median(times) for times in zip(*runs, strict=True))
    return [
        Row("server start to page", "s", to_page),
        Row("to its first caption", "s", to_caption),
        Row("importing Gradio and TensorFlow, no more", "s", to_import),
        Row("first caption, share of the time of these imports", "%", 100 * to_caption / to_import),
    ]


def imports() -> float:
    """Seconds in which a new process imports the two largest packages."""
    begun = time.perf_counter()
    code = "import gradio, tensorflow"
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def start(settings: Settings, photo: Path) -> tuple[float, float]:
    """Seconds until the page answers, and until the web API returns the first caption."""
    begun = time.perf_counter()
    with serving(settings.checkpoint) as address:
        to_page = time.perf_counter() - begun
        Client(address, verbose=False).predict(handle_file(photo), api_name="/caption")
        return to_page, time.perf_counter() - begun
