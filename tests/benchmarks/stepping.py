"""In the browser: from a key press to the next word on the screen."""

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.benchmarks.common import Row, Settings, photos
from tests.support.browser.page import send, visit
from tests.support.browser.serving import QUIET, chromium, serving

PRESSES = 60
SIZE = {"width": 1440, "height": 900}

# Milliseconds of each key press until layout and painting are done: the handler draws at once,
# reading a size waits for the layout, and reading a pixel waits for the canvas.
PRESS = """count => {
  const stage = document.querySelector("[data-stage]");
  const words = document.querySelectorAll("[data-word-index]").length;
  return Array.from({ length: count }, (_, i) => {
    const key = Math.floor(i / (words - 1)) % 2 ? "ArrowLeft" : "ArrowRight";
    const begun = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    stage.getBoundingClientRect();
    stage.getContext("2d").getImageData(0, 0, 1, 1);
    return performance.now() - begun;
  });
}"""


def measure(settings: Settings) -> list[Row]:
    """Median and longest step from word to word. At 60 frames a second, a frame lasts 16.7 ms."""
    with TemporaryDirectory() as folder, serving(settings.checkpoint) as address:
        photo = photos(Path(folder), 1)[0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            page = browser.new_page(viewport=SIZE)
            page.set_default_timeout(120_000)
            send(visit(page, address), photo)
            page.evaluate(PRESS, 10)  # warm-up
            times = page.evaluate(PRESS, 10 if settings.quick else PRESSES)
    return [
        Row("a step from word to word", "ms", statistics.median(times)),
        Row("the longest such step", "ms", max(times)),
    ]
