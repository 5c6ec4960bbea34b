"""What belongs together fits a phone's screen, and answers come into view."""

import pytest
from PIL import Image

from captioner.ui.explore.examples import PHOTOS
from tests.support.page import captioned, clear, in_view, send, settled, words

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
BLOCK = ("#explorer [data-caption]", "[data-stage]", ".overlays", "[data-part=decoding]")
MAPS = ("[data-stage]", "[data-part=cause]")


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    return captioned(open_module_tab(**PHONE, reduced_motion="reduce"), server, PHOTOS / "cow.jpg")


@pytest.fixture
def page(shared):
    """The phone, with the greedy caption of a photo, far below it."""
    shared.get_by_role("button", name="Greedy").tap()
    settled(shared)
    shared.evaluate("scrollTo(0, document.body.scrollHeight)")
    return shared


def other_than(page, before):
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').innerText !== text", arg=before
    )


def at_the_switch(page, name):
    return page.locator("[data-part=decoding]").get_by_role("button", name=name)


@pytest.mark.parametrize("size", [(640, 426), (600, 800)], ids=["landscape", "portrait"])
def test_photo_words_and_switches_are_one_block(page, tmp_path, size):
    path = tmp_path / "cow.jpg"
    with Image.open(PHOTOS / "cow.jpg") as photo:
        photo.resize(size).save(path)
    page.evaluate("scrollTo(0, 0)")
    send(clear(page), path)
    in_view(page, *BLOCK)
    assert page.evaluate("scrollY") < 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_switch_chooses_the_sampler_and_draws_new_samples(page):
    in_place = page.locator("#settings-sampler input:checked")
    greedy = words(page)
    at_the_switch(page, "Sampling").tap()
    other_than(page, " ".join(greedy))
    in_view(page, *BLOCK)
    assert in_place.input_value() == "sampling"
    assert at_the_switch(page, "Sampling").get_attribute("aria-pressed") == "true"
    seed = page.get_by_label("Seed").input_value()
    at_the_switch(page, "New sample").tap()
    page.wait_for_function("seed => !location.search.includes(`seed=${seed}`)", arg=seed)
    settled(page)
    at_the_switch(page, "Greedy").tap()
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').innerText === text", arg=" ".join(greedy)
    )
    assert in_place.input_value() == "greedy"
    assert not at_the_switch(page, "New sample").is_visible()


def test_the_answer_to_a_control_far_below_comes_into_view(page):
    before = page.inner_text("[data-caption]")
    page.locator("#settings-sampler").get_by_label("Sampling").check(force=True)
    other_than(page, before)
    in_view(page, *BLOCK)
    assert at_the_switch(page, "Sampling").get_attribute("aria-pressed") == "true"


def test_the_page_stays_while_a_slider_is_dragged(page):
    at_the_switch(page, "Sampling").tap()
    page.locator("#settings-sampling").wait_for()
    in_view(page, *BLOCK)
    slider = page.locator("#settings-sampling input[type=range]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    with page.expect_request("**/queue/join*"):
        page.mouse.down()
        page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function("!document.querySelector('#explorer [data-asking]')")
    page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))")
    assert abs(slider.bounding_box()["y"] - box["y"]) < 4
    page.mouse.up()
    in_view(page, *BLOCK)


def test_the_answer_to_a_what_if_comes_into_view(page):
    before = page.inner_text("[data-caption]")
    page.locator("[data-alternative]:not([data-chosen])").last.tap()
    other_than(page, before)
    in_view(page, *BLOCK)
    page.get_by_role("button", name="Cover attended cells").tap()
    page.locator("[data-part=covered]").wait_for()
    in_view(page, *BLOCK)


def test_samples_come_into_view(page):
    page.get_by_role("button", name="Samples").tap()
    page.locator("[data-sample]").first.wait_for()
    in_view(page, "[data-part=more-samples]")
    page.locator("[data-sample]").first.tap()
    in_view(page, *BLOCK)
    page.get_by_role("button", name="Samples").tap()


def occlusion(page):
    page.get_by_role("button", name="Occlusion: what mattered").click()
    page.locator("[data-part=cause]").wait_for()
    in_view(page, *MAPS)
    page.get_by_role("button", name="Occlusion: what mattered").click()


def test_both_maps_come_into_view(page):
    occlusion(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    occlusion(page)  # it is known already


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1440, 900)])
def test_on_a_desk_only_the_maps_come_into_view(open_tab, server, width, height):
    page = captioned(open_tab(width, height, reduced_motion="reduce"), server, PHOTOS / "cow.jpg")
    occlusion(page)
    assert not page.locator("[data-part=decoding]").is_visible()
    page.evaluate("scrollTo(0, 300)")
    place = page.evaluate("scrollY")
    before = page.inner_text("[data-caption]")
    page.locator("#settings-sampler").get_by_label("Sampling").check(force=True)
    other_than(page, before)
    page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))")
    assert page.evaluate("scrollY") == place
