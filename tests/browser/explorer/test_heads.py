"""The heads of a transformer in the browser: pointing, choosing, the links between words."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from captioner.caption import Word
from tests.support.browser.harness import SHIFTED, give, one_hot, set_up, stage, uniform, value

CORNERS = [[(0, 0), (0, 3)], [(2, 0), (2, 3)]]  # where each head of each layer looks


def word(text: str, before: int) -> Word:
    """Each head looks at a corner; the words before are attended to as 1, 2, 3, .. are."""
    heads = np.stack([np.stack([one_hot(*cell) for cell in layer]) for layer in CORNERS])
    shares = np.arange(1, before + 2) / np.arange(1, before + 2).sum()
    links = np.stack([np.stack([shares, shares[::-1]])] * 2)
    return Word(text, 0.5, heads.mean(axis=(0, 1)), [(text, 0.5)], heads, links)


WORDS = [word(text, i) for i, text in enumerate(("a", "dog", "runs"))]
WHITE = Image.new("RGB", (400, 200), "white")


@pytest.fixture(params=[1440, 390])
def page(open_tab, request):
    explorer = set_up(open_tab(request.param, 900))
    give(explorer, WORDS, WHITE)
    explorer.click('[data-word="2"]')
    return explorer


def brightest(explorer) -> tuple[bool, bool]:
    """Whether the light of the heat map is in the upper and in the left half of the photo."""
    picture = stage(explorer).astype(int)
    colour = picture.max(axis=2) - picture.min(axis=2)
    y, x = np.unravel_index(colour.argmax(), colour.shape)
    return bool(y < colour.shape[0] / 2), bool(x < colour.shape[1] / 2)


def head(explorer, name: str):
    return explorer.locator(f'label:has([name="head"][value="{name}"])')


def test_a_head_is_shown_while_pointed_at_and_everywhere_once_chosen(page):
    whole = stage(page)
    head(page, "1.1").hover()
    assert brightest(page) == (True, True)
    head(page, "2.2").hover()
    assert brightest(page) == (False, False)
    page.mouse.move(0, 0)
    assert np.array_equal(stage(page), whole)

    head(page, "2.1").click()
    assert brightest(page) == (False, True)
    assert page.inner_text('[data-part="lead"]').startswith("While saying runs, head 1 of layer 2")
    assert page.inner_text('[data-part="cells"]') == "about 1 of 12 cells"
    assert page.inner_text('[data-part="live"]') == "head 1 of layer 2"
    page.keyboard.press("ArrowRight")  # a radio group
    assert brightest(page) == (False, False)
    page.click('[data-word="0"]')
    assert "head 2 of layer 2" in page.inner_text('[data-part="lead"]')
    head(page, "mean").click()
    assert page.inner_text('[data-part="cells"]') == "about 4 of 12 cells"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_what_is_saved_as_a_picture_has_the_maps_of_the_head(page):
    head(page, "1.2").click()
    page.click('[data-part="saving"] summary')
    page.click('[data-save="strip"]')
    page.wait_for_function("window.asked.length")
    (asked,) = page.evaluate("window.asked")
    for sent in asked["value"]["words"]:
        assert sent["attention"] == one_hot(0, 3).tolist()
        assert "heads" not in sent and "self_attention" not in sent


def test_self_attention_links_the_chosen_word_with_those_before(page):
    third = page.inner_text('[data-part="links"]').split(", ")
    assert sorted(third) == ["the start 33 %", "“a” 33 %", "“dog” 33 %"]
    head(page, "1.1").click()
    assert page.inner_text('[data-part="links"]') == "“dog” 50 %, “a” 33 %, the start 17 %"
    widths = page.locator(".links path").evaluate_all(
        "all => all.map((p) => p.getAttribute('stroke-width'))"
    )
    assert [float(width) for width in widths] == pytest.approx([1 + 5 / 3, 3.5], abs=0.01)
    # An arc goes from the middle of one word to that of the other.
    path = page.locator(".links path").last.get_attribute("d")
    left = page.locator(".links").bounding_box()["x"]
    middles = [left + float(path[1:].split()[0]), left + float(path.split()[-2])]
    for word, middle in zip((2, 1), middles, strict=True):
        box = page.locator(f'[data-word="{word}"]').bounding_box()
        assert middle == pytest.approx(box["x"] + box["width"] / 2, abs=0.5)
    page.click('[data-word="0"]')
    assert page.inner_text('[data-part="links"]') == "the start 100 %"
    assert page.locator(".links path").count() == 0


def test_captioners_without_heads_have_none_of_it(page):
    plain = [replace(word, attention=uniform(), heads=None, self_attention=None) for word in WORDS]
    head(page, "2.2").click()
    give(page, plain, WHITE)
    assert page.locator('[data-part="heads"], [data-part="links-row"]').evaluate_all(
        "all => all.every((node) => node.hidden)"
    )
    assert page.locator(".links path").count() == 0
    assert "the network looked" in page.inner_text('[data-part="lead"]')


def test_a_link_and_a_stored_result_name_the_head(open_tab):
    explorer = set_up(open_tab(1440, 900), "?head=2.1")
    explorer.evaluate("give", {"value": value(WORDS, WHITE, SHIFTED)})
    explorer.wait_for_selector("[data-caption] button")
    assert explorer.locator('[name="head"]:checked').get_attribute("value") == "2.1"
    assert brightest(explorer) == (False, True)


def test_the_tour_tells_how_a_transformer_comes_to_a_word(page):
    page.click('[data-part="tour"]')
    titles, texts = [], []
    for step in range(1, 7):
        page.get_by_label(f"Step {step}", exact=True).click()
        titles.append(page.inner_text("[data-on-show] h3").replace("\n", " "))
        texts.append(" ".join(page.inner_text("[data-on-show]").split()))
    assert [title.split(maxsplit=1)[1] for title in titles] == [
        *("Grid", "Own words", "Attention", "Weighted sums", "Choice", "Next word")
    ]
    assert "reads “a dog” anew" in texts[1] and "with 2 heads in each of 2 layers" in texts[1]
    assert "“dog” 33 %" in texts[1] and "the start 33 %" in texts[1]
    assert "this word has 4 maps" in texts[2] and "2.1, lower left 100 %" in texts[2]
    assert "3 outlined 75 %" in texts[3] or "2 outlined 50 %" in texts[3]
    assert "last layer" in texts[4]
    assert "memory" not in " ".join(texts[2:]) and "GRU" not in " ".join(texts)


def test_the_tour_is_about_the_mean_of_all_heads(page):
    head(page, "2.1").click()
    page.click('[data-part="tour"]')
    page.get_by_label("Step 4", exact=True).click()
    assert "1 outlined" not in page.inner_text("[data-on-show]")
    page.keyboard.press("Escape")
    assert page.locator('[name="head"]:checked').get_attribute("value") == "2.1"
    assert brightest(page) == (False, True)


def test_occlusion_is_compared_with_the_head_on_show(page):
    page.click('[data-part="show-cause"]')
    page.wait_for_function("window.asked.length")
    (asked,) = page.evaluate("window.asked")
    falls = [[[0.1] * 4] * 3] * 3
    of_heads = [[[0.1, 0.2], [0.3, 0.4]]] * 3
    answer = {"maps": falls, "agreement": [0.5] * 3, "of_heads": of_heads}
    page.evaluate("give", {"answer": {"id": asked["id"], **answer}})
    agreement = page.locator('[data-part="agreement"]')
    agreement.get_by_text("0.50").wait_for()
    head(page, "2.1").click()
    assert agreement.inner_text() == "0.30"
