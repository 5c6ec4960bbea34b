"""The explorer by itself, given values as the page would give them."""

import numpy as np
import pytest
from PIL import Image

from captioner import Caption
from captioner.attention_maps import Geometry, place
from captioner.rendering import render
from captioner.ui.shared.results import error_value
from tests.support.browser.harness import (
    SHIFTED,
    address,
    answer,
    give,
    last_ask,
    one_hot,
    selected,
    set_up,
    stage,
    word,
)


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("geometry", [SHIFTED, Geometry(1, 5, 100, 19.9, 10.3)])
def test_maps_are_placed_as_in_python(tab, geometry, smooth):
    attention = np.random.default_rng(1).random((geometry.rows, geometry.cols), np.float32)
    grid = {"x": list(geometry.centres(geometry.cols)), "y": list(geometry.centres(geometry.rows))}
    tab.goto(address())
    found = tab.evaluate(
        "async ([module, map, grid, smooth]) =>"
        " [...(await import(module)).place(map, grid, 37, 23, smooth)]",
        [address() + "shared/maps/maps.js", attention.tolist(), grid, smooth],
    )
    expected = place(attention, geometry, (37, 23), smooth)
    np.testing.assert_allclose(np.reshape(found, (23, 37)), expected, atol=1e-6)


@pytest.mark.parametrize("detail", ["Smooth", "Cells"])
@pytest.mark.parametrize(("row", "col"), [(0, 0), (2, 1), (1, 3)])
def test_light_falls_on_the_cell_of_a_photo_that_is_not_square(explorer, row, col, detail):
    give(explorer, [word("a", one_hot(row, col))])
    explorer.get_by_text("Spotlight").click()
    explorer.get_by_text(detail, exact=True).click()
    light = stage(explorer).mean(axis=2)
    height, width = light.shape
    x = int(SHIFTED.centres(4)[col] * width)
    y = int(SHIFTED.centres(3)[row] * height)
    assert light[y, x] > 250
    far = np.ones_like(light, bool)
    reach = 60 / 240  # one cell further nothing of it is left
    rows, cols = np.ogrid[:height, :width]
    far[(abs(rows - y) < reach * height + 3) & (abs(cols - x) < reach * width + 3)] = False
    if row == 0:
        far[: y + 1] = False  # beyond the outer centres the outer cells go on
    if row == 2:
        far[y:] = False
    if col == 3:
        far[:, x:] = False
    if col == 0:
        far[:, : x + 1] = False
    assert light[far].max() < 165  # of 255: two thirds of the brightness at most


def test_a_uniform_map_is_bright_on_its_own_scale_and_dark_on_a_common_one(explorer):
    give(explorer, [word("a"), word("dog", one_hot(1, 1))])
    explorer.get_by_text("Spotlight").click()
    explorer.click('[data-word-index="0"]')
    assert stage(explorer).min() > 250
    explorer.get_by_text("Same for all").click()
    assert stage(explorer).max() < 175
    assert "any word gave" in explorer.inner_text('[data-part="legend"]')


def test_without_strength_the_photo_is_as_it_was(explorer):
    photo = Image.new("RGB", (300, 200), (200, 60, 20))
    give(explorer, [word("a", one_hot(0, 0))], photo)
    explorer.get_by_label("Strength").fill("0")
    for overlay in ("Spotlight", "Heat map"):
        explorer.get_by_text(overlay).click()
        assert abs(stage(explorer).astype(int) - (200, 60, 20)).max() <= 4


