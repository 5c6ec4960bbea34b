"""The bundled transformer on the real page."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.page import PATIENCE, answered, know_tour, settled, words

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
    expect(tab.locator("#explorer [data-part=lead]")).to_contain_text("head 3 of layer 2")

    answered(tab, lambda: tab.locator("[data-alternative]:not([data-chosen])").first.click())
    assert words(tab) != before
    expect(tab.locator("#explorer [data-part=lead]")).to_contain_text("head 3 of layer 2")

    tab.get_by_role("button", name="Undo").click()
    tab.wait_for_function("location.search.includes('head=2.3')")
    assert words(tab) == before
    answered(tab, lambda: tab.locator("#explorer [data-part=show-cause]").click())
    tab.wait_for_selector("#explorer [data-cause]")
    tab.reload()
    tab.wait_for_selector(f"{HEADS}:not([hidden])")
    settled(tab)
    expect(tab.locator(f'{HEADS} [value="2.3"]')).to_be_checked()
    assert words(tab) == before
