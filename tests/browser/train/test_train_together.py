"""The training tab in a real browser: trained on two data sets together."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from captioner.training.presets import FOR_SCENES
from captioner.training.settings import FitConfig
from tests.browser.train.test_train import choose_sizes, fill, open_group, wait_for
from tests.support import tiny
from tests.support.browser.page import visit_train


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The folder of the server, with two data sets of one name."""
    folder = tmp_path_factory.mktemp("place")
    for name in ("one", "two"):
        tiny.data_folder(folder / "datasets" / name)
    return folder


@pytest.fixture(scope="module")
def server(place, serve):
    with serve(folder=place) as address:
        yield address


def visit(tab, server):
    return visit_train(tab, server, ready="#more-data")


def choose(page, control: str, label: str, offered: list[str] | None = None) -> None:
    """Chooses from a list, of which it may be asked what it offers."""
    page.click(f"{control} input")
    listed = page.locator(control).get_by_role("option")  # another list may still be closing
    option = listed.and_(page.get_by_role("option", name=label))
    option.wait_for()
    if offered:
        assert listed.evaluate_all("all => all.map((one) => one.ariaLabel)") == offered
    option.click()
    page.locator(f"{control} input").blur()  # a list of several stays open


def about(page, text: str) -> None:
    page.locator("#recipe .about", has_text=text).first.wait_for()


@pytest.mark.slow
def test_two_data_sets_from_the_choice_to_the_scores_of_each(tab, open_tab, server, place):
    page = visit(tab, server)
    page.wait_for_selector("#data-examples img")
    choose(page, "#data", "one")
    about(page, "18 photos (12 in train, 6 in dev)")
    expect(page.locator("#scored")).to_have_count(0)  # nothing to choose from
    choose(page, "#more-data", "two", offered=["two"])
    about(page, "Together: 36 photos, 48 captions to train on.")
    page.wait_for_selector("#estimate:has-text('2 MB of features')")
    expect(page.locator("#data-examples img")).to_have_count(8)

    # One of them alone may choose the best epoch; without a second there is no such choice.
    names = ["All (mean score)", "Flickr8k (one)", "Flickr8k (two)"]
    page.wait_for_selector("#scored")
    choose(page, "#scored", "Flickr8k (two)", offered=names)
    page.click("#more-data .token .token-remove")
    page.wait_for_selector("#scored", state="detached")
    choose(page, "#more-data", "two")
    page.wait_for_selector("#scored")
    expect(page.locator("#scored input")).to_have_value("All (mean score)")

    choose_sizes(page, epochs=2)
    open_group(page, "Data")
    fill(page, "#fit-min_count", 1)
    open_group(page, "Regularisation")
    supervision = page.locator("#fit-attention_supervision")
    expect(supervision).to_contain_text("Attention supervision")
    expect(supervision).to_contain_text("box")
    page.click("#start")
    wait_for(page, "Finished")

    recipe = json.loads((place / "runs/one and two/config.json").read_text())
    assert (recipe["data"], recipe["more_data"]) == ("datasets/one", ["datasets/two"])
    assert recipe["scored"] == []
    page.wait_for_selector("#learning .each")
    rows = page.locator("#learning .each tr").all_inner_texts()
    assert rows[0].split("\t") == ["Data", "CIDEr", "BLEU-4"]
    assert [row.split("\t")[0] for row in rows[1:]] == [*names[1:], "Mean"]
    assert all(float(value) >= 0 for row in rows[1:] for value in row.split("\t")[1:])
    chart = page.locator('#learning [data-part="scores"] svg')
    expect(chart.locator("polyline.thin")).to_have_count(2)
    labels = chart.locator("text.thin").all_text_contents()
    assert sorted(text.rsplit(" ", 1)[0] for text in labels) == names[1:]
    assert "CIDEr of Flickr8k (one)" in chart.get_attribute("aria-label")
    page.get_by_role("button", name="Log, rename, delete").click()
    page.get_by_role("button", name="Refresh the log").click()
    page.wait_for_function("document.querySelector('#log textarea').value.includes('CIDEr of')")
    everything = page.inner_text("body") + page.input_value("#log textarea")
    assert "CIDEr/" not in everything and "BLEU-4/" not in everything

    phone = visit(open_tab(390, 844), server)
    phone.wait_for_selector("#learning .each")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_one_of_them_is_scored_on_alone(tab, server, place):
    page = visit(tab, server)
    epochs = page.locator("#fit-epochs input[type=number]")
    expect(epochs).to_have_value(str(FOR_SCENES["epochs"]))
    choose(page, "#more-data", "one")
    about(page, "18 photos (12 in train, 6 in dev)")
    # The settings follow all chosen data: scenes together with photos train as photos do.
    page.wait_for_function(
        "value => document.querySelector('#fit-epochs input[type=number]').value === value",
        arg=str(FitConfig.epochs),
    )
    expect(page.locator("#count")).to_be_visible()  # of the scenes, which come first
    choose(page, "#scored", "Flickr8k")
    fill(page, "#count", 200)
    choose_sizes(page, epochs=1)
    page.click("#start")
    wait_for(page, "Drawing")
    page.click("#stop")
    wait_for(page, "Stopped")
    recipe = json.loads((place / "runs/scenes and one/config.json").read_text())
    assert recipe["scenes"] == 200 and recipe["more_data"] == ["datasets/one"]
    assert recipe["scored"] == ["datasets/one"] and not recipe["mirror"]
