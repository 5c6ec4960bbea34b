"""What belongs together fits a phone's screen, and answers come into view."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from captioner.ui.explore.examples import PHOTOS
from tests.support.browser.page import NARROW, answered, captioned, clear, in_view, send, words

BLOCK = ("#explorer [data-caption]", "[data-stage]", ".overlays", "[data-part=decoding]")
MAPS = ("[data-stage]", "[data-part=cause]")
# Two frames: whatever would scroll has scrolled.
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    return captioned(
        open_module_tab(**NARROW, reduced_motion="reduce"), server, PHOTOS / "horse.jpg"
    )


@pytest.fixture
def page(shared):
    """The phone, with the greedy caption of a photo, far below it."""
    if "sampler=" in shared.url:
        answered(shared, at_the_switch(shared, "Greedy").tap)
    shared.evaluate("scrollTo(0, document.body.scrollHeight)")
    return shared


def at_the_switch(page, name):
    return page.locator("[data-part=decoding]").get_by_role("button", name=name)


@pytest.mark.parametrize("size", [(640, 426), (600, 800)], ids=["landscape", "portrait"])
def test_photo_words_and_switches_are_one_block(page, tmp_path, size):
    path = tmp_path / "horse.jpg"
    with Image.open(PHOTOS / "horse.jpg") as photo:
        photo.resize(size).save(path)
    page.evaluate("scrollTo(0, 0)")
    send(clear(page), path)
    in_view(page, *BLOCK)
    assert page.evaluate("scrollY") < 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_switch_chooses_the_sampler_and_draws_new_samples(page):
    in_place = page.locator("#settings-sampler input:checked")
    greedy = words(page)
    answered(page, at_the_switch(page, "Sampling").tap)
    in_view(page, *BLOCK)
    expect(in_place).to_have_value("sampling")
    expect(at_the_switch(page, "Sampling")).to_have_attribute("aria-pressed", "true")
    seed = page.get_by_label("Seed").input_value()
    answered(page, at_the_switch(page, "New sample").tap)
    assert page.get_by_label("Seed").input_value() != seed
    answered(page, at_the_switch(page, "Greedy").tap)
    expect(in_place).to_have_value("greedy")
    assert words(page) == greedy
    expect(at_the_switch(page, "New sample")).to_be_hidden()


def in_settings(page, name):
    return page.locator("#settings-sampler").get_by_label(name)


def test_the_answer_to_a_control_far_below_comes_into_view(page):
    answered(page, lambda: in_settings(page, "Sampling").check(force=True))
    in_view(page, *BLOCK)
    expect(at_the_switch(page, "Sampling")).to_have_attribute("aria-pressed", "true")


def test_the_page_stays_while_a_slider_is_dragged(page):
    answered(page, at_the_switch(page, "Sampling").tap)
    in_view(page, *BLOCK)
    slider = page.locator("#settings-sampling input[type=range]").first
    slider.hover()
    box = slider.bounding_box()

    def drag():
        page.mouse.down()
        # To the left, where temperatures are low: a caption by chance can be long.
        page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)

    answered(page, drag)
    page.evaluate(FRAMES)
    assert abs(slider.bounding_box()["y"] - box["y"]) < 4
    page.mouse.up()
    in_view(page, *BLOCK)


def test_the_answer_to_a_what_if_comes_into_view(page):
    answered(page, page.locator("[data-alternative]:not([data-chosen])").last.tap)
    in_view(page, *BLOCK)
    page.get_by_role("button", name="Back to the original").tap()
    answered(page, page.get_by_role("button", name="Cover attended cells").tap)
    in_view(page, *BLOCK, "[data-part=covered-said]")


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


def test_on_a_desk_only_the_maps_come_into_view(open_tab, server):
    page = captioned(open_tab(reduced_motion="reduce"), server, PHOTOS / "horse.jpg")
    for width, height in ((1024, 768), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        occlusion(page)
        expect(page.locator("[data-part=decoding]")).to_be_hidden()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        control = in_settings(page, "Sampling")
        place = control.bounding_box()["y"]
        answered(page, lambda one=control: one.check(force=True))
        page.evaluate(FRAMES)
        assert abs(control.bounding_box()["y"] - place) < 4
        assert words(page)
        answered(page, lambda: in_settings(page, "Greedy").check(force=True))