@pytest.mark.parametrize(("smooth", "scale"), [(True, "own"), (False, "common")])
@pytest.mark.parametrize("style", render.STYLES)
def test_python_exports_the_colours_that_the_page_paints(explorer, style, smooth, scale):
    gradient = np.linspace(30, 230, 300, dtype=np.uint8)
    photo = np.stack([np.tile(gradient, (200, 1)), *np.full((2, 200, 300), 90, np.uint8)], axis=2)
    maps = [np.linspace(0, 0.1, 12, dtype=np.float32).reshape(3, 4), one_hot(1, 2)]
    words = [word(text, attention) for text, attention in zip("ab", maps, strict=True)]
    give(explorer, words, Image.fromarray(photo))
    explorer.click('[data-word-index="0"]')
    labels = {"spotlight": "Spotlight", "heat": "Heat map", "contours": "Contours"}
    explorer.get_by_text(labels[style]).click()
    if style != "spotlight":
        explorer.get_by_text("Viridis").click()
    explorer.get_by_text("Smooth" if smooth else "Cells", exact=True).click()
    if scale == "common":
        explorer.get_by_text("Same for all").click()
    painted = stage(explorer).astype(int)
    height, width, _ = painted.shape
    look = {"style": style, "smooth": smooth, "scale": scale, "palette": "viridis"}
    resized = Image.fromarray(photo).resize((width, height), Image.Resampling.BILINEAR)
    exported = np.asarray(render.overlay(resized, Caption(words, SHIFTED), 0, **look), int)
    difference = abs(painted - exported)[8:-8, 8:-8].max(axis=2)
    # The photo arrives as a JPEG, and smooth maps are enlarged by the browser.
    assert np.percentile(difference, 95) <= 4
    assert (difference > 12).mean() < 0.01  # pixels next to a border or a line


def test_what_is_not_attended_keeps_most_of_its_light(explorer):
    give(explorer, [word("a", one_hot(0, 0))], Image.new("RGB", (300, 200), (150, 150, 150)))
    for overlay in ("Spotlight", "Heat map", "Contours"):
        explorer.get_by_text(overlay).click()
        luma = stage(explorer)[-20:, -20:] @ np.array((0.299, 0.587, 0.114))
        assert luma.min() >= 0.6 * 150


def test_the_heat_map_lets_the_photo_through(explorer):
    photo = Image.new("RGB", (300, 200), "black")
    photo.paste("white", (150, 0, 300, 200))
    give(explorer, [word("a")], photo)
    explorer.get_by_text("Heat map").click()
    light = stage(explorer).mean(axis=2)
    assert light[:, -1].min() > light[:, 0].max() + 40


def test_words_stay_text(explorer):
    hostile = ["<img src=x onerror=alert(1)>", "${alert(1)}", "{{value}}", "&lt;b&gt;"]
    give(explorer, [word(text, alternatives=[(text, 0.5), ("<b>x</b>", 0.1)]) for text in hostile])
    assert explorer.inner_text("[data-caption]") == " ".join(hostile)
    for i, text in enumerate(hostile):
        explorer.click(f'[data-word-index="{i}"]')
        assert explorer.inner_text('[data-part="text"]') == text
    assert explorer.locator(".explorer :is(img, b)").count() == 0


def test_alternatives_are_told_as_they_are(explorer):
    given = [("cat", 0.6), ("<end>", 0.25), ("dog", 0.1), ("car", 0.0001)]
    give(explorer, [word("dog", probability=0.1, alternatives=given)])
    rows = explorer.locator("[data-alternative]")
    assert [row.get_attribute("data-alternative") for row in rows.all()] == [
        "cat", "<end>", "dog", "car",
    ]  # fmt: skip
    assert rows.nth(1).inner_text().split("\n")[0] == "end of sentence"
    assert [text.split("\n")[-1] for text in rows.all_inner_texts()] == [
        "60.0 %", "25.0 %", "10.0 %", "< 0.1 %",
    ]  # fmt: skip


def test_a_drawn_word_is_listed_even_if_others_were_likelier(explorer):
    give(explorer, [word("zebra", probability=0.02, alternatives=[("cat", 0.6), ("dog", 0.3)])])
    rows = explorer.locator("[data-alternative]")
    assert [row.get_attribute("data-alternative") for row in rows.all()] == ["cat", "dog", "zebra"]


