"""Visitors who wait see their place in the queue."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.support.browser.page import clear, send, settled, visit
from tests.support.browser.visitor import Visitor

pytestmark = pytest.mark.slow

OTHERS = 12  # visitors: enough that one waits longer than the delay of the line
QUEUED = re.compile(r"You are (?:next|(\d+)(?:st|nd|rd|th) of (\d+)) in the queue")

# Notes down what is on show whenever another line of the queue is.
NOTE = """() => {
  window.noted = [];
  const shown = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility()).map((one) => one.textContent.trim()).join("");
  const note = () => {
    const line = shown(".while-queued");
    if (line && noted.at(-1)?.line !== line) {
      const [sentence, facts, writing] = ["[data-caption]", ".facts", ".while-writing"].map(shown);
      noted.push({ line, sentence, facts, writing });
    }
    requestAnimationFrame(note);
  };
  note();
}"""


@pytest.fixture(scope="module")
def server(serve):
    """A server that captions for one visitor at a time: else there would have to be 32 others."""
    with serve(constants={"captioner.ui.explore.tab": {"TOGETHER": 1}}) as address:
        yield address


@contextmanager
def others(server, photo):
    """Others ask for one long search after another meanwhile."""
    ready, over = threading.Barrier(OTHERS + 1), threading.Event()

    def come_again_and_again(visitor):
        kept = visitor.upload(photo)
        ready.wait()
        while not over.is_set():
            visitor.caption(kept, sampler="beam", beams=8)

    visitors = [Visitor(server) for _ in range(OTHERS)]
    with ThreadPoolExecutor(OTHERS) as pool:
        try:
            asked = [pool.submit(come_again_and_again, one) for one in visitors]
            ready.wait()
            status = f"{server}gradio_api/queue/status"
            while (
                httpx.get(status).json()["queue_size"] < OTHERS - 1
            ):  # all have asked, one is served
                time.sleep(0.02)
            yield
        finally:
            over.set()
        for one in asked:
            one.result()
    for one in visitors:
        one.close()


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    return visit(open_module_tab(), server)


@pytest.fixture
def page(shared):
    return clear(shared)


def places(noted) -> list[int]:
    """The places that were shown, one after the other."""
    found = [QUEUED.fullmatch(one["line"]) for one in noted]
    assert all(found)
    return [int(place[1] or 1) for place in found]


def test_the_place_in_the_queue_is_shown_while_waiting(page, server, photo):
    page.evaluate(NOTE)
    with others(server, photo):
        send(page, photo)
    noted = page.evaluate("noted")
    shown = places(noted)
    assert shown == sorted(shown, reverse=True)
    assert 1 < shown[0] <= OTHERS + 1
    assert not any(one["writing"] or one["sentence"] for one in noted)
    settled(page)
    assert not page.locator(".while-queued:visible").count()


def test_the_previous_caption_stays_while_waiting(page, server, photo):
    send(page, photo)
    settled(page)
    before = page.inner_text("[data-caption]")
    page.evaluate(NOTE)
    with others(server, photo):
        page.get_by_label("Sampling", exact=True).check(force=True)
        page.wait_for_function("noted.length")
        settled(page)
    noted = page.evaluate("noted")
    assert places(noted)
    assert all(one["sentence"] == before and not one["facts"] for one in noted)
    page.locator("#explorer .facts").wait_for()


def test_no_queue_is_shown_without_waiting(page, photo):
    page.evaluate(NOTE)
    send(page, photo)
    settled(page)
    assert page.evaluate("noted") == []
