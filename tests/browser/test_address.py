"""The address of the page holds its settings."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.page import send, settled, words


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


def query(tab) -> dict:
    return {name: value for name, (value,) in parse_qs(urlsplit(tab.url).query).items()}


def test_an_address_opens_the_page_with_its_settings(visit):
    tab = visit("?sampler=sampling&temperature=0.45&top_k=12&top_p=0.9&seed=77")
    assert tab.get_by_label("Sampling").first.is_checked()
    assert numbers(tab) == ["0.45", "12", "0.9", "77"]


def test_beams_of_an_address(visit):
    assert field(visit("?sampler=beam&beams=6"), "Beam width").input_value() == "6"


def test_nonsense_in_an_address_is_passed_over(visit):
    tab = visit("?sampler=sampling&temperature=hot&top_k=2.5&top_p=&seed=NaN&beams=%3Cb%3E&also=me")
    assert tab.get_by_label("Sampling").first.is_checked()
    assert numbers(tab) == ["0.7", "0", "0.9", "1"]


def test_numbers_out_of_range_become_the_nearest_that_are_allowed(visit, photo):
    tab = visit("?sampler=sampling&temperature=99&top_k=101&top_p=0&seed=-1")
    assert numbers(tab) == ["2", "100", "0.05", "0"]
    send(tab, photo)
    for name, typed, nearest in (
        ("Temperature", "0", "0.1"),
        ("Temperature", "99", "2"),
        ("Top p", "", "0.05"),
        ("Seed", "2000000000", "1000000000"),
    ):
        field(tab, name).fill(typed)
        field(tab, name).press("Enter")
        tab.wait_for_function("it => document.activeElement.value === it", arg=nearest)
    tab.wait_for_function("location.search.includes('seed=1000000000')")
    expected = {"temperature": "2", "top_k": "100", "top_p": "0.05", "seed": "1000000000"}
    assert query(tab) == {"sampler": "sampling", **expected}
    settled(tab)
    assert words(tab) and not tab.locator("[data-part=error]").inner_text()


def test_a_sampler_that_there_is_not_is_passed_over(visit):
    assert visit("?sampler=magic").get_by_label("Greedy").first.is_checked()


def test_changes_are_written_into_the_address(visit):
    tab = visit("?also=this")
    before = tab.evaluate("history.length")
    tab.get_by_label("Sampling").first.check(force=True)
    field(tab, "Temperature").fill("0.5")
    tab.keyboard.press("Tab")
    tab.wait_for_function("location.search.includes('temperature=0.5')")
    tab.wait_for_function("location.search.includes('example=')")  # of the result on show
    settings = {"sampler": "sampling", "temperature": "0.5"}
    assert query(tab).items() >= {"also": "this", **settings}.items()
    tab.get_by_label("Greedy").first.check(force=True)
    tab.wait_for_function("!location.search.includes('sampler')")
    assert "sampler" not in query(tab)  # what is as usual is left out
    assert query(tab).items() >= {"also": "this", "temperature": "0.5"}.items()
    assert tab.evaluate("history.length") == before  # no steps to go back through
