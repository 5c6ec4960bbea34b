"""The server stops and starts again: pages go on without a reload, and what was stored is there."""

from urllib.parse import urlsplit

import pytest

from tests.support.browser.page import LOST, captioned, edit, reload, shown, stored, visit, words

SIZES = [(1440, 960), (390, 844)]


@pytest.fixture
def calm(tabs):
    """Chromium reports each request that a stopped server does not answer."""
    yield
    tabs.faults[:] = [fault for fault in tabs.faults if "Failed to load resource" not in fault]


@pytest.mark.slow
def test_all_goes_on_when_the_server_is_back(open_tab, serve, photo, calm):
    pages = []
    with serve() as server:
        for width, height in SIZES:
            phone = {"has_touch": True, "is_mobile": True} if width < 500 else {}
            pages.append(captioned(open_tab(width, height, **phone), server, photo))
            pages[-1].evaluate("window.isTheSame = true")
        asks_nothing = captioned(open_tab(), server, photo)
        reloaded = captioned(open_tab(), server, photo)
        edit(reloaded)
        stored(reloaded)
        edited = shown(reloaded)
    before = [words(page) for page in pages]
    for page in pages:
        page.get_by_text(LOST).wait_for()
        box = page.locator("#connection").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
        page.get_by_role("button", name="Next word").click()  # what needs no server works
        page.locator("[data-alternative]:not([data-chosen])").first.click()
        page.wait_for_selector("#explorer [data-asking]")
    with serve(port=urlsplit(server).port):
        for page, old in zip(pages, before, strict=True):
            goes_on(page, old)
        reload(reloaded)
        assert shown(reloaded) == edited
        page = reloaded
        page.get_by_role("button", name="Cover these cells").click()
        page.locator('[data-part="covered-words"] li').first.wait_for()
        for one in (page, asks_nothing):  # the server does not have the photo any more
            one.get_by_label("Compare with a second caption").check()
            one.locator("#aligned button").first.wait_for()
            assert words(one)
        assert page.locator("#explorer [data-part=covered-words] li").count()  # edits stay
        page.locator("#settings").get_by_label("Beam search", exact=True).check(force=True)
        page.wait_for_selector("#explorer [data-part=history]", state="hidden")


def goes_on(page, old: list[str]) -> None:
    """What was asked meanwhile is answered, and so is what is asked now."""
    page.get_by_text(LOST).wait_for(state="hidden")
    page.wait_for_selector("#explorer .explorer:not([data-asking])")
    assert words(page) != old
    page.get_by_role("button", name="Cover attended cells").click()
    page.locator('[data-part="covered-words"] li').first.wait_for()
    assert page.evaluate("window.isTheSame")
    assert not page.locator(".toast-wrap *").count()  # nothing of Gradio's own


# Whoever opens the heartbeat hands the browser an address; the connection hands it a request.
HEARTBEATS = """
window.heartbeats = [];
const native = window.fetch;
window.fetch = (input, init) => {
  const isHeartbeat = (input.url ?? String(input)).includes("/heartbeat/");
  if (isHeartbeat) heartbeats.push(input instanceof Request);
  return native(input, init);
};
"""
# Gradio fetches its components one after the other: none for a second means that all are there.
COMPLETE = """() => {
  const ends = performance.getEntriesByType("resource").map(({ responseEnd }) => responseEnd);
  return performance.now() - Math.max(...ends) > 1000;
}"""


@pytest.mark.slow
def test_a_page_without_an_opening_result_finds_the_server_lost(
    open_tab, serve, saved_checkpoint, calm
):
    page = open_tab(reuse=False)
    page.add_init_script(HEARTBEATS)
    with serve(saved_checkpoint) as server:
        visit(page, server)
        page.wait_for_function("heartbeats.length")
        assert page.evaluate("heartbeats") == [True]
        page.wait_for_function(COMPLETE)
    page.get_by_text(LOST).wait_for()
