"""axe-core finds nothing serious on the three tabs, light and dark, on a desk and on a phone."""

import os

import pytest

from tests.support import evaluated, tiny
from tests.support.browser import axe
from tests.support.browser.page import know_tour, recaptioned, settled, visit
from tests.support.data.cached import cache
from tests.support.training.runs import finished_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory, saved_checkpoint, serve):
    """The page of a visitor who has trained and evaluated before."""
    if not axe.SCRIPT.is_file():
        reason = "There is no axe-core here: install Node.js and run `npm ci`."
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("place")
    data = tiny.data_folder(folder / "datasets/dots")
    for name, scores in (("tiny", (0.1, 0.2, 0.3)), ("mine/best", (0.2, 0.9, 0.4))):
        measured = evaluated.with_baselines()
        evaluated.result(data, name, scores, data="datasets/dots", **measured).save(
            folder / "results"
        )
    finished_run(folder / "runs", "dogs")
    cache(folder / "features/dots-000000000001", photos=9)
    with serve(saved_checkpoint, folder=folder) as address:
        yield address


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    tab = open_module_tab(reduced_motion="reduce")
    know_tour(tab, server)
    return visit(tab, server)


@pytest.fixture
def page(shared, photo):
    shared.get_by_role("tab", name="Explore").click()
    return recaptioned(shared, photo)


def test_explore(page):
    page.locator(".facts summary").click()
    page.get_by_label("Sampling", exact=True).check(force=True)
    page.locator("#settings-sampling").wait_for()
    settled(page)
    page.get_by_role("button", name="Occlusion: what mattered").click()
    page.locator('[data-part="cause"]').wait_for()
    for panel in ("Samples", "Beam search", "Similarity"):
        page.get_by_role("button", name=panel, exact=True).click()
        page.wait_for_function("!document.querySelector('[data-asking]')")
    assert axe.faults(page) == []


def test_explore_without_a_photo_and_with_a_file_that_is_none(page, tmp_path):
    page.get_by_label("Remove Image").click()
    page.locator(".invitation").wait_for()
    notes = tmp_path / "notes.txt"
    notes.write_text("milk, bread, eggs")
    page.set_input_files("#photo input[type=file]", notes)
    page.get_by_text("“notes.txt” is not a photo: choose a JPEG, PNG or WebP file.").wait_for()
    assert not page.locator(".toast-wrap").inner_text()
    assert axe.faults(page) == []


def test_train(page):
    page.get_by_role("tab", name="Train").click()
    page.locator("#learning .pictures canvas").first.wait_for()
    for group in page.locator("#train button[aria-expanded=false]").all():
        group.click()
    page.locator("#features summary").press("Enter")  # a click may miss it while groups unfold
    page.locator("#features li button").click()
    page.get_by_text("Clear 1 kB?").wait_for()
    assert axe.faults(page) == []


def test_evaluate(page):
    page.get_by_role("tab", name="Evaluate").click()
    page.wait_for_selector(".photos tbody tr")
    page.locator("#results input").click()
    page.get_by_role("option", name="mine/best").click()
    page.keyboard.press("Escape")
    page.locator(".side-by-side thead th").nth(1).wait_for()
    assert axe.faults(page) == []
