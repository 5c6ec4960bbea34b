"""The difference of two captions' maps: two explorers and the columns, without a server."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from captioner.attention_maps import Geometry
from captioner.rendering.overlay_style import page_style
from captioner.ui.explore.explorer import STYLES
from captioner.ui.shared import assets
from captioner.ui.shared.sampler_settings import DEFAULTS
from tests.support.browser.harness import SHIFTED, address, one_hot, uniform, value, word

SET_UP = """async ([address, html, columns, usual, style]) => {
  window.give = {};
  const { mount } = await import(address + "explorer.js");
  for (const pane of ["first", "second"]) {
    const element = document.querySelector(`#${pane}`);
    element.innerHTML = html;
    const props = { value: null, answer: null, captioner: "ready" };
    const watched = [];
    const watch = (name, callback) => name === "value" && watched.push(callback);
    mount({ element, props, watch, trigger() {}, usual, style });
    window.give[pane] = (value) => {
      props.value = value;
      watched.forEach((callback) => callback());
    };
  }
  const element = document.querySelector("#aligned");
  element.innerHTML = columns;
  (await import(address + "compare/columns.js")).mount({ element, style });
}"""
BOTH = 0.5 * (one_hot(1, 1) + one_hot(2, 3))
PHOTO = Image.new("RGB", (400, 300), (128, 128, 128))


@pytest.fixture
def panes(open_tab):
    """Opens a tab of that width with both explorers and the columns."""

    def panes(width=1440):
        tab = open_tab(width, 900)
        css = assets.read("shared/page.css", *(f"explore/{name}" for name in STYLES))
        css += f"#aligned {{ {assets.read('explore/compare/columns.css')} }}"
        parts = "".join(f"<div id={name}></div>" for name in ("aligned", "first", "second"))
        tab.goto(address())
        tab.set_content(f"<style>{css}</style>{parts}")
        html = [assets.read(f"explore/{name}.html") for name in ("explorer", "compare/columns")]
        tab.evaluate(SET_UP, [f"{address()}explore/", *html, DEFAULTS.to_json(), page_style()])
        return tab

    return panes


def give(tab, first, second, geometry=SHIFTED, **more):
    """Shows two captions; the second one's grid is `geometry`."""
    tab.evaluate("value => give.first(value)", value(first, PHOTO))
    tab.evaluate("value => give.second(value)", value(second, PHOTO, geometry) | more)
    tab.locator("#second [data-caption] button").first.wait_for()
    tab.click("#first [data-word-index='1']")


def colours(tab) -> dict[tuple, np.ndarray]:
    """The colours in the middle of each cell of the first grid, RGB."""
    url = tab.evaluate("""document.querySelector('[data-part="difference-map"]').toDataURL()""")
    photo = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB")
    pixels, (width, height) = np.asarray(photo).astype(int), photo.size
    return {
        (r, c): pixels[int(y * height), int(x * width)]
        for r, y in enumerate(SHIFTED.centres(3))
        for c, x in enumerate(SHIFTED.centres(4))
    }


@pytest.mark.parametrize("width", [390, 1440])
def test_where_each_of_both_attends_more_has_its_own_colour(panes, width):
    tab = panes(width)
    give(tab, [word("a"), word("dog", one_hot(1, 1))], [word("a"), word("<b>cat", BOTH)])
    figure = tab.locator("#aligned figure")
    assert figure.is_hidden()
    button = tab.get_by_role("button", name="Difference of the maps")
    button.click()
    text = figure.locator("p").first.inner_text()
    assert text == "“dog” and “<b>cat”: 50 % of their attention lies on the same cells."
    assert "Full colour: 50.0 percentage points" in figure.inner_text()
    seen = colours(tab)
    assert seen[1, 1][2] - seen[1, 1][0] > 30  # the first attends more: blue
    assert seen[2, 3][0] - seen[2, 3][2] > 30  # the second: orange
    assert np.ptp(seen[0, 0]) < 8 and np.ptp(seen[0, 3]) < 8  # both alike: no colour
    assert tab.evaluate("document.documentElement.scrollWidth") <= width

    tab.click("#first [data-word-index='0']")
    assert figure.locator("p").first.inner_text().startswith("“a” and “a”: 100 %")
    assert all(np.ptp(colour) < 8 for colour in colours(tab).values())
    assert "Full colour: 1.0 percentage points" in figure.inner_text()
    tab.locator("#first").get_by_text("Same for all").click()
    assert "Full colour: 100.0 percentage points" in figure.inner_text()
    button.click()
    assert figure.is_hidden()


def test_maps_of_another_grid_are_laid_on_the_same_cells(panes):
    tab = panes()
    even = Geometry(rows=6, cols=6, size=240, stride=40, first=20)

    def words(attention) -> list:
        return [word("a", attention), word("dog", attention)]

    give(tab, words(uniform()), words(uniform(even)), even)
    tab.get_by_role("button", name="Difference of the maps").click()
    shared = tab.inner_text('[data-part="difference-shared"]')
    assert int(shared.split()[0]) > 75
    give(tab, words(one_hot(0, 0)), words(one_hot(5, 5, even)), even)
    assert tab.inner_text('[data-part="difference-shared"]') == "0 %"
    assert colours(tab)[2, 3][0] > colours(tab)[2, 3][2]


def test_a_captioner_without_attention_has_no_difference(panes):
    tab = panes()
    words = [word("a"), word("dog")]
    give(tab, words, words)
    button = tab.locator('[data-part="show-difference"]')
    assert button.is_visible()
    give(tab, words, words, attends=False)
    assert button.is_hidden()
