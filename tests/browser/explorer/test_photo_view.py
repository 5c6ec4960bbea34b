"""Regions, coverage, colour maps and the weight under the pointer: all of it without a request."""

import numpy as np
import pytest
from PIL import Image

from tests.support.browser.harness import (
    SHIFTED,
    give,
    one_hot,
    selected,
    set_up,
    stage,
    uniform,
    word,
)

PICTURE = '[data-part="picture"]'


def middle(explorer, row, col) -> tuple[float, float]:
    """Where on the screen the centre of a cell is."""
    box = explorer.locator("[data-stage]").bounding_box()
    x, y = SHIFTED.centres(4)[col], SHIFTED.centres(3)[row]
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag(explorer, start, end):
    explorer.mouse.move(*middle(explorer, *start))
    explorer.mouse.down()
    explorer.mouse.move(*middle(explorer, *end), steps=4)
    explorer.mouse.up()


def picked(explorer) -> str:
    said = explorer.locator('[data-part="region-said"]')
    return said.inner_text() if said.is_visible() else ""


@pytest.fixture
def two_words(explorer):
    give(
        explorer, [word("dog", one_hot(1, 1)), word("ball", 0.5 * (one_hot(2, 3) + one_hot(1, 1)))]
    )
    return explorer


def test_the_weight_under_the_pointer_is_a_number(two_words):
    two_words.mouse.move(*middle(two_words, 1, 1))
    readout = two_words.locator('[data-part="readout"]')
    assert readout.inner_text() == "100.0 % of “dog” · row 2, column 2"
    two_words.keyboard.press("ArrowRight")
    two_words.mouse.move(*middle(two_words, 2, 3))
    assert readout.inner_text() == "50.0 % of “ball” · row 3, column 4"
    two_words.mouse.move(2, 2)
    assert readout.inner_text() == ""


HERE = "[...document.querySelectorAll('[data-word]')].map(e => e.style.getPropertyValue('--here'))"
TINTS = """() => [...document.querySelectorAll("[data-word]")]
    .map((word) => getComputedStyle(word).backgroundColor)"""


@pytest.mark.parametrize("width", [390, 1440])
def test_words_are_tinted_by_their_attention_under_the_pointer(open_tab, width):
    explorer = set_up(open_tab(width, 900))
    half = 0.5 * (one_hot(2, 3) + one_hot(1, 1))
    give(explorer, [word("a"), word("dog", one_hot(1, 1)), word("<b>ball", half)])
    strongest = explorer.locator('[data-part="strongest"]')
    before, chosen = explorer.evaluate(TINTS), selected(explorer)
    place = explorer.locator("[data-stage]").bounding_box()
    explorer.mouse.move(*middle(explorer, 1, 1))
    assert explorer.evaluate(HERE) == ["0.083", "1.000", "0.500"]
    assert strongest.inner_text() == "Strongest: dog 100 % · <b>ball 50 % · a 8 %"
    tints = explorer.evaluate(TINTS)
    assert len({*tints, *before}) == len(tints) + len(set(before))
    explorer.mouse.move(*middle(explorer, 2, 3))
    assert strongest.inner_text() == "Strongest: <b>ball 50 % · a 8 %"
    assert picked(explorer) == "" and selected(explorer) == chosen
    give(explorer, [word("dog", one_hot(1, 1))])
    explorer.mouse.move(*middle(explorer, 0, 0))
    assert strongest.inner_text() == "Hardly any word attends here"
    assert explorer.locator("[data-stage]").bounding_box() == place  # nothing has moved
    explorer.mouse.move(2, 2)
    assert strongest.inner_text() == ""
    assert len(set(explorer.evaluate(TINTS))) == 1


def test_a_finger_dragged_over_the_photo_tints_words_and_picks_nothing(open_tab):
    explorer = set_up(open_tab(390, 740, has_touch=True, is_mobile=True))
    give(explorer, [word("dog", one_hot(1, 1)), word("ball", one_hot(2, 3))])
    touch = explorer.context.new_cdp_session(explorer)

    def send(kind, *cells):
        points = [dict(zip("xy", middle(explorer, *cell), strict=True)) for cell in cells]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    strongest = explorer.locator('[data-part="strongest"]')
    send("touchStart", (1, 0))
    send("touchMove", (1, 1))
    strongest.get_by_text("dog 100 %").wait_for()
    assert strongest.inner_text().startswith("Strongest: dog 100 %")
    send("touchMove", (2, 3))
    strongest.get_by_text("ball 100 %").wait_for()
    assert strongest.inner_text().startswith("Strongest: ball 100 %")
    assert explorer.evaluate(HERE) == ["0.000", "1.000"]
    send("touchEnd")
    assert strongest.inner_text() == "" and picked(explorer) == ""


def test_a_drag_picks_a_block_and_words_light_up_by_their_share(two_words):
    drag(two_words, (0, 2), (2, 3))
    assert picked(two_words).startswith("6 cells picked. “ball” put 50 % of its attention there")
    numbers = two_words.locator(".tile-number").all_inner_texts()
    assert numbers == ["0 % here", "50 % here"]
    lit = two_words.evaluate(
        "[...document.querySelectorAll('[data-word-index]')]"
        ".map(tile => Number(tile.style.getPropertyValue('--lit')))"
    )
    assert lit == [0, 1]
    two_words.get_by_role("button", name="Clear selection").click()
    assert picked(two_words) == ""
    assert two_words.locator(".tile-number").all_inner_texts() == ["50 %", "50 %"]


