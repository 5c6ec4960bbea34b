"""A first visitor is invited to the tour, once."""

from tests.support.browser.harness import SANDBOXED, set_up
from tests.support.browser.tour import is_on, show, start, title


def invitation(tab):
    return tab.get_by_text("New here?")


def test_a_first_visitor_is_invited_and_may_decline_for_good(tab):
    for visit in range(2):
        set_up(tab)
        assert not invitation(tab).is_visible()  # nothing to show yet
        show(tab)
        assert invitation(tab).is_visible() == (visit == 0)
        if visit == 0:
            tab.get_by_role("button", name="No, do not ask again").click()
            assert not invitation(tab).is_visible()
            show(tab)
            assert not invitation(tab).is_visible()


def test_who_has_seen_it_is_not_invited_again(tab):
    set_up(tab)
    show(tab)
    tab.get_by_role("button", name="Start", exact=True).click()
    assert is_on(tab)
    assert not invitation(tab).is_visible()
    assert tab.evaluate("localStorage.getItem('where-words-look-tour')") is None
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.dataset.part") == "tour"
    set_up(tab)
    show(tab)
    assert not invitation(tab).is_visible()
    start(tab)  # but the button is there
    assert title(tab) == "Grid"


def test_a_browser_that_remembers_nothing_breaks_nothing(tab):
    explorer = set_up(tab, SANDBOXED)
    refused = "() => { try { return !localStorage; } catch { return true; } }"
    assert explorer.evaluate(refused)
    show(explorer)
    start(explorer)
    explorer.keyboard.press("Escape")
    show(explorer)
    assert not invitation(explorer).is_visible()
