"""From the page's first byte to its first words, on a slow line and a first visit."""

import json
import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.common import Row, Settings
from tests.support.browser.serving import QUIET, chromium, serving

RUNS = 3
SIZE = {"width": 1440, "height": 900}
# Slow 3G, as the tools of Chromium had it: 400 kbit/s, 400 ms
SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
TIMEOUT = 300_000  # milliseconds

# What Gradio needs for two components of the kinds that our page is made of, and nothing else.
EMPTY = """
import sys
import gradio as gr
with gr.Blocks(analytics_enabled=False) as page:
    gr.Image(elem_id="photo")
    gr.HTML("")
page.launch(server_port=int(sys.argv[-1]), ssr_mode=False, run_history=False)
"""

# Notes when each element is there, in milliseconds since the page's first byte.
NOTE = """elements => {
  window.noted = {};
  const note = () => {
    const [page] = performance.getEntriesByType("navigation");
    for (const [name, selector] of Object.entries(elements)) {
      const node = document.querySelector(selector);
      if (noted[name] === undefined && node?.checkVisibility({ visibilityProperty: true })) {
        requestAnimationFrame(() => { noted[name] ??= performance.now() - page.responseStart; });
      }
    }
    requestAnimationFrame(note);
  };
  note();
}"""
OURS = {
    "its first words": "[data-caption]",
    "its photo with the map of a word": "[data-caption] button",
    "all of its controls": "#explore #choosing",
}
GRADIO = {"controls": "#photo .upload-container"}


@dataclass
class Visit:
    """One first visit: seconds until each element is there, and what was sent until all is."""

    seconds: dict[str, float]
    kilobytes: float
    requests: int


def measure(settings: Settings) -> list[Row]:
    """Medians over several first visits, ours beside an empty page of Gradio."""
    runs = 1 if settings.quick else RUNS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        with serving(settings.checkpoint) as address:
            ours = [visit(browser, address, OURS) for _ in range(runs)]
        with serving(program=("-c", EMPTY)) as address:
            empty = [visit(browser, address, GRADIO) for _ in range(runs)]
        browser.close()
    rows = [
        Row(f"slow 3G, from the page's first byte to {name}", "s", median(ours, name))
        for name in OURS
    ]
    rows.append(
        Row("the same, to the controls of an empty page of Gradio", "s", median(empty, *GRADIO))
    )
    for visits, what in ((ours, "first visit"), (empty, "the same, an empty page of Gradio")):
        sent = statistics.median(one.kilobytes for one in visits)
        rows.append(Row(f"{what}: transferred", "KB", sent))
        rows.append(Row(f"{what}: requests", "", statistics.median(one.requests for one in visits)))
    return rows


def median(visits: list[Visit], name: str) -> float:
    return statistics.median(one.seconds[name] for one in visits)


def visit(browser: Browser, address: str, elements: dict[str, str]) -> Visit:
    """A visit with nothing cached, until the page asks for nothing more."""
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.add_init_script(f"({NOTE})({json.dumps(elements)})")
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    sizes: dict[str, float] = {}
    network.on("Network.responseReceived", lambda event: sizes.setdefault(event["requestId"], 0))
    network.on("Network.loadingFinished", lambda event: _add(sizes, event))
    page.goto(address, timeout=TIMEOUT)
    count = len(elements)
    page.wait_for_function(f"Object.keys(noted).length === {count}", timeout=TIMEOUT)
    page.wait_for_timeout(5000)  # for what follows, such as pictures
    seconds = {name: value / 1000 for name, value in page.evaluate("noted").items()}
    context.close()
    return Visit(seconds, sum(sizes.values()) / 1000, len(sizes))


def _add(sizes: dict[str, float], event: dict) -> None:
    if event["requestId"] in sizes:
        sizes[event["requestId"]] += event["encodedDataLength"]