def test_clicks_pick_cells_one_by_one_and_let_them_go(two_words):
    for cell in ((1, 1), (2, 3)):
        two_words.mouse.click(*middle(two_words, *cell))
    assert picked(two_words).startswith("2 cells picked. “dog” put 100 %")
    two_words.mouse.click(*middle(two_words, 1, 1))
    assert picked(two_words).startswith("1 cell picked. “ball” put 50 %")
    two_words.mouse.click(*middle(two_words, 2, 3))
    assert picked(two_words) == ""


def test_a_region_is_picked_by_keys(two_words):
    two_words.keyboard.press("Tab")
    for _ in range(20):
        if two_words.evaluate(f"document.activeElement === document.querySelector('{PICTURE}')"):
            break
        two_words.keyboard.press("Tab")
    two_words.keyboard.press("ArrowLeft")  # from the middle (1, 2) to (1, 1)
    two_words.keyboard.press(" ")
    assert picked(two_words).startswith("1 cell picked. “dog” put 100 %")
    heard = two_words.text_content('[data-part="live"]')
    assert "row 2, column 2" in heard
    two_words.keyboard.press("Shift+ArrowDown")
    assert picked(two_words).startswith("2 cells picked")
    assert selected(two_words) == ["0"]  # arrows move the cell here, not the word
    two_words.keyboard.press("Escape")
    assert picked(two_words) == ""


def test_touch_picks_a_cell(open_tab):
    explorer = set_up(open_tab(360, 740, has_touch=True, is_mobile=True))
    give(explorer, [word("dog", one_hot(1, 1))])
    explorer.touchscreen.tap(*middle(explorer, 1, 1))
    assert picked(explorer).startswith("1 cell picked")


def test_the_region_stays_for_the_same_photo_only(two_words):
    drag(two_words, (0, 0), (1, 1))
    give(two_words, [word("cat", uniform())], Image.new("RGB", (300, 200), "navy"))
    assert picked(two_words) == ""


def test_the_sentence_as_a_whole(two_words):
    two_words.get_by_text("Spotlight").click()
    two_words.get_by_text("Whole caption", exact=True).click()
    light = stage(two_words).mean(axis=2)
    height, width = light.shape
    bright = [
        light[int(SHIFTED.centres(3)[r] * height), int(SHIFTED.centres(4)[c] * width)]
        for r, c in ((1, 1), (2, 3), (0, 0))
    ]
    assert bright[0] > 250
    assert bright[2] < bright[1] < bright[0]
    legend = two_words.inner_text('[data-part="legend"]')
    assert "attended to 2 of 12 cells" in legend and "10 others" in legend


def test_borders_of_cells_are_drawn_on_demand(two_words):
    def marked():
        return two_words.evaluate(
            "(() => { const c = document.querySelector('[data-part=marks]');"
            " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
            ".some(value => value > 0); })()"
        )

    assert not marked()
    two_words.get_by_label("Grid").check()
    assert marked()
    two_words.get_by_label("Grid").uncheck()
    assert not marked()


def test_three_colour_maps_that_grow_lighter_with_attention(explorer):
    ramp = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    give(explorer, [word("a", ramp / ramp.sum())], Image.new("RGB", (400, 300), "black"))
    explorer.get_by_text("Spotlight").click()
    assert explorer.get_by_label("Viridis").is_disabled()
    explorer.get_by_text("Heat map").click()
    explorer.get_by_label("Strength").fill("100")
    explorer.get_by_text("Cells", exact=True).click()
    seen = []
    for palette in ("Inferno", "Viridis", "Cividis"):
        explorer.get_by_text(palette).click()
        pixels = stage(explorer)
        height, width = pixels.shape[:2]
        luma = [
            pixels[int(y * height), int(x * width)] @ np.array([0.299, 0.587, 0.114])
            for y in SHIFTED.centres(3)
            for x in SHIFTED.centres(4)
        ]
        assert np.all(np.diff(luma) > 0)
        seen.append(pixels)
    assert not np.array_equal(seen[0], seen[1]) and not np.array_equal(seen[1], seen[2])


def test_contours_leave_the_photo_as_it_is_between_the_lines(explorer):
    photo = Image.new("RGB", (400, 300), (90, 140, 60))
    give(explorer, [word("a", one_hot(1, 1))], photo)
    explorer.get_by_text("Contours").click()
    off = np.abs(stage(explorer).astype(int) - (90, 140, 60)).max(axis=2) > 12
    assert 0.001 < off.mean() < 0.2


def test_nothing_of_this_asks_the_server(two_words):
    drag(two_words, (0, 0), (2, 2))
    for label in ("Heat map", "Contours", "Whole caption", "Same for all", "Cells"):
        two_words.get_by_text(label, exact=True).click()
    two_words.keyboard.press("ArrowRight")
    assert two_words.evaluate("asked") == []
