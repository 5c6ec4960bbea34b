"""The bundled transformer on the real page."""

import pytest

from tests.support.page import PATIENCE, answered, know_tour, settled, words

pytestmark = pytest.mark.slow

HEADS = "#explorer [data-part=heads]"


def test_a_head_stays_chosen_from_word_to_word_and_over_a_reload(tab, server):
    tab.set_default_timeout(PATIENCE)
    know_tour(tab, server)
    tab.goto(f"{server}?model=transformer&example=horse.jpg")
    tab.wait_for_selector(f"{HEADS}:not([hidden])")
    settled(tab)
    before = words(tab)
    head = tab.locator(f'{HEADS} label:has([value="2.3"])')
    head.click()
    assert "head 3 of layer 2" in tab.inner_text("#explorer [data-part=lead]")

    answered(tab, lambda: tab.locator("[data-alternative]:not([data-chosen])").first.click())
    assert words(tab) != before
    assert "head 3 of layer 2" in tab.inner_text("#explorer [data-part=lead]")

    tab.get_by_role("button", name="Undo").click()
    tab.wait_for_function("location.search.includes('head=2.3')")
    assert words(tab) == before
    answered(tab, lambda: tab.locator("#explorer [data-part=show-cause]").click())
    tab.wait_for_selector("#explorer [data-cause]")
    tab.reload()
    tab.wait_for_selector(f"{HEADS}:not([hidden])")
    settled(tab)
    assert tab.locator(f'{HEADS} [value="2.3"]').is_checked()
    assert words(tab) == before
