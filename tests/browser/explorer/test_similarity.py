"""Similarity in the browser: two linked matrices, words by words."""

import numpy as np
import pytest

from tests.support.browser.harness import (
    SHIFTED,
    give,
    one_hot,
    selected,
    set_up,
    uniform,
    value,
    word,
)

PANEL = '[data-part="more-similarity"]'


def shared(*cells):
    """A map that gives the same weight to each of these cells."""
    return sum(one_hot(*cell) for cell in cells) / len(cells)


def compare(explorer, words, vectors=None):
    """Shows a caption, with these cosines if there are any, and opens the panel."""
    shown = value(words)
    shown["vectors"] = vectors
    explorer.evaluate("give", {"value": shown})
    explorer.wait_for_selector("[data-caption] button")
    explorer.click('[data-more="similarity"]')


@pytest.fixture
def alike(explorer):
    """Three words: the first and the last look at the same cell, the second at that and another."""
    words = [
        word("dog", one_hot(1, 1)),
        word("on", shared((1, 1), (2, 3))),
        word("beach", one_hot(1, 1)),
    ]
    compare(explorer, words, [[1, -0.25, 0.31], [-0.25, 1, -0.004], [0.31, -0.004, 1]])
    return explorer


def cell(tab, matrix, row, column):
    return tab.locator(f'[data-matrix="{matrix}"] [data-row="{row}"][data-column="{column}"]')


def pair(tab) -> str:
    return tab.text_content(f"{PANEL} .pair")


def linked(tab) -> list[str]:
    """What is marked, from the sentence to the last matrix."""
    return tab.locator("[data-linked]").all_text_contents()


def colour(node) -> str:
    return node.evaluate("node => getComputedStyle(node).backgroundColor")


def test_the_numbers_are_cosines_and_overlaps(alike):
    found = [
        [cell(alike, matrix, i, j).text_content() for i in range(3) for j in range(i)]
        for matrix in ("vectors", "maps")
    ]
    half = f"{np.sqrt(1 / 2):.2f}"
    assert found == [["−0.25", "0.31", "0.00"], [half, "1.00", half]]
    text = alike.inner_text(PANEL)
    assert "cosine" in text
    assert "Bhattacharyya coefficient" in text
    assert "“dog” and “beach” attended to the most similar places (1.00)." in text
    ends = alike.locator(f"{PANEL} .range").all_inner_texts()
    assert [end.split() for end in ends] == [["−0.25", "0.31"], [half, "1.00"]]


def test_pointing_at_a_cell_marks_both_words_everywhere_and_leaving_unmarks_them(alike):
    cell(alike, "vectors", 2, 0).hover()
    assert pair(alike) == "“beach” and “dog”: vectors 0.31, maps 1.00"
    in_matrices = ["dog", "beach", "0.31", "dog", "beach", "1.00"]
    assert linked(alike)[:2] == ["dog", "beach"]  # in the sentence
    assert [text[:3] for text in linked(alike)[2:4]] == ["dog", "bea"]  # in the strip
    assert linked(alike)[4:] == in_matrices
    cell(alike, "maps", 0, 1).hover()
    assert pair(alike) == "“dog” and “on”: vectors −0.25, maps 0.71"
    assert len(linked(alike)) == 10
    alike.locator("[data-caption]").hover()
    assert (linked(alike), pair(alike)) == ([], "")


def test_a_word_with_itself_is_one_word(alike):
    cell(alike, "maps", 1, 1).hover()
    assert pair(alike) == "“on” with itself: always 1"
    assert alike.locator("[data-caption] [data-linked]").all_inner_texts() == ["on"]


def test_arrow_keys_go_from_cell_to_cell_and_not_from_word_to_word(alike):
    alike.focus('[data-more="similarity"]')
    while not alike.evaluate("document.activeElement.matches('[role=gridcell]')"):
        alike.keyboard.press("Tab")
    assert pair(alike).startswith("“on” and “dog”")
    for key, said in [
        ("ArrowDown", "“beach” and “dog”"),
        ("ArrowDown", "“beach” and “dog”"),
        ("End", "“beach” with itself"),
        ("ArrowUp", "“on” and “beach”"),
        ("Home", "“on” and “dog”"),
        ("ArrowRight", "“on” with itself"),
        ("ArrowLeft", "“on” and “dog”"),
    ]:
        alike.keyboard.press(key)
        assert pair(alike).startswith(said)
    assert selected(alike) == ["0"]
    alike.keyboard.press("Tab")  # into the other matrix: each is one stop
    assert alike.evaluate("document.activeElement.closest('figure').dataset.matrix") == "maps"
    alike.keyboard.press("Tab")
    assert (linked(alike), pair(alike)) == ([], "")


def test_a_tap_marks_until_the_next_tap_elsewhere(open_tab):
    tab = set_up(open_tab(360, 740, has_touch=True, is_mobile=True))
    words = [word("dog"), word("on"), word("sand")]
    give(tab, words)
    tab.tap('[data-more="similarity"]')
    cell(tab, "maps", 2, 0).tap()
    assert pair(tab) == "“sand” and “dog”: vectors 0.00, maps 1.00"
    tab.locator(f"{PANEL} figcaption").first.tap()
    assert (linked(tab), pair(tab)) == ([], "")


