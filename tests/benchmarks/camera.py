"""In the browser: captions a second of a live camera, for one visitor."""

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.benchmarks.common import Row, Settings, photos
from tests.support.browser.serving import QUIET, chromium, serving

SECONDS = 20
FILM = 30  # pictures, each for a thirtieth of a second
SIZE = {"width": 1440, "height": 900}
CAPTIONED = "#camera [data-captioned]"
# [begin, milliseconds until the answer] of each frame.
FRAMES = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/live?"))
  .map(({ startTime, duration }) => [startTime, duration])"""


def measure(settings: Settings) -> list[Row]:
    """Rate, and median time from sending a frame to its answer. Browser and server share the
    machine; the film changes with every picture, so captions do, too."""
    with TemporaryDirectory() as folder, serving(settings.checkpoint) as address:
        film = Path(folder, "film.mjpeg")
        film.write_bytes(b"".join(photo.read_bytes() for photo in photos(Path(folder), FILM)))
        with sync_playwright() as playwright:
            camera = [
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ]
            browser = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, *camera])
            page = browser.new_page(viewport=SIZE)
            page.goto(address)
            page.get_by_role("button", name="Live camera").click()
            page.wait_for_selector(CAPTIONED, timeout=120_000)
            page.wait_for_timeout(1000 if settings.quick else 10_000)  # warm-up, of occlusion too
            page.evaluate("performance.clearResourceTimings()")
            page.evaluate("performance.setResourceTimingBufferSize(10_000)")
            page.wait_for_timeout(1000 * (3 if settings.quick else SECONDS))
            frames = page.evaluate(FRAMES)
    begun = [start for start, _ in frames]
    rate = 1000 * (len(frames) - 1) / (begun[-1] - begun[0])
    median = statistics.median(duration for _, duration in frames)
    return [
        Row("live camera", "captions/s", rate, more_is_better=True),
        Row("live camera, from a frame to its words and maps", "ms", median),
    ]
