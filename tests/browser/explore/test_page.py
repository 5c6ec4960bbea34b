"""The whole page: a real server, a real browser, and what a visitor does."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.support.browser.page import (
    PHOTO_INPUT,
    RESULT,
    answered,
    clear,
    picture,
    selected,
    send,
    settled,
    visit,
    words,
)


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    return visit(open_module_tab(), server)


@pytest.fixture
def page(shared):
    return clear(shared)


def test_a_photo_is_captioned_and_its_words_are_stepped_through(page, photo):
    assert page.title() == "Where Words Look"
    send(page, photo)
    settled(page)
    count = len(words(page))
    assert count == page.locator("[data-word-index]").count()
    stage = page.locator("[data-stage]").bounding_box()
    assert stage["width"] / stage["height"] == pytest.approx(640 / 400, rel=0.01)

    asked = []
    page.on("request", lambda request: asked.append(request.url))
    pictures = set()
    for i in range(count):
        page.click(f'[data-word-index="{i}"]')
        assert selected(page) == str(i)
        pictures.add(picture(page))
    assert len(pictures) > 1
    page.keyboard.press("Home")
    assert selected(page) == "0"
    page.keyboard.press("ArrowRight")
    assert selected(page) == str(min(1, count - 1))
    page.keyboard.press("End")
    assert selected(page) == str(count - 1)
    page.get_by_label("Word", exact=True).fill("1")
    assert selected(page) == "0"
    page.get_by_role("button", name="Next word", exact=True).click()
    page.locator("[data-caption] button").first.click()
    assert selected(page) == "0"
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector('[data-word-index="1"][aria-selected="true"]')
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Heat map", exact=True).click()
    page.get_by_text("Cells", exact=True).click()
    page.get_by_text("Same for all", exact=True).click()
    assert picture(page) not in pictures
    assert asked == []


def test_sampling_has_settings_of_its_own(page, photo):
    send(page, photo)
    greedy = words(page)
    expect(page.locator("#settings-sampling")).to_be_hidden()
    page.get_by_label("Sampling", exact=True).check(force=True)
    page.locator("#settings-sampling").wait_for()
    seed = page.get_by_label("Seed")
    expect(seed).to_have_value("1")
    answered(page, lambda: page.get_by_label("Wild").check(force=True))
    captions = set()
    for _ in range(6):
        answered(page, page.get_by_role("button", name="New sample").click)
        captions.add(" ".join(words(page)))
    assert len(captions) > 1
    assert seed.input_value() != "1"
    page.get_by_label("Greedy").check(force=True)
    page.locator("#settings-sampling").wait_for(state="hidden")
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent === text",
        arg=" ".join(greedy),
    )


def test_a_file_that_is_no_photo_is_answered_with_a_sentence(page, photo, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photo.read_bytes()[:1000])
    send(page, photo)
    page.get_by_label("Remove Image").click()
    page.set_input_files(PHOTO_INPUT, broken)
    page.get_by_text("broken.jpg is damaged or cut off.").wait_for()
    expect(page.locator("[data-caption]")).to_be_hidden()
    page.get_by_label("Remove Image").click()
    send(page, photo)
    assert words(page)


def test_a_photo_is_shown_upright(page, photo, tmp_path):
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter: upright it is 400 wide and 640 high
    with Image.open(photo) as image:
        image.save(turned, exif=exif)
    send(page, turned)
    stage = page.locator("[data-stage]").bounding_box()
    assert stage["height"] / stage["width"] == pytest.approx(640 / 400, rel=0.01)


def test_an_example_is_captioned_at_a_click(page):
    page.get_by_role("button", name="Example: Two giraffes in front of trees").click()
    page.wait_for_selector(RESULT)
    assert words(page)


def test_on_a_phone_the_result_comes_first_and_nothing_scrolls_sideways(open_tab, server, photo):
    page = visit(open_tab(360, 740, has_touch=True, is_mobile=True), server)
    send(page, photo)
    page.get_by_label("Sampling", exact=True).check(force=True)
    page.locator("#settings-sampling").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert (
        page.locator("#explorer").bounding_box()["y"] < page.locator("#photo").bounding_box()["y"]
    )


def test_the_page_follows_the_colour_scheme(open_tab, server):
    page = visit(open_tab(color_scheme="dark"), server)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        light = Image.open(io.BytesIO(page.screenshot())).convert("L").histogram()
        assert (sum(light[:80]) > sum(light[176:])) == (scheme == "dark")
