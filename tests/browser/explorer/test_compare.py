"""Two captions of one photo side by side, on the real page."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.page import recaptioned, send, settled, visit, words


def compare(page):
    page.get_by_label("Compare with a second caption").check()
    page.locator("#aligned button").first.wait_for()
    settled(page)
    return page.locator("#second")


@pytest.fixture
def page(shared, photo):
    recaptioned(shared, photo)
    yield shared
    shared.get_by_label("Compare with a second caption").uncheck()
    shared.locator("#second").wait_for(state="detached")


def columns(page) -> list[list[str]]:
    """The words above each other; "" where there is none."""
    rows = page.locator("#aligned .columns > div").all()
    return [[cell.inner_text() for cell in row.locator("> *").all()] for row in rows]


def chosen(pane) -> str:
    return pane.locator('[data-word-index][aria-selected="true"] .tile-word').inner_text()


def test_words_that_belong_together_stand_above_each_other(page):
    second = compare(page)
    aligned = columns(page)
    assert [one for one, _ in aligned if one] == words(page)
    theirs = second.locator("[data-caption]").inner_text().split()
    assert [other for _, other in aligned if other] == theirs
    same = sum(one == other for one, other in aligned)
    expect(page.locator("#aligned [data-differs]")).to_have_count(
        len(words(page)) + len(theirs) - 2 * same
    )


def test_a_start_sets_the_controls_of_both(page):
    second = compare(page)
    for sampler, name in (("beam", "beam search"), ("sampling", "sampling")):
        page.get_by_role("button", name=f"Greedy beside {name}").click()
        page.wait_for_selector(f"#second-settings input[value={sampler}]:checked")
        expect(page.locator("#settings input[value=greedy]")).to_be_checked()
        # Its caption is there.
        second.locator(f"[data-sampler={sampler}][aria-pressed=true]").wait_for(state="attached")


def test_both_are_stepped_through_together(page):
    second = compare(page)
    at = max(i for i, (one, other) in enumerate(columns(page)) if one and other)
    one, other = columns(page)[at]
    number = [one for one, _ in columns(page)[: at + 1] if one]
    page.locator("#explorer [data-word-index]").nth(len(number) - 1).click()
    assert (chosen(page.locator("#explorer")), chosen(second)) == (one, other)
    expect(page.locator("#aligned [data-chosen]")).to_have_text([one, other])
    theirs = page.locator("#aligned .columns > div > :last-child:is(button)").first
    theirs.click()  # a word of the second one, with a partner above it or without
    assert theirs.get_attribute("data-chosen") is not None
    assert chosen(second) == theirs.inner_text()


def test_both_have_the_same_overlay(page):
    page.locator("#explorer").get_by_text("Contours").click()
    second = compare(page)
    expect(second.locator(".explorer")).to_have_attribute("data-overlay", "contours")
    expect(second.locator(".options")).to_be_hidden()
    stage = "document.querySelector('#second [data-stage]').toDataURL()"
    before = page.evaluate(stage)
    page.locator("#explorer").get_by_text("Heat map").click()
    assert page.evaluate(stage) != before


LEVEL = """() => {
    const tops = ["#explorer", "#second"].map((pane) =>
        document.querySelector(`${pane} [data-stage]`).getBoundingClientRect().y);
    return Math.abs(tops[0] - tops[1]) <= 0.5;
}"""


def test_both_photos_are_at_the_same_height(page):
    compare(page)
    for _ in range(3):
        page.wait_for_function(LEVEL, timeout=5000)  # heights are told once they were laid out
        page.get_by_role("button", name="New sample").last.click()
        page.wait_for_timeout(100)
        settled(page)


def test_another_photo_is_for_both(page):
    second = compare(page)
    page.get_by_label("Remove Image").click()
    page.locator("#aligned").wait_for(state="hidden")
    page.locator("#examples button").first.click()
    page.locator("#aligned button").first.wait_for()
    seen = "pane => document.querySelector(`${pane} [data-stage]`).width"
    second.locator("[data-caption] button").first.wait_for()
    assert page.evaluate(seen, "#explorer") == page.evaluate(seen, "#second")


def test_without_the_second_all_is_as_before(page):
    before = page.locator("[data-stage]").bounding_box()
    second = compare(page)
    page.get_by_label("Compare with a second caption").uncheck()
    second.wait_for(state="detached")
    expect(page.locator("#aligned")).to_have_count(0)
    page.mouse.wheel(0, -3000)
    page.wait_for_function(
        "before => scrollY === 0 && document.querySelector('[data-stage]').offsetWidth === before",
        arg=round(before["width"]),
    )
    assert page.locator("[data-stage]").bounding_box() == before


def test_on_a_phone_one_is_below_the_other(open_tab, server, photo):
    page = visit(open_tab(360, 740, has_touch=True, is_mobile=True), server)
    send(page, photo)
    second = compare(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        check_that_one_is_below_the_other(page, second)


def check_that_one_is_below_the_other(page, second):
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tops = [page.locator(name).bounding_box()["y"] for name in ("#explorer", "#aligned", "#second")]
    assert tops == sorted(tops)
    assert second.locator("[data-stage]").bounding_box()["width"] > 250
