"""The training tab in a real browser: from the start of a run to exploring the captioner."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser.page import RESULT, visit_train


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The folder in which the server keeps runs and data."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def server(place, serve):
    with serve(folder=place) as address:
        yield address


@pytest.fixture
def page(tab, server):
    return visit_train(tab, server)


def fill(page, name: str, value) -> None:
    page.fill(f"{name} input[type=number]", str(value))
    page.keyboard.press("Tab")


def open_group(page, title: str) -> None:
    """Unfolds a group of settings."""
    page.locator("#groups .group > button", has_text=title).click()


def choose_small(page, epochs: int) -> None:
    """As little as can be trained."""
    fill(page, "#count", 200)
    choose_sizes(page, epochs)


def choose_sizes(page, epochs: int) -> None:
    """A small decoder, whatever the data."""
    fill(page, "#fit-epochs", epochs)
    open_group(page, "Decoder")
    for name in ("grid_units", "attention", "embedding", "units"):
        fill(page, f"#fit-{name}", 24)


def headline(page) -> str:
    return page.inner_text('#learning [data-part="stage"]')


def wait_for(page, text: str) -> None:
    page.wait_for_function(
        "text => document.querySelector('#learning [data-part=\"stage\"]').innerText === text",
        arg=text,
    )


def moments(page) -> int:
    return int(page.get_attribute("#learning [data-moment]", "max")) + 1


@pytest.mark.slow
def test_a_training_from_its_start_to_exploring_the_captioner(page, server, place, open_tab):
    page.wait_for_selector("#estimate:has-text('MB of features')")
    choose_small(page, epochs=2)
    page.click("#start")
    # A second start is refused, whoever asks.
    page.wait_for_selector("#stop")
    page.click("#start")
    page.wait_for_selector("#trouble:has-text('is being trained: one at a time')")
    wait_for(page, "Finished")

    # What it took is known now, and its features are cached.
    page.wait_for_selector("#estimate:has-text('Cached already')")
    page.wait_for_selector("#estimate:has-text('About ')")
    run = place / "runs" / "scenes"
    assert (run / "metrics.csv").is_file() and list(run.glob("events.out.tfevents.*"))

    # Its timeline leads from before the first step to the end; arrow keys move through it.
    count = moments(page)
    kept = sorted((place / "runs/scenes/samples").glob("[0-9]*.json"))
    assert count == len(kept) >= 4
    pictures = page.locator("#learning [data-picture]")
    expect(pictures).to_have_count(6)
    shown = page.locator('#learning [data-part="moment"]')
    expect(shown).to_have_text(re.compile("epoch 2$"))
    last = picture(page)
    page.focus("#learning [data-moment]")
    page.keyboard.press("Home")
    expect(shown).to_have_text("before the first step")
    first = json.loads(kept[0].read_text())["captions"][0]["caption"]
    assert " ".join(page.locator("[data-picture='0'] .sentence button").all_inner_texts()) == first
    assert picture(page) != last
    page.keyboard.press("End")
    assert picture(page) == last

    # Another word of a sentence, another map.
    words = page.locator("[data-picture='0'] .sentence button")
    if words.count() > 1:
        other = page.locator("[data-picture='0'] .sentence button[aria-pressed=false]").first
        other.click()
        pressed = page.locator("[data-picture='0'] .sentence button[aria-pressed=true]")
        expect(pressed).to_have_count(1)

    # Whoever comes later finds the run as it is; its model captions in the Explore tab.
    later = open_tab()
    visit_train(later, server)
    wait_for(later, "Finished")
    assert moments(later) == count
    later.wait_for_selector('#learning [data-part="scores"] svg')
    later.click("#explore-model")
    later.wait_for_selector(RESULT)
    expect(later.locator("#model input")).to_have_value("scenes/best")


def picture(page) -> str:
    return page.evaluate("document.querySelector('[data-picture] canvas').toDataURL()")


@pytest.mark.slow
def test_a_run_dies_goes_on_is_stopped_renamed_and_deleted(page, place):
    choose_small(page, epochs=40)  # so few that each is kept for the slider
    page.fill("#run-name input, #run-name textarea", "long one")
    page.click("#start")
    wait_for(page, "Training")
    page.wait_for_function(
        "() => Number(document.querySelector('#learning [data-moment]').max) >= 3"
    )
    status = json.loads((place / "runs/long one/status.json").read_text())
    os.kill(status["pid"], signal.SIGKILL)
    wait_for(page, "Stopped unexpectedly")
    expect(page.locator('#learning [data-part="last"]')).to_be_visible()
    before = moments(page)
    page.click("#resume")
    wait_for(page, "Training")
    page.wait_for_function(
        "least => Number(document.querySelector('#learning [data-moment]').max) + 1 > least",
        arg=before,
    )
    page.click("#stop")
    wait_for(page, "Stopped")
    expect(page.locator("#resume")).to_be_visible()

    page.get_by_role("button", name="Log, rename, delete").click()
    page.fill("#new-name input, #new-name textarea", "../out")
    page.click("#rename")
    page.wait_for_selector(".trouble-line:has-text('A name begins with')")
    page.fill("#new-name input, #new-name textarea", "short one")
    page.click("#rename")
    page.wait_for_function("document.querySelector('#run input').value === 'short one'")
    assert (place / "runs/short one/state.npz").is_file()

    page.click("#delete")
    page.click("#sure-no")
    assert (place / "runs/short one").is_dir()
    page.click("#delete")
    page.click("#sure-yes")
    page.wait_for_function("document.querySelector('#run input')?.value !== 'short one'")
    assert not (place / "runs/short one").exists()
