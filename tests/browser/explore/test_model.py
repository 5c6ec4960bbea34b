"""Several captioners to choose from, on the real page."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.support import tiny
from tests.support.browser.page import RESULT, recaptioned, settled, words

LARGE = 10_000  # bytes: a request that is larger has a photo


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the server keeps its runs."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(saved_checkpoint, folder, serve):
    """The page of a small captioner; the bundled one is there, too."""
    with serve(saved_checkpoint, folder=folder) as address:
        yield address


@pytest.fixture
def page(shared, photo):
    page = recaptioned(shared, photo)
    yield page
    # While comparing: its end updates the lists, and Gradio fails where an open one gets shorter.
    if page.get_by_label("Model", exact=True).input_value() != "tiny":
        choose(page, "Model", "tiny")
    page.get_by_label("Compare with a second caption").uncheck()
    page.locator("#second").wait_for(state="detached")


def choose(page, label: str, name: str):
    field = page.get_by_label(label, exact=True)
    field.click()
    listed = page.locator(f"#{field.get_attribute('aria-controls')}")  # another may be closing yet
    listed.get_by_role("option", name=name).click()
    page.wait_for_timeout(100)
    settled(page)


def test_another_captioner_is_chosen(page):
    mine = words(page)
    assert set(mine) <= set(tiny.WORDS)
    choose(page, "Model", "default")
    page.wait_for_function("document.querySelector('[data-caption]').innerText.includes('a ')")
    assert not set(words(page)) <= set(tiny.WORDS)
    page.click('[data-word-index="1"]')
    page.locator("[data-alternative]:not([data-chosen])").first.click()  # asks the one on show
    page.get_by_role("button", name="Undo").wait_for()
    choose(page, "Model", "tiny")
    page.wait_for_function(
        "text => document.querySelector('[data-caption]').textContent === text", arg=" ".join(mine)
    )


def test_a_captioner_that_sees_the_same_of_a_stored_photo_does_not_get_it_again(
    page, folder, saved_checkpoint
):
    shutil.copytree(saved_checkpoint, folder / "runs/twin/checkpoints/best")
    before = words(page)
    page.wait_for_selector("#tray [aria-current=true]")
    page.reload()
    page.wait_for_selector(RESULT)
    sizes = []
    page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    page.route("**/upload*", lambda route: sizes.append(LARGE) or route.continue_())
    choose(page, "Model", "twin/best")
    page.wait_for_function("location.search.includes('model=twin%2Fbest')")
    assert words(page) == before and max(sizes) < LARGE
    page.locator("[data-alternative]:not([data-chosen])").first.click()  # of this captioner
    page.get_by_role("button", name="Undo").wait_for()
    choose(page, "Model", "default")  # which sees another picture
    page.wait_for_function("document.querySelector('#photo img') !== null")
    page.wait_for_function("!location.search.includes('model=twin')")
    assert not set(words(page)) <= set(tiny.WORDS)
    page.unroute("**/upload*")
    shutil.rmtree(folder / "runs")


def test_two_captioners_are_compared(page):
    page.get_by_label("Compare with a second caption").check()
    page.locator("#aligned button").first.wait_for()
    choose(page, "Model of the second caption", "default")
    second = page.locator("#second")
    page.wait_for_function(
        "known => document.querySelector('#second [data-caption]').innerText.split(' ')"
        ".some(word => !known.includes(word))",
        arg=list(tiny.WORDS),
    )
    assert set(words(page)) <= set(tiny.WORDS)
    said = page.locator('#aligned [data-row="second"]').all_inner_texts()
    assert said == second.locator("[data-caption]").inner_text().split()
    second.get_by_role("button", name="Occlusion: what mattered").click()
    second.locator('[data-part="cause"]').wait_for()
    expect(page.locator("#explorer [data-part=cause]:visible")).to_have_count(0)


def test_checkpoints_of_a_run_are_offered(page, folder, saved_checkpoint):
    shutil.copytree(saved_checkpoint, folder / "runs/mine/checkpoints/best")
    before = words(page)
    page.get_by_label("Compare with a second caption").check()
    page.locator("#aligned button").first.wait_for()
    choose(page, "Model of the second caption", "mine/best")
    choose(page, "Model", "mine/best")
    assert words(page) == before  # a copy of what there was
    shutil.rmtree(folder / "runs")
    page.get_by_role("button", name="Occlusion: what mattered").first.click()
    gone = "There is no captioner “mine/best” here any more. Choose another one."
    page.get_by_text(gone).wait_for()