def heard(explorer) -> str:
    return explorer.text_content('[data-part="live"]')


def test_a_screen_reader_hears_each_caption_once(explorer):
    give(explorer, [word("a"), word("dog")])
    assert heard(explorer) == "Caption: a dog. Confidence 50 %."
    explorer.locator('[data-word-index="0"]').focus()
    explorer.keyboard.press("ArrowRight")
    assert heard(explorer).startswith("word 2 of 2, dog")
    give(explorer, [word("a"), word("cat")])
    explorer.wait_for_selector("[data-caption]:has-text('cat')")
    assert heard(explorer) == "Caption: a cat. Confidence 50 %."
    explorer.evaluate("give", {"value": None})
    assert heard(explorer) == ""


def test_confidence_is_explained_at_a_click(explorer):
    give(explorer, [word("a"), word("dog")])
    meaning = explorer.get_by_text("It does not say whether the sentence is true.")
    assert not meaning.is_visible()
    explorer.get_by_text("Confidence 50 %", exact=True).click()
    assert meaning.is_visible()


DROP = """([name, type]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["milk, bread"], name, { type }));
  const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector(".explorer .result").dispatchEvent(event);
}"""


def test_a_dropped_file_that_is_no_photo_is_refused_and_the_caption_stays(explorer):
    give(explorer, [word("a"), word("dog")])
    explorer.evaluate(DROP, ["notes.txt", "text/plain"])
    said = "“notes.txt” is not a photo: choose a JPEG, PNG or WebP file."
    assert explorer.inner_text('[data-part="notice"]') == said
    assert explorer.inner_text("[data-caption]").split() == ["a", "dog"]
    assert explorer.evaluate("asked") == []


def test_what_is_said_of_a_word(explorer):
    give(explorer, [word("a"), word("dog", one_hot(2, 0), probability=0.81)])
    explorer.click('[data-word-index="0"]')
    assert explorer.inner_text('[data-part="cells"]') == "about 12 of 12 cells"
    assert explorer.inner_text('[data-part="centre"]') == "everywhere"
    explorer.keyboard.press("ArrowRight")
    said = "word 2 of 2, dog, 81 %, looks at the lower left"
    assert explorer.text_content('[data-part="live"]') == said
    assert explorer.inner_text('[data-part="cells"]') == "about 1 of 12 cells"
    assert explorer.inner_text('[data-part="centre"]') == "lower left"


@pytest.mark.parametrize("length", [1, 2, 3, 5, 30])
def test_captions_of_any_length(explorer, length):
    give(explorer, [word(f"w{i}") for i in range(length)])
    assert explorer.locator("[data-word-index]").count() == length
    explorer.focus('[data-word-index="0"]')
    explorer.keyboard.press("End")
    assert selected(explorer) == [str(length - 1)]
    assert explorer.evaluate("document.activeElement.dataset.wordIndex") == str(length - 1)
    strip = explorer.locator('[data-part="strip"]').bounding_box()
    explorer.wait_for_function(
        "limit => document.activeElement.getBoundingClientRect().right <= limit",
        arg=strip["x"] + strip["width"] + 1,
    )
    explorer.keyboard.press("ArrowRight")
    assert selected(explorer) == [str(length - 1)]
    explorer.keyboard.press("Home")
    assert selected(explorer) == ["0"]


def test_playing_ends_with_the_last_word(open_tab):
    explorer = set_up(open_tab(reuse=False))
    explorer.clock.install()
    give(explorer, [word("dog"), word("and"), word("cat")])
    explorer.keyboard.press(" ")
    for expected in ("1", "2"):
        explorer.clock.run_for(1200)
        assert selected(explorer) == [expected]
    assert explorer.inner_text('[data-part="play"]') == "Play"
    explorer.clock.run_for(5000)
    assert selected(explorer) == ["2"]


