"""Photo, result and edits survive a reload; the last photos are in a tray."""

import shutil
import time

import pytest
from playwright.sync_api import expect

from captioner.ui.explore import opening
from captioner.ui.explore.examples import PHOTOS
from tests.support.browser.harness import address, value, word
from tests.support.browser.page import (
    RESULT,
    SCREENS,
    SLOW_ON_A_PHONE,
    WIDE,
    answered,
    captioned,
    edit,
    know_tour,
    picture,
    reload,
    send,
    settled,
    shown,
    stored,
    visit,
    words,
)

PHOTO = 10_000  # bytes: a request that is larger has a photo


def tray(page):
    return page.locator("#tray [data-restore]")


@SCREENS
def test_photo_result_edits_and_history_survive_a_reload(open_tab, server, photo, screen):
    page = captioned(open_tab(**screen), server, photo)
    first = edit(page)
    stored(page)
    before, image = shown(page), picture(page)
    sizes = []
    reload(page)
    page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    assert (shown(page), picture(page)) == (before, image)
    page.get_by_role("button", name="Undo").click()
    assert words(page) == first
    page.get_by_role("button", name="Redo").click()
    assert words(page) == before[0]
    page.get_by_role("button", name="Cover these cells").click()
    page.locator('[data-part="covered-words"] li').first.wait_for()
    assert max(sizes) < PHOTO  # nothing was sent again
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]


def test_an_edit_of_the_opening_result_survives_a_reload(tab, server):
    know_tour(tab, server)
    visit(tab, server)
    expect(tab.locator("#tray .tray")).to_be_hidden()
    edit(tab)
    stored(tab)
    before = shown(tab)
    reload(tab)
    assert shown(tab) == before
    tab.get_by_role("button", name="Back to the original").click()
    assert words(tab) == opening.read()["caption"].split()


def test_a_change_just_before_a_reload_leaves_the_result(open_tab, server, photo):
    page = captioned(open_tab(**WIDE), server, photo)
    edit(page)
    stored(page)
    page.wait_for_function("location.search === '?overlay=contours'")
    before = words(page)
    page.route(page.url, lambda route: (time.sleep(1), route.continue_()))
    with page.expect_event("load"):  # the address changes only once the reload has begun
        page.evaluate("location.reload(); document.querySelector('[value=spotlight]').click()")
    page.wait_for_selector("#opening", state="detached")
    page.wait_for_selector(RESULT)
    assert words(page) == before


@SLOW_ON_A_PHONE
def test_the_tray_restores_and_removes_photos(open_tab, server, photo, screen, tmp_path):
    page = captioned(open_tab(**screen), server, photo)
    edit(page)
    stored(page)
    before = shown(page)
    page.get_by_label("Remove Image").click()
    page.wait_for_selector(RESULT, state="hidden")
    send(page, shutil.copy(PHOTOS / "bear.jpg", tmp_path / "mine.jpg"))
    settled(page)
    page.wait_for_function("document.querySelectorAll('#tray [data-restore]').length === 2")
    bear = words(page)
    page.route("**/queue/join*", lambda route: None)  # the server does not answer
    tray(page).nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent === text",
        arg=" ".join(before[0]),
    )
    assert shown(page) == before
    expect(page.locator("#photo img")).to_have_count(0)
    page.unroute("**/queue/join*")
    tray(page).filter(has_not=page.locator("[aria-current=true]")).first.wait_for()
    page.locator("#tray li").filter(has=page.locator("[aria-current=false]")).locator(
        "[data-restore]"
    ).click()
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent === text", arg=" ".join(bear)
    )
    first = page.locator("#tray li").first
    first.hover()
    first.locator("[data-forget]").click()
    page.wait_for_function("document.querySelectorAll('#tray [data-restore]').length === 1")
    expect(page.get_by_text("Stored only in this browser.")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    page.locator("#tray .tray").wait_for(state="hidden")
    page.get_by_role("button", name="Next word").click()  # what was removed is not stored again
    reload_to_opening(page)
    expect(page.locator("#tray .tray")).to_be_hidden()


def reload_to_opening(page):
    page.reload()
    page.wait_for_selector("#opening", state="detached")
    expect(page.locator("[data-opening]")).to_have_count(1)


FAILURES = {
    "there is none": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "it is full": """IDBObjectStore.prototype.put = () => {
      throw new DOMException("", "QuotaExceededError");
    };""",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_without_storage_the_page_works(open_tab, server, photo, failure):
    page = open_tab(reuse=False)
    page.add_init_script(FAILURES[failure])
    captioned(page, server, photo)
    edit(page)
    page.wait_for_function("history.state?.stored")  # it was tried
    expect(page.locator("#tray .tray")).to_be_hidden()
    answered(page, page.get_by_role("button", name="Cover these cells").click)
    page.locator('[data-part="covered-words"] li').first.wait_for()
    page.reload()
    page.wait_for_selector("#opening", state="detached")
    page.locator("[data-caption] button").first.wait_for()


# --- What is stored -----------------------------------------------------------------------------

RECORD = """async ([value, path, damage]) => {
  const { unpack, VERSION } = await import("/explore/stored/record.js");
  const { photo, width, height, keys, grid, checkpoint, ...own } = value;
  const result = { version: VERSION, values: [own], shown: 0, past: [], future: [], chosen: 0 };
  const record = { shared: { photo, width, height, keys, grid, checkpoint }, result };
  if (path) {
    const last = path.pop();
    const owner = path.reduce((at, name) => at[name], record);
    if (damage === null) delete owner[last];
    else owner[last] = damage;
  }
  return unpack(record)?.shown.caption ?? null;
}"""
DAMAGES = [
    (["result", "version"], 0),
    (["result", "values"], []),
    (["result", "shown"], 3),
    (["result", "past"], [7]),
    (["shared", "photo"], "https://example.org/photo.jpg"),
    (["shared", "grid", "x"], [0.5]),
    (["result", "values", 0, "words"], None),
    (["result", "values", 0, "words", 0, "attention"], [[1]]),
    (["result", "values", 0, "words", 0, "probability"], "0.5"),
    (["result", "values", 0, "covered"], [[9, 9]]),
]


@pytest.fixture
def bare(tab):
    tab.goto(address())
    return tab


def test_damaged_and_older_records_are_passed_over(bare):
    whole = value([word("a"), word("dog")])
    assert bare.evaluate(RECORD, [whole, None, None]) == "a dog"
    for path, damage in DAMAGES:
        assert bare.evaluate(RECORD, [whole, path, damage]) is None, path


FILL = """async ([count, bytes]) => {
  const { list, write, read } = await import("/explore/stored/database.js");
  for (let i = 1; i <= count; i++) {
    const key = `key ${i}`;
    const entry = { key, added: i, time: i, bytes, caption: "", thumbnail: "" };
    await write({ entry, photo: { key }, result: { key } });
  }
  const keys = (await list()).map(({ key }) => key);
  return [keys, await read("key 1") === null];
}"""


def test_the_number_and_the_size_of_stored_photos_are_limited(bare):
    keys, is_gone = bare.evaluate(FILL, [10, 1000])
    assert keys == [f"key {i}" for i in range(10, 2, -1)] and is_gone
    keys, _ = bare.evaluate(FILL, [10, 30_000_000])
    assert keys == ["key 10", "key 9"]
