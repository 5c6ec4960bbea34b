"""Another sampler is a query about the photo on show, and a photo is sent once."""

import pytest
from playwright.sync_api import expect

from captioner.ui.explore.examples import PHOTOS
from tests.support.browser.harness import answer, give, last_ask, value, word
from tests.support.browser.page import ANSWERED, answered, captioned, words

CAT = PHOTOS / "cat.jpg"
PHOTO = 50_000  # bytes; what the network saw of it has more, as it is sent
SMALL = 1_000  # bytes of a query that names its photo
RESULT = 40_000  # bytes of an answer without pictures; the photo alone has more

CHANGE = """async settings => {
  const { recaption } = await import("/explore/queries/recaption.js");
  recaption("first", Object.keys(settings), ...Object.values(settings));
}"""


def change(explorer, **settings):
    usual = value([word("a")])["settings"]
    explorer.evaluate(CHANGE, {**usual, **settings})


def asked(explorer) -> list[dict]:
    return [one for one in explorer.evaluate("asked") if one["event"] == "recaption"]


@pytest.fixture
def dog(explorer):
    give(explorer, [word("a"), word("dog", alternatives=[("dog", 0.5), ("cat", 0.3)])])
    return explorer


def answer_with(explorer, *texts, **settings):
    result = value([word(text) for text in texts])
    for name in ("photo", "seen", "keys"):
        del result[name]
    answer(explorer, result={**result, "settings": {**result["settings"], **settings}})


def caption(explorer) -> str:
    return explorer.inner_text("[data-caption]")


def test_other_settings_caption_the_photo_again(dog):
    dog.click('[data-word-index="1"]')
    dog.click('[data-alternative="cat"]')
    answer_with(dog, "a", "cat")
    change(dog, sampler="beam", beams=5)
    dog.wait_for_function("asked.length > 1")
    query = last_ask(dog)
    assert (query["event"], query["kind"], query["settings"]["beams"]) == (
        "recaption",
        "what_if",
        5,
    )
    assert query["key"] and "seen" not in query and "words" not in query
    answer_with(dog, "two", "dogs", sampler="beam", beams=5)
    assert caption(dog) == "two dogs"
    expect(dog.locator('[data-part="history"]')).to_be_hidden()  # it is no edit
    change(dog, sampler="beam", beams=5)
    change(dog, sampler="beam", beams=6)
    dog.wait_for_function("asked.length > 2")
    assert [query["settings"]["beams"] for query in asked(dog)] == [5, 6]


def test_of_many_settings_the_last_ones_count(dog):
    for temperature in (0.5, 0.6, 0.7, 0.8):
        change(dog, sampler="sampling", temperature=temperature)
    assert len(asked(dog)) == 1
    answer_with(dog, "a", "cow", sampler="sampling", temperature=0.5)
    dog.wait_for_function("asked.length > 1")
    answer_with(dog, "a", "cat", sampler="sampling", temperature=0.8)
    assert caption(dog) == "a cat"
    assert [query["settings"]["temperature"] for query in asked(dog)] == [0.5, 0.8]


def test_settings_that_come_with_another_captioner_are_not_lost(dog):
    change(dog, sampler="beam")
    other = {**value([word("one"), word("dog")]), "checkpoint": "other"}
    dog.evaluate("give", {"value": other})  # it was chosen before, and answers first
    dog.wait_for_function("asked.length > 1")
    assert asked(dog)[1]["checkpoint"] == "other"
    assert asked(dog)[1]["settings"]["sampler"] == "beam"


def test_settings_wait_for_the_caption_that_is_being_written(dog):
    dog.evaluate("document.querySelector('#harness').classList.add('pending')")
    change(dog, sampler="beam")
    give(dog, [word("two"), word("cows")])
    assert asked(dog) == []
    dog.evaluate("document.querySelector('#harness').classList.remove('pending')")
    dog.wait_for_function("asked.length > 0")
    assert last_ask(dog)["event"] == "recaption"


def test_a_server_that_forgot_the_photo_gets_it_once(dog):
    dog.click('[data-word-index="1"]')
    dog.click('[data-alternative="cat"]')
    first = last_ask(dog)
    answer(dog, unknown=True)
    dog.wait_for_function("asked.length > 1")
    second = last_ask(dog)
    assert second.pop("seen").startswith("data:image/png;base64,")
    assert second == first
    answer_with(dog, "a", "cat")
    assert caption(dog) == "a cat" and len(dog.evaluate("asked")) == 2


# --- The whole page -------------------------------------------------------------------------------


class Wire:
    """Bytes that a page sends and receives."""

    def __init__(self, page):
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.dataReceived", self._receive)
        page.on("request", self._send)
        self.start()

    def start(self) -> None:
        self.sent = self.received = 0

    def _send(self, request) -> None:
        self.sent += len(request.post_data_buffer or b"")

    def _receive(self, event: dict) -> None:
        self.received += event["dataLength"]


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    page = captioned(open_module_tab(), server, CAT)
    return page, Wire(page)


@pytest.fixture
def act(shared):
    """Does something that asks the server, waits for the answer, and checks what was sent."""
    page, wire = shared

    def act(work):
        wire.start()
        answered(page, work)
        assert 0 < wire.sent < SMALL
        assert 0 < wire.received < RESULT

    return act


@pytest.fixture
def page(shared):
    return shared[0]


def choose(page, name):
    """Without the mouse, under which the page may scroll to an answer."""
    page.locator("#settings").get_by_label(name, exact=True).evaluate("one => one.click()")


def test_no_photo_is_sent_for_another_sampler(page, act):
    greedy = words(page)
    act(lambda: choose(page, "Sampling"))
    act(page.locator("#settings-another").click)
    act(lambda: choose(page, "Wild"))
    act(lambda: page.get_by_label("number input for Temperature").first.press("ArrowUp"))
    act(lambda: choose(page, "Beam search"))
    act(lambda: choose(page, "Greedy"))
    assert words(page) == greedy


def test_no_photo_is_sent_for_a_what_if(page, act):
    page.click('[data-word-index="1"]')
    act(page.locator("[data-alternative]:not([data-chosen])").first.click)
    act(page.get_by_role("button", name="Cover attended cells").click)
    assert page.locator('[data-part="covered-words"] li').count()
    act(page.get_by_role("button", name="Occlusion: what mattered").click)
    page.get_by_role("button", name="Occlusion: what mattered").click()
    act(page.get_by_role("button", name="Samples").click)
    page.get_by_role("button", name="Undo").click()


def test_no_photo_is_sent_for_a_second_caption(page, act):
    act(page.get_by_label("Compare with a second caption").check)
    page.locator("#aligned button").first.wait_for()
    act(page.locator("#second-settings").get_by_role("button", name="New sample").click)
    page.get_by_label("Compare with a second caption").uncheck()
    page.locator("#second").wait_for(state="detached")


def test_a_server_that_lost_the_photo_gets_it_by_itself(page):
    def lose(route):
        route.continue_(post_data=route.request.post_data.replace('"key":"', '"key":"gone'))
        page.unroute("**/queue/join*")

    page.route("**/queue/join*", lose)
    sizes = []
    page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    before = words(page)
    page.locator("[data-alternative]:not([data-chosen])").first.click()
    page.wait_for_function(ANSWERED)
    assert words(page) != before
    assert [size > PHOTO for size in sizes if size] == [False, True]