def test_values_may_follow_each_other(explorer):
    give(explorer, [word("a"), word("dog")])
    listeners = explorer.evaluate("listeners")
    for n in range(1, 12):
        give(explorer, [word(f"w{i}") for i in range(n)])
        assert explorer.locator("[data-word-index]").count() == n
    explorer.keyboard.press("ArrowRight")
    assert selected(explorer) == ["1"]  # one step: no listener came on top of another
    assert explorer.evaluate("listeners") == listeners


def test_the_seconds_until_the_captioner_is_there_are_named_if_they_are_known(explorer):
    time = explorer.locator(".invitation [data-count-down]")
    for captioner, text in ((7, "about 7 seconds"), ("loading", "a moment"), (1, "a moment")):
        explorer.evaluate("give", {"captioner": captioner})
        assert time.is_visible() and time.inner_text() == text
    explorer.evaluate("give", {"captioner": "ready"})
    assert not time.is_visible()


def test_each_state_shows_itself_alone(explorer):
    def shown():
        blocks = explorer.locator(".explorer > :not(.unseen)").all()
        return [block.get_attribute("class") for block in blocks if block.is_visible()]

    assert shown() == ["invitation"]
    give(explorer, [word("a")])
    assert shown() == ["result"]
    explorer.evaluate("give", {"value": error_value("x.png is damaged.")})
    assert shown() == ["trouble"]
    assert explorer.inner_text('[data-part="error"]') == "x.png is damaged."
    explorer.evaluate("give", {"value": None})
    assert shown() == ["invitation"]
    explorer.evaluate("document.querySelector('#harness').parentElement.className = 'pending'")
    assert shown() == ["waiting"]
    explorer.evaluate("give", {"captioner": "The checkpoint is incomplete."})
    explorer.evaluate("document.querySelector('#harness').parentElement.className = ''")
    assert explorer.inner_text('[data-part="error"]') == "The checkpoint is incomplete."


def test_canvases_follow_the_window(explorer):
    give(explorer, [word("a", one_hot(0, 0))], Image.new("RGB", (1600, 400), "white"))
    before = explorer.locator("[data-stage]").bounding_box()["width"]
    explorer.set_viewport_size({"width": 700, "height": 800})
    explorer.wait_for_function(
        "before => document.querySelector('[data-stage]').offsetWidth < before", arg=before
    )
    box = explorer.locator("[data-stage]").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(4, rel=0.02)
    assert stage(explorer).shape[1] == box["width"]
    assert stage(explorer).max() > 250


def test_one_sentence_says_what_the_light_means(explorer):
    give(explorer, [word("a"), word("dog", one_hot(2, 0)), word("runs", one_hot(0, 3))])
    assert selected(explorer) == ["1"]  # the first noun

    def lead() -> str:
        return explorer.inner_text('[data-part="lead"]')

    assert lead() == "While saying dog, the network looked mostly here."
    explorer.click('[data-word-index="0"]')
    assert lead() == "While saying a, the network looked at the whole photo."
    explorer.click('[data-word-index="2"]')
    explorer.get_by_text("Whole caption").click()
    assert lead().startswith("While saying the whole caption, ")


def test_a_clue_is_no_reason_and_leads_to_what_mattered(explorer):
    give(explorer, [word("a"), word("dog", one_hot(2, 0))])
    clue = explorer.inner_text(".clue")
    assert (
        "3 × 4 cells: light can fall beside the thing. Attention is a clue, not a reason." in clue
    )
    explorer.get_by_role("button", name="See what mattered").click()
    assert last_ask(explorer)["kind"] == "cause"
    answer(explorer, done=1, total=2)
    assert "Covering the photo, 50 % …" in explorer.inner_text(".clue")
    answer(explorer, maps=[one_hot(1, 1).tolist()] * 2, agreement=[0.5, 0.5])
    explorer.locator('[data-part="cause"]').wait_for()
    assert explorer.inner_text(".clue").endswith("See what mattered")
