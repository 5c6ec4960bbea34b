"""Dark or light: the choice in the page's header."""

import base64
import io

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.support.browser.harness import give, one_hot, word

IS_DARK = "document.body.classList.contains('dark')"
GROUND = "getComputedStyle(document.body).getPropertyValue('--ground').trim()"


def test_the_choice_of_dark_or_light_is_remembered(open_tab, server):
    page = open_tab(390, 800, color_scheme="light")
    page.goto(server)
    choice = page.get_by_role("group", name="Colour scheme")
    choice.get_by_role("radio", name="As the system").and_(page.locator(":checked")).wait_for()
    assert not page.evaluate(IS_DARK) and page.evaluate(GROUND) == "#fafafa"
    choice.get_by_title("Dark").click()
    assert page.evaluate(IS_DARK) and page.evaluate(GROUND) == "#101215"
    later = page.context.new_page()
    later.goto(server)
    later.wait_for_function(IS_DARK)
    expect(later.get_by_role("radio", name="Dark")).to_be_checked()
    page.emulate_media(color_scheme="dark")
    choice.get_by_title("Light").click()
    assert not page.evaluate(IS_DARK)
    for scheme in ("light", "dark"):  # the system changes its mind, the visitor does not
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(50)
        assert not page.evaluate(IS_DARK)
    page.evaluate("document.body.classList.add('dark')")  # as Gradio does once its page is there
    assert not page.evaluate(IS_DARK)
    choice.get_by_title("As the system").click()
    assert page.evaluate(IS_DARK)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"!{IS_DARK}")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tab, theme = page.get_by_role("tab", name="Evaluate").bounding_box(), choice.bounding_box()
        assert tab["x"] + tab["width"] <= theme["x"] or tab["y"] >= theme["y"] + theme["height"]


def accents(explorer) -> set[tuple]:
    """The colours in the layer of picked cells."""
    url = explorer.evaluate("""document.querySelector('[data-part="marks"]').toDataURL()""")
    layer = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))
    return {tuple(colour) for colour in layer[layer[:, :, 3] == 255, :3].tolist()}


def test_picked_cells_take_the_colour_of_the_theme(explorer):
    give(explorer, [word("a"), word("dog", one_hot(1, 1))])
    box = explorer.locator("[data-stage]").bounding_box()
    explorer.mouse.click(box["x"] + 20, box["y"] + 20)
    assert (0xC6, 0x3F, 0x0C) in accents(explorer)
    explorer.evaluate("""() => {
      document.body.classList.add("dark");
      document.dispatchEvent(new CustomEvent("theme"));
    }""")
    assert (0xFF, 0x8A, 0x4C) in accents(explorer)
