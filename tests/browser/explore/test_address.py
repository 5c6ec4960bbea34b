"""The address of the page holds its settings."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from captioner.ui.explore import opening
from tests.support.browser.page import ANSWERED, RESULT, send, settled, words

STORED = opening.read()


@pytest.fixture
def visit(tab, server):
    def visit(query: str):
        tab.goto(server + query)
        tab.wait_for_selector("#photo input[type=file]", state="attached")
        tab.wait_for_selector("#explorer [data-captioner=ready]", state="attached")
        return tab

    return visit


def field(tab, name: str):
    """The control of a setting, where it is a number."""
    label = name if name == "Seed" else f"number input for {name}"
    return tab.locator(f'#settings input[aria-label="{label}"]')


def numbers(tab) -> list[str]:
    names = ("Temperature", "Top k", "Top p", "Seed")
    return [field(tab, name).input_value() for name in names]


HAS = """expected => {
  const address = new URLSearchParams(location.search);
  return Object.entries(expected).every(([name, text]) => address.get(name) === text);
}"""


def until(tab, **expected) -> None:
    """Waits until the address has these values; None: it has none. While answers are awaited it
    may have those of the result before."""
    tab.wait_for_function(HAS, arg=expected)


def query(tab) -> dict:
    return {name: value for name, (value,) in parse_qs(urlsplit(tab.url).query).items()}


def test_an_address_opens_the_page_with_its_settings(visit):
    tab = visit("?sampler=sampling&temperature=0.45&top_k=12&top_p=0.9&seed=77")
    expect(tab.get_by_label("Sampling").first).to_be_checked()
    assert numbers(tab) == ["0.45", "12", "0.9", "77"]


def test_beams_of_an_address(visit):
    expect(field(visit("?sampler=beam&beams=6"), "Beam width")).to_have_value("6")


def test_nonsense_in_an_address_is_passed_over(visit):
    tab = visit("?sampler=sampling&temperature=hot&top_k=2.5&top_p=&seed=NaN&beams=%3Cb%3E&also=me")
    expect(tab.get_by_label("Sampling").first).to_be_checked()
    assert numbers(tab) == ["0.7", "0", "0.9", "1"]


def test_numbers_out_of_range_become_the_nearest_that_are_allowed(visit, photo):
    tab = visit("?sampler=sampling&temperature=99&top_k=101&top_p=0&seed=-1")
    assert numbers(tab) == ["2", "100", "0.05", "0"]
    tab.wait_for_selector(RESULT)  # the opening result's photo, with these settings
    settled(tab)
    send(tab, photo)
    until(tab, example=None)
    for name, typed, nearest in (
        ("Temperature", "0", "0.1"),
        ("Temperature", "99", "2"),
        ("Top p", "", "0.05"),
        ("Seed", "2000000000", "1000000000"),
    ):
        field(tab, name).fill(typed)
        field(tab, name).press("Enter")
        tab.wait_for_function("it => document.activeElement.value === it", arg=nearest)
    expected = {"temperature": "2", "top_k": "100", "top_p": "0.05", "seed": "1000000000"}
    tab.wait_for_function(ANSWERED)
    until(tab, **expected, example=None, word=None)
    assert query(tab) == {"sampler": "sampling", **expected}
    assert words(tab) and not tab.locator("[data-part=error]").inner_text()


def test_a_sampler_that_there_is_not_is_passed_over(visit):
    expect(visit("?sampler=magic").get_by_label("Greedy").first).to_be_checked()


def test_changes_are_written_into_the_address(visit):
    tab = visit("?also=this")
    before = tab.evaluate("history.length")
    tab.get_by_label("Sampling").first.check(force=True)
    field(tab, "Temperature").fill("0.5")
    tab.keyboard.press("Tab")
    example = STORED["example"]  # of the result on show
    until(tab, also="this", sampler="sampling", temperature="0.5", example=example)
    tab.get_by_label("Greedy").first.check(force=True)
    until(tab, also="this", sampler=None, temperature="0.5")  # what is as usual is left out
    assert tab.evaluate("history.length") == before  # no steps to go back through