def test_closing_the_panel_leaves_no_mark(alike):
    cell(alike, "maps", 2, 0).hover()
    assert linked(alike)
    marks = alike.evaluate(  # neither pointer nor focus has moved
        """() => {
          document.querySelector('[data-more="similarity"]').click();
          return document.querySelectorAll("[data-linked]").length;
        }"""
    )
    assert marks == 0
    assert not alike.locator(PANEL).is_visible()


def test_another_caption_is_drawn_while_it_is_open(alike):
    cell(alike, "maps", 2, 0).click()
    give(alike, [word("two"), word("birds", one_hot(0, 0))])
    alike.wait_for_function("document.querySelectorAll('[role=rowheader]').length === 4")
    assert (linked(alike), pair(alike)) == ([], "")
    assert "“two” and “birds” attended" in alike.inner_text(PANEL)
    assert cell(alike, "maps", 1, 0).text_content() == f"{np.sqrt(1 / SHIFTED.cells):.2f}"


def test_an_old_result_without_vectors_is_told_as_such(explorer):
    compare(explorer, [word("dog"), word("runs")])
    assert "came without word vectors" in explorer.inner_text(PANEL)
    assert explorer.locator(f"{PANEL} figure").count() == 1
    cell(explorer, "maps", 1, 0).hover()
    assert pair(explorer) == "“runs” and “dog”: maps 1.00"


def test_a_single_word_is_compared_with_nothing(explorer):
    compare(explorer, [word("dog")], [[1]])
    assert "has only one" in explorer.inner_text(PANEL)
    assert explorer.locator(f"{PANEL} figure").count() == 0


def test_a_word_said_twice_is_no_pair_of_different_words(explorer):
    compare(explorer, [word("dog"), word("dog")], [[1, 1], [1, 1]])
    assert "most similar" not in explorer.inner_text(PANEL)
    assert cell(explorer, "vectors", 1, 0).text_content() == "1.00"


def test_colours_are_those_of_the_chosen_palette_and_the_diagonal_has_none(alike):
    lowest, highest = cell(alike, "vectors", 1, 0), cell(alike, "vectors", 2, 0)
    assert [colour(lowest), colour(highest)] == ["rgb(0, 0, 4)", "rgb(252, 255, 164)"]
    diagonal = colour(cell(alike, "vectors", 0, 0))
    alike.get_by_text("Heat map", exact=True).click()
    alike.get_by_text("Viridis").click()
    assert [colour(lowest), colour(highest)] == ["rgb(68, 1, 84)", "rgb(253, 231, 37)"]
    assert colour(cell(alike, "vectors", 0, 0)) == diagonal


@pytest.mark.parametrize("width", [360, 1440])
def test_twenty_four_words_stay_readable(open_tab, width):
    tab = set_up(open_tab(width, 800))
    words = [word(f"skateboard{i}", one_hot(i % 3, i % 4)) for i in range(24)]
    give(tab, words)
    tab.click('[data-more="similarity"]')
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for matrix in ("vectors", "maps"):
        box = cell(tab, matrix, 23, 23).bounding_box()
        before = cell(tab, matrix, 23, 22).bounding_box()
        assert before["x"] + before["width"] <= box["x"]
        assert box["width"] >= 8
        assert box["height"] >= 12
        grid = tab.locator(f'[data-matrix="{matrix}"]').bounding_box()
        assert box["x"] + box["width"] <= grid["x"] + grid["width"]
    sizes = tab.locator("[role=rowheader], [role=columnheader]").evaluate_all(
        "nodes => nodes.map((node) => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 11
    cell(tab, "maps", 23, 22).hover()
    assert pair(tab) == "“skateboard23” and “skateboard22”: vectors 0.00, maps 0.00"


def test_hostile_words_stay_text(explorer):
    hostile = ["<img src=x onerror=alert(1)>", '"><b>x</b>', "${alert(1)}"]
    compare(explorer, [word(text) for text in hostile], np.eye(3).tolist())
    assert explorer.locator(f"{PANEL} [role=rowheader]").all_text_contents() == hostile * 2
    cell(explorer, "maps", 1, 0).hover()
    assert pair(explorer).startswith(f"“{hostile[1]}” and “{hostile[0]}”")
    assert explorer.locator(f"{PANEL} :is(img, b)").count() == 0


def test_nothing_is_asked(alike):
    requests = []
    alike.on("request", lambda request: requests.append(request.url))
    cell(alike, "maps", 2, 0).click()
    alike.keyboard.press("ArrowUp")
    alike.click('[data-more="similarity"]')
    alike.click('[data-more="similarity"]')
    assert (alike.evaluate("asked"), requests) == ([], [])


def test_values_may_follow_each_other(alike):
    listeners = alike.evaluate("listeners")
    for n in range(2, 8):
        give(alike, [word(f"w{i}", uniform()) for i in range(n)])
        alike.wait_for_function(
            f"document.querySelectorAll('[role=gridcell]').length === {2 * n * n}"
        )
    assert alike.evaluate("listeners") == listeners
