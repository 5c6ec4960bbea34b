"""The Train tab before any training, and its cached features: their sizes, and clearing them."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from captioner.data.augmentation import PLAIN, View
from captioner.data.cache import feature_cache
from captioner.data.cache.cache_folders import used
from tests.support.browser.page import choose_data, visit_train
from tests.support.data.cached import cache

WIDTHS = (1440, 390)
LOOK = """gradio_config.dependencies
  .find(({ targets }) => targets.some(([, name]) => name === "look")).id"""
REOPEN = """() => new Promise((done) => {
  const list = document.querySelector("#features details");
  list.addEventListener("toggle", () => list.open && done());
  list.open = false;
  list.open = true;
})"""
PLAIN_ONE, MIRRORED_ONE, OTHER = "dots-000000000001", "dots-000000000002", "other-00000000000a"


@pytest.fixture(scope="module")
def server(place, serve):
    with serve(folder=place) as address:
        yield address


@pytest.fixture(scope="module")
def page(open_module_tab, server):
    """The tab with the data set chosen."""
    tab = visit_train(open_module_tab(WIDTHS[-1], 900), server)
    choose_data(tab, "dots")
    tab.wait_for_selector("#estimate:has-text('Not cached yet')")
    return tab


@pytest.fixture
def features(place):
    """The folder of the caches, empty at the beginning and at the end."""
    folder = place / "features"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def opened(page):
    """The list, which is closed afterwards."""
    page.click("#features summary")
    yield page.locator("#features")
    page.click("#features summary")


def fill(features: Path) -> None:
    """Caches of both views of the data set, and another one."""
    data = features.parent / "datasets/dots"
    names = sorted(path.name for path in (data / "Images").iterdir())
    train = (data / "Flickr_8k.trainImages.txt").read_text().split()
    key = feature_cache.backbone_key("compact", 32)
    for name, photos, view in (
        (PLAIN_ONE, names, PLAIN),
        (MIRRORED_ONE, train, View(mirrored=True)),
    ):
        folder = cache(features / name, photos=20_000, mirrored=view.mirrored)
        source = feature_cache.source(feature_cache.data_key(data, photos, view), key)
        (folder / feature_cache.SOURCE).write_text(source)
    cache(features / OTHER, photos=9000)


def reread(page) -> None:
    """Closes the list and opens it again, which reads it anew."""
    page.click("#features summary")
    page.click("#features summary")


def row(page, name: str):
    return page.locator(f"#features li[data-name='{name}']")


def estimate(page, text: str) -> None:
    page.wait_for_selector(f"#estimate:has-text('{text}')")


@pytest.mark.parametrize("width, dark", [(360, False), (1440, True)])
def test_nothing_scrolls_sideways(page, width, dark):
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if dark else "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)


def test_without_caches_it_says_what_will_be_there(page, features, opened):
    opened.get_by_text("None yet. A training stores the features of its photos here").wait_for()
    expect(opened.locator("button")).to_have_count(0)


def test_caches_are_cleared_one_by_one_and_all_that_nobody_uses(page, features, opened):
    fill(features)
    with used([features / OTHER]):
        reread(page)
        row(page, OTHER).get_by_text("in use").wait_for()
        expect(opened.locator("summary .size")).to_have_text("4 MB")
        expect(row(page, PLAIN_ONE).locator("b + .size")).to_have_text("2 MB")
        expect(row(page, OTHER).locator("button")).to_have_count(0)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width

        # Not before it is confirmed.
        row(page, MIRRORED_ONE).get_by_role("button").click()
        clearing = row(page, MIRRORED_ONE).locator(".clearing")
        expect(clearing).to_have_text(re.compile("^Clear 2 MB[?]"))
        row(page, MIRRORED_ONE).get_by_role("button", name="Keep").click()
        assert (features / MIRRORED_ONE).is_dir()
        row(page, MIRRORED_ONE).get_by_role("button").click()
        row(page, MIRRORED_ONE).get_by_role("button", name="Clear", exact=True).click()
        row(page, MIRRORED_ONE).wait_for(state="detached")
        assert not (features / MIRRORED_ONE).exists()
        estimate(page, "Partly cached")
        assert page.evaluate("document.activeElement.matches('#features summary')")

    reread(page)
    everything = opened.get_by_role("button", name="Clear all 2 caches that are not in use")
    everything.click()
    opened.locator("[data-part=all]").get_by_role("button", name="Clear", exact=True).click()
    opened.get_by_text("None yet.").wait_for()
    assert not list(features.glob("*/*"))
    estimate(page, "Not cached yet")


def test_a_list_that_is_opened_while_it_is_read_is_read_again(page, features):
    look, late = page.evaluate(LOOK), []

    def hold_first(route) -> None:
        if late or route.request.post_data_json["fn_index"] != look:
            return route.continue_()
        late.append((route, route.fetch()))  # the server reads now; the page learns of it later

    page.route("**/queue/join*", hold_first)
    page.evaluate(REOPEN)
    while not late:
        page.wait_for_timeout(20)
    fill(features)
    page.evaluate(REOPEN)
    route, response = late[0]
    route.fulfill(response=response)
    row(page, OTHER).wait_for()
    page.unroute("**/queue/join*")
    page.click("#features summary")


def test_one_that_is_used_since_it_was_listed_stays(page, features, opened):
    fill(features)
    reread(page)
    row(page, OTHER).get_by_role("button").click()
    with used([features / OTHER]):
        row(page, OTHER).get_by_role("button", name="Clear", exact=True).click()
        page.wait_for_selector("#stored .trouble-line:has-text('are in use')")
        assert (features / OTHER / feature_cache.MANIFEST).is_file()
        row(page, OTHER).get_by_text("in use", exact=True).wait_for()
