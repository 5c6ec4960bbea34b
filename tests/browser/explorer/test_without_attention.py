"""A captioner without attention, on the real page: what made it say a word stands for its map."""

import pytest
from playwright.sync_api import expect

from captioner import checkpoints
from tests.support import tiny
from tests.support.browser.page import recaptioned, words

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    folder = tmp_path_factory.mktemp("checkpoints") / "merging"
    checkpoints.save(folder, tiny.checkpoint(size=128, use_attention=False))
    with serve(folder) as address:
        yield address


@pytest.fixture
def page(shared, photo):
    return recaptioned(shared, photo)


def test_cause_stands_where_its_map_would(page):
    assert len(words(page)) > 1
    explorer = page.locator("#explorer")
    explorer.get_by_text("This captioner has no attention").wait_for()
    explorer.get_by_text("where covering the photo makes the word less probable").wait_for()
    for name in ("Occlusion: what mattered", "Cover attended cells", "How this word came about"):
        expect(explorer.get_by_role("button", name=name)).to_have_count(0)
    expect(explorer.get_by_text("Centre of attention")).to_be_hidden()
    legends = []
    for index in range(2):
        page.click(f'[data-word-index="{index}"]')
        legends.append(explorer.locator('[data-part="legend"]').inner_text())
    assert legends[0] != legends[1] and all("makes" in said or "takes" in said for said in legends)
    label = explorer.locator("[data-stage]").get_attribute("aria-label")
    assert "depends on" in label and "attended" not in label


def test_it_can_be_asked_all_the_same(page):
    said = words(page)
    page.click('[data-word-index="0"]')
    page.locator("[data-alternative]:not([data-chosen])").first.click()
    page.get_by_role("button", name="Undo").wait_for()
    assert words(page)[0] != said[0]
    page.locator("#explorer").get_by_text("makes the word less probable").wait_for()
