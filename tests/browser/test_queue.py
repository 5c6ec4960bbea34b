"""Who waits is told where one stands."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from visitor import Visitor

from tests.support.page import send, settled, visit

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


@pytest.fixture
def page(tab, server):
    return visit(tab, server)


def places(noted) -> list[int]:
    """The places that were told, one after the other."""
    found = [QUEUED.fullmatch(one["line"]) for one in noted]
    assert all(found)
    return [int(place[1] or 1) for place in found]


def test_the_place_in_the_queue_is_told_until_it_is_ones_turn(page, server, photo):
    page.evaluate(NOTE)
    with others(server, photo):
        send(page, photo)
    noted = page.evaluate("noted")
    told = places(noted)
    assert told == sorted(told, reverse=True)
    assert 1 < told[0] <= OTHERS + 1
    assert not any(one["writing"] or one["sentence"] for one in noted)
    settled(page)
    assert not page.locator(".while-queued:visible").count()


def test_what_was_on_show_stays_while_one_waits(page, server, photo):
    send(page, photo)
    settled(page)
    before = page.inner_text("[data-caption]")
    page.evaluate(NOTE)
    with others(server, photo):
        page.get_by_label("Sampling", exact=True).check(force=True)
        page.wait_for_function(
            "text => document.querySelector('[data-caption]').textContent !== text", arg=before
        )
    noted = page.evaluate("noted")
    assert places(noted)
    assert all(one["sentence"] == before and not one["facts"] for one in noted)
    page.locator("#explorer .facts").wait_for()


def test_who_need_not_wait_hears_of_no_queue(page, photo):
    page.evaluate(NOTE)
    send(page, photo)
    settled(page)
    assert page.evaluate("noted") == []
