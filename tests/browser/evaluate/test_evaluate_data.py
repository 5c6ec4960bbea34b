"""What the Evaluate tab offers before there is a result, by what the captioner was trained on."""

import json

import pytest
from playwright.sync_api import expect

from captioner import checkpoints
from tests.support import tiny


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A captioner of photos, a run on scenes, and no data."""
    folder = tmp_path_factory.mktemp("place")
    checkpoint = tiny.checkpoint()
    checkpoint.config["training"] = {"data": "Flickr8k"}
    checkpoints.save(folder / "mine", checkpoint)
    drawn = folder / "runs/drawn/checkpoints/best"
    drawn.mkdir(parents=True)
    (drawn / "config.json").write_text(json.dumps({"training": {"data": "scenes-3000"}}))
    tiny.data_folder(folder / "elsewhere/dots")
    return folder


@pytest.fixture(scope="module")
def server(place, serve):
    with serve(place / "mine", folder=place) as address:
        yield address


@pytest.fixture
def page(open_tab, server):
    page = open_tab(390, 800, color_scheme="dark")
    page.goto(server)
    page.get_by_role("tab", name="Evaluate").click()
    page.locator("#measured").get_by_text("“mine” was trained on photos").wait_for()
    return page


def test_a_captioner_of_photos_asks_for_photos(page):
    view = page.locator("#measured")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        expect(view.locator(".begin")).to_be_hidden()
        expect(page.locator("#evaluate-data input")).to_have_value("")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 390:
            page.get_by_role("button", name="Use your own data").click()  # folded
        view.get_by_role("button", name="Your own photos").click()
        page.get_by_label("Or a folder on this machine").and_(page.locator(":focus")).wait_for()
    view.get_by_role("button", name="Flickr8k").click()
    view.get_by_role("button", name="Download Flickr8k and evaluate “mine”").wait_for()
    view.get_by_text("For research and teaching that is not commercial.").wait_for()
    page.locator("#evaluate-about").get_by_text("not commercial").wait_for()


def test_data_follow_the_captioner(page, place):
    view = page.locator("#measured")
    view.get_by_role("button", name="Your own photos").click()
    page.get_by_label("Or a folder on this machine").fill(str(place / "elsewhere/dots"))
    page.keyboard.press("Enter")
    view.get_by_role("button", name="Evaluate “mine” on dots").wait_for()
    page.locator("#evaluate-names input").click()
    page.get_by_role("option", name="drawn/best").click()
    page.keyboard.press("Escape")
    view.get_by_role("button", name="Evaluate 2 checkpoints on dots").wait_for()
    mismatch = "“drawn/best” was trained on drawn scenes: its scores on photos say little."
    view.get_by_text(mismatch).wait_for()
    page.locator("#evaluate-names .token-remove").first.click()
    view.get_by_role("button", name="Evaluate “drawn/best” on drawn scenes").wait_for()
    page.locator("#evaluate-count").wait_for()
