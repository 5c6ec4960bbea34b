"""Captions that are read from right to left: order on the page, and keys that follow it."""

from tests.support.browser.harness import give, selected, word

HEBREW = ("כלב", "שחור", "רץ", "בדשא")  # a dog, black, runs, in the grass


def centre(explorer, selector: str) -> float:
    box = explorer.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2


def test_words_tiles_and_buttons_go_from_right_to_left(explorer):
    give(explorer, [word(text) for text in HEBREW])
    for place in ("[data-caption] [data-word='{}']", "[data-part=strip] [data-word-index='{}']"):
        places = [centre(explorer, place.format(i)) for i in range(len(HEBREW))]
        assert places == sorted(places, reverse=True)
    assert centre(explorer, "[data-step='1']") < centre(explorer, "[data-step='-1']")
    arrow = explorer.locator("[data-step='1'] svg")
    assert arrow.evaluate("node => getComputedStyle(node).transform") == "matrix(-1, 0, 0, 1, 0, 0)"


def test_the_left_arrow_is_the_next_word(explorer):
    give(explorer, [word(text) for text in HEBREW])
    for focus in (None, "[data-caption] [data-word='0']", "[data-part=slider]"):
        explorer.evaluate("document.activeElement.blur()")
        if focus:
            explorer.focus(focus)
            explorer.keyboard.press("Home")
        else:
            explorer.locator("[data-caption] [data-word='0']").click()
            explorer.evaluate("document.activeElement.blur()")
        found = selected(explorer)
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
            explorer.keyboard.press(key)
            found += selected(explorer)
        assert found == ["0", "1", "2", "1", "2", "3", "3"]


def test_after_it_a_caption_from_left_to_right_has_its_keys_again(explorer):
    give(explorer, [word(text) for text in HEBREW])
    give(explorer, [word(text) for text in ("a", "dog", "runs")])
    explorer.wait_for_function(
        "document.querySelector('[data-caption]').innerText === 'a dog runs'"
    )
    explorer.keyboard.press("ArrowRight")
    first = selected(explorer)
    explorer.keyboard.press("ArrowRight")
    assert int(selected(explorer)[0]) == min(int(first[0]) + 1, 2)
    explorer.focus("[data-part=slider]")
    explorer.keyboard.press("End")
    explorer.keyboard.press("ArrowLeft")
    assert selected(explorer) == ["1"]
    assert centre(explorer, "[data-step='1']") > centre(explorer, "[data-step='-1']")
