"""Captions from right to left, and photos that the browser does not know."""

from PIL import Image

from tests.support.browser.harness import give, word
from tests.support.browser.page import PHOTO_INPUT, RESULT, settled, visit


def lefts(page, selector) -> list[float]:
    return [place.bounding_box()["x"] for place in page.locator(selector).all()]


def test_a_caption_from_right_to_left_begins_at_the_right(explorer):
    explorer.set_viewport_size({"width": 900, "height": 800})
    give(explorer, [word("كلب"), word("يجري", probability=0.65), word("t-shirt")])
    for selector in ("[data-caption] button", ".tile"):
        first, second, third = lefts(explorer, selector)
        assert first > second > third
    result = explorer.locator(".result").bounding_box()
    first = explorer.locator("[data-caption] button").first.bounding_box()
    assert first["x"] + first["width"] > result["x"] + 0.8 * result["width"]
    give(explorer, [word("a"), word("dog"), word("كلب")])
    for selector in ("[data-caption] button", ".tile"):
        first, second, third = lefts(explorer, selector)
        assert first < second < third


def test_a_photo_of_a_telephone_is_taken_and_shown(tab, server, tmp_path):
    from captioner.photos import _know_heif

    _know_heif()
    file = tmp_path / "IMG_0001.HEIC"
    Image.effect_noise((320, 240), 60).convert("RGB").save(file, "HEIF")
    visit(tab, server)
    tab.set_input_files(PHOTO_INPUT, file)
    tab.wait_for_selector(RESULT, timeout=120_000)  # the captioner may still be loading
    settled(tab)
    tab.wait_for_function("document.querySelector('#photo img')?.naturalWidth > 0")
    accepted = """input => {
      input.addEventListener("click", (event) => event.preventDefault(), { once: true });
      input.click();
      return input.accept;
    }"""
    tab.click('#photo [aria-label="Remove Image"]')
    tab.wait_for_selector("#photo input[type=file]", state="attached")
    assert ".heic" in tab.eval_on_selector("#photo input[type=file]", accepted)
