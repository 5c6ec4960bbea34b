"""The address of the page, and a link, open a result again."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from captioner.ui.explore import opening
from tests.support.browser.page import (
    RESULT,
    SLOW_ON_A_PHONE,
    WIDE,
    in_view,
    know_tour,
    picture,
    selected,
    settled,
    visit,
    words,
)

DONE = "!document.querySelector('#explore :is([data-asking], .pending, [data-awaiting])')"
# Instead of the clipboard, which a browser without a window may not have.
CLIPBOARD = "navigator.clipboard.writeText = async (text) => { window.copied = text; }"


@pytest.fixture
def open_page(open_tab, server):
    def open_page(query="", **screen):
        page = open_tab(**screen or WIDE)
        know_tour(page, server)
        visit(page, server + query)
        page.evaluate(CLIPBOARD)
        return page

    return open_page


# Resolves when the page has not scrolled for some frames: on a phone an answer comes into view.
STILL = """new Promise((done) => {
  let [last, frames] = [scrollY, 0];
  const look = () => {
    frames = scrollY === last ? frames + 1 : 0;
    last = scrollY;
    if (frames > 20) done();
    else requestAnimationFrame(look);
  };
  look();
})"""


def example(page, name):
    page.locator(f"[data-example='{name}.jpg']").click()
    page.wait_for_selector(RESULT)
    settled(page)
    page.evaluate(STILL)


def copied(page) -> tuple[str, str]:
    """The link, and what the page says about it."""
    page.get_by_role("button", name="Copy link").first.click()
    notice = page.locator("#explorer [data-part=notice]")
    notice.get_by_text("Copied.").wait_for()
    return page.evaluate("copied"), notice.inner_text()


def follow(open_tab, link, **screen):
    """The link in a browser of its own."""
    page = open_tab(**screen, locale="en-GB")
    page.goto(link)
    page.wait_for_selector("#opening", state="detached")
    page.wait_for_selector(RESULT)
    page.wait_for_function(DONE)
    return page


def query(address) -> dict:
    return dict(parse_qsl(urlsplit(address).query))


def look(page) -> list[str]:
    page.mouse.move(0, 0)
    checked = page.locator("#explorer .options input:checked").all()
    return [one.get_attribute("value") for one in checked]


@SLOW_ON_A_PHONE
def test_a_link_opens_the_result_with_its_edits_and_its_look(open_page, open_tab, screen):
    page = open_page(**screen)
    example(page, "horse")
    page.locator("#settings").get_by_label("Sampling", exact=True).check(force=True)
    page.wait_for_function("location.search.includes('sampler=sampling')")
    page.wait_for_function(DONE)
    page.locator("[data-alternative]:not([data-chosen])").first.click()
    page.wait_for_selector("[data-changed]")
    page.get_by_role("button", name="Cover attended cells").first.click()
    page.locator('[data-part="covered-words"] li').first.wait_for()
    for name in ("Contours", "Viridis", "Same for all"):
        page.locator("#explorer").get_by_text(name, exact=True).click()
    page.click('[data-word-index="1"]')
    page.get_by_label("Compare with a second caption").check()
    page.locator("#aligned button").first.wait_for()
    page.locator("#second-settings").get_by_role("button", name="New sample").click()
    page.wait_for_function("location.search.includes('second_seed')")
    page.wait_for_function(DONE)
    link, sentence = copied(page)
    assert sentence == "Copied. The link opens this result."
    in_view(page, ".toast:not(:empty)")  # the sentence itself is a screen above
    expect(page.locator(".toast [data-text]")).to_have_attribute("data-text", sentence)
    other = follow(open_tab, link, **screen)
    other.locator("#aligned button").first.wait_for()
    other.wait_for_selector('#explorer [data-part="covered-words"] li')
    other.wait_for_function(DONE)
    other.evaluate(STILL)
    in_view(other, "#explorer [data-caption]")  # not scrolled to the second one
    for one in (page, other):
        one.get_by_label("Compare with a second caption").scroll_into_view_if_needed()
    second = "#second [data-caption]"
    assert words(other) == words(page)
    expect(other.locator(second)).to_have_text(page.inner_text(second))
    assert (selected(other), look(other)) == (selected(page), look(page))
    covered = "document.querySelector('#explorer [data-part=covered-said]').textContent"
    assert "With" in other.evaluate(covered)
    assert other.evaluate("document.documentElement.scrollWidth") <= screen["width"]


def test_the_address_is_that_of_the_result_on_show(open_page, open_tab, server):
    page = open_page()
    assert page.url == server  # the page opens on this result by itself
    page.get_by_role("button", name="Next word").click()
    page.get_by_text("Spotlight", exact=True).click()
    page.wait_for_function("location.search.includes('overlay=spotlight')")
    at = opening.read()["chosen"] + 2
    name = opening.read()["example"]
    assert query(page.url) == {"overlay": "spotlight", "example": name, "word": str(at)}
    asked = []
    other = open_tab(locale="en-GB")
    other.on("request", lambda request: asked.append(request.post_data or ""))
    visit(other, page.url)
    assert (words(other), selected(other)) == (words(page), selected(page))
    assert picture(other) == picture(page)
    assert not any("choose" in one or ".jpg" in one for one in asked)  # it is in the document


def test_a_link_has_no_photo_of_the_visitor(open_page, server, photo):
    page = open_page()
    page.set_input_files("#photo input[type=file]", photo)
    page.wait_for_selector(RESULT)
    settled(page)
    page.locator("[data-alternative]:not([data-chosen])").first.click()
    page.wait_for_selector("[data-changed]")
    page.get_by_text("Contours", exact=True).click()
    link, sentence = copied(page)
    assert link == f"{server}?overlay=contours"
    assert "The photo stays in this browser" in sentence and "without this result" in sentence


def test_a_link_has_no_result_of_a_file(open_page, server, tmp_path):
    page = open_page()
    example(page, "horse")
    page.locator("[data-part=saving] summary").first.click()
    with page.expect_download() as download:
        page.locator('[data-save="json"]').first.click()
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps(json.loads(download.value.path().read_text())))
    page.set_input_files("#explorer input[type=file]", saved)
    page.wait_for_selector("#photo img", state="detached")  # it is not that of the result
    link, sentence = copied(page)
    assert "A result from a file cannot be in a link" in sentence
    assert link == server


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?example=gone.jpg&word=2", "There is no example “gone.jpg” here any more"),
        ("?example=horse.jpg&model=gone", "The captioner “gone” of this link is not here"),
    ],
)
def test_what_a_link_has_and_the_page_has_not_is_one_sentence(open_page, query, sentence):
    page = open_page(query)
    page.get_by_text(sentence).wait_for()
    page.locator("[data-caption] button").first.wait_for()


def test_nonsense_in_a_link_is_passed_over(open_page):
    page = open_page(
        "?example=horse.jpg&word=99&covered=a.b,99.1&words=&end=x&overlay=%3Cb%3E&strength=many&grid=2"
    )
    page.wait_for_selector(RESULT)
    assert "horse" in " ".join(words(page))
    assert look(page)[0] == "heat"


def test_a_random_sample_is_opened_by_its_words(open_page, open_tab, server):
    page = open_page()
    example(page, "horse")
    page.locator("#settings").get_by_label("Sampling", exact=True).check(force=True)
    page.wait_for_function("location.search.includes('sampler=sampling')")
    page.wait_for_function(DONE)
    page.locator("#settings").get_by_label("Seed").fill("")
    page.keyboard.press("Tab")
    page.wait_for_function("location.search.includes('seed=random')")
    page.wait_for_function(DONE)
    link, _ = copied(page)
    other = follow(open_tab, link)
    other.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent === text",
        arg=" ".join(words(page)),
    )
