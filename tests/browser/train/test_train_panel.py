"""The Train tab in a real browser, without a training: groups of settings, what is left out of
the data, the view of runs, and what can be saved of them."""

import csv
import json
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from filelock import FileLock
from PIL import Image
from playwright.sync_api import expect

from captioner.training.recipe import LOCK, STARTING
from captioner.training.runs import journal
from captioner.training.settings import FitConfig, kinds
from captioner.ui.train.settings_fields import FIRST, GROUPS
from tests.support import tiny
from tests.support.browser.harness import address
from tests.support.browser.page import choose_data, visit_train
from tests.support.training.runs import finished_run

WIDTHS = (390, 1440)
LINES = (
    "Flickr8k: photos with captions that are not there: 2 (blue_disc_white.png, other.png).",
    "Flickr8k: photos that cannot be read: 1 (blue_square_black.png).",
)
# Whether the curves of a run without a step, and with one, are hidden.
HIDDEN = """async () => {
  const { makeCurves } = await import("/train/curves.js");
  const parts = {};
  const part = (name) =>
    parts[name] ??= document.body.appendChild(document.createElement("section"));
  const write = makeCurves(part);
  return [[], [[10, 2.5]]].map((points) => {
    const losses = [{ name: "training", colour: "red", points }];
    write({ losses, scores: [], each: null });
    return part("curves").hidden;
  });
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The server's folder, with two runs; and a third on a data set that has faults."""
    folder = tmp_path_factory.mktemp("place")
    images = tiny.data_folder(folder / "datasets/dots") / "Images"
    (images / "blue_disc_white.png").unlink()
    (images / "blue_disc_yellow.png").unlink()
    (images / "blue_square_black.png").write_bytes(b"no photo")
    status = Path(finished_run(folder / "runs", "dots").folder, journal.STATUS)
    found = json.loads(status.read_text()) | {"message": "\n".join(LINES)}
    status.write_text(json.dumps(found))
    for name in ("cats", "dogs"):
        finished_run(folder / "runs", name)
    return folder


@pytest.fixture(scope="module")
def server(place, serve):
    with serve(folder=place, constants={"captioner.ui.train.run_panel": {"_POLL": 0.5}}) as address:
        yield address


@pytest.fixture(scope="module")
def page(open_module_tab, server):
    """The tab with the run "dogs"; each test leaves it as it was."""
    tab = open_module_tab(WIDTHS[0], 900)
    visit_train(tab, server, ready="#learning [data-state=finished]")
    return choose_run(tab, "dogs")


def choose_run(tab, name: str):
    if tab.input_value("#run input") != name:
        tab.click("#run input")
        tab.get_by_role("option", name=name).click()
        tab.wait_for_function("n => document.querySelector('#run input').value === n", arg=name)
    return tab


def widths(page):
    """A phone's, a desk's, and the phone's again."""
    for width in (*WIDTHS, WIDTHS[0]):
        page.set_viewport_size({"width": width, "height": 900})
        yield width


@pytest.fixture(params=WIDTHS)
def sized(request, page):
    """The same on a phone and on a desk."""
    page.set_viewport_size({"width": request.param, "height": 900})
    yield page
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def shown(page, text: str) -> None:
    page.wait_for_function(
        "text => document.querySelector('#learning .progress').innerText.includes(text)", arg=text
    )


def test_settings_are_folded_in_groups_after_what_matters_most(page):
    ids = page.locator("#recipe [id^=fit-], #recipe #preset, #recipe #backbone")
    assert ids.evaluate_all("all => all.map((one) => one.id)") == [
        *("preset", "backbone"),
        *(f"fit-{name}" for name in FIRST),
    ]
    titles = page.locator("#groups .group > button")
    assert titles.evaluate_all("all => all.map((one) => one.innerText.split(/\\s/)[0])") == [
        *GROUPS
    ]
    height = "document.querySelector('#recipe').offsetHeight"
    folded = {width: page.evaluate(height) for width in widths(page)}
    for title in titles.all():
        title.click()
    for name in kinds(FitConfig):
        page.locator(f"#fit-{name} input").first.wait_for()
    for width in widths(page):
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(height) > 1.5 * folded[width]
        # The label stands left of its field, not above it: a group fits the screen.
        label = page.locator("#fit-warmup span[data-testid=block-info]").bounding_box()
        field = page.locator("#fit-warmup input").bounding_box()
        assert field["x"] > label["x"] + label["width"]
    for title in titles.all():
        title.click()
    page.locator("#fit-warmup").wait_for(state="hidden")


def test_beside_start_are_device_time_and_features(page):
    page.wait_for_selector("#machine:has-text('Device.')")
    page.wait_for_selector("#estimate:has-text('Not cached yet')")
    text = page.inner_text("#machine")
    assert "NVIDIA" in text if "no GPU found" not in text else "pip install" in text
    page.locator("#groups .group > button", has_text="Run").click()
    page.click("#device input")
    page.get_by_role("option", name="CPU only").click()
    page.wait_for_function("!document.querySelector('#machine').innerText.includes('NVIDIA')")
    expect(page.locator("#machine")).to_contain_text("cores.")
    expect(page.locator("#start")).to_be_enabled()


def test_a_run_starts_and_trains_with_one_rate_and_one_time_left(page, place):
    folder = place / "runs" / "dogs"
    ended = (folder / journal.STATUS).read_text()
    (folder / STARTING).touch()
    try:
        shown(page, "Starting")
        expect(page.locator("#stop")).to_be_visible()
        expect(page.locator("#stop")).to_be_disabled()
        with FileLock(folder / LOCK):
            status = {"state": "running", "stage": "training", "done": 1200, "total": 96_000}
            status |= {"unit": "captions", "rate": 812.4, "epochs": 7, "epoch": 0}
            status |= {"seconds_left": 117.0, "run_seconds_left": 130.0, "updated": time.time()}
            (folder / journal.STATUS).write_text(json.dumps(status))
            (folder / STARTING).unlink()
            shown(page, "1,200 of 96,000 captions · 812 a second · about 2 min left")
            text = page.inner_text("#learning .progress")
            assert text.count("a second") == text.count(" left") == 1
            expect(page.locator("#stop")).to_be_enabled()
        shown(page, "Stopped unexpectedly")
        page.locator("#resume").wait_for()
    finally:
        (folder / STARTING).unlink(missing_ok=True)
        (folder / journal.STATUS).write_text(ended)
    shown(page, "Finished")


def test_curves_are_saved_as_pictures_and_as_a_table(sized, tmp_path):
    page = sized
    saving = page.locator("#learning .saving")
    expect(saving.last).to_contain_text("tensorboard --logdir runs")

    def save(kind: str) -> Path:
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save the curves as {kind}").click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
        return tmp_path / download.value.suggested_filename

    picture = ElementTree.parse(save("SVG")).getroot()
    texts = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.endswith(" steps") and text[0] != "0" for text in texts)  # on a phone, too
    assert "Loss per word, in nats" in texts and "Validation scores" in texts
    assert "validation 2.5" in texts and "CIDEr 0.4" in texts
    lines = list(picture.iter("{http://www.w3.org/2000/svg}polyline"))
    assert lines and all(line.get("fill") == "none" for line in lines)  # as on the page

    with Image.open(save("PNG")) as image:
        size = [round(3 * float(picture.get(name))) for name in ("width", "height")]
        assert [abs(a - b) <= 3 for a, b in zip(image.size, size, strict=True)] == [True, True]
        colours = {colour for _, colour in image.convert("RGB").getcolors(2**24)}
        assert (224, 89, 15) in colours  # of the validation loss

    with save("CSV").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["10", "10", "20", "20"]
    assert rows[-1]["run"] == "dogs" and rows[-1]["CIDEr"] == "0.4"
    expect(page.locator('[data-part="not-saved"]')).to_be_hidden()


def test_photos_that_are_missing_or_cannot_be_read_are_named(page):
    before = page.input_value("#data input")
    choose_data(page, "dots")
    notes = page.locator("#recipe .about li")
    notes.first.wait_for()
    assert notes.all_inner_texts() == [
        "Photos with captions that are not there: 2 (blue_disc_white.png, blue_disc_yellow.png).",
        "Photos that cannot be read: 1 (blue_square_black.png).",
    ]
    choose_run(page, "dots")
    message = page.locator('#learning [data-part="message"]')
    message.get_by_text("cannot be read").wait_for()
    assert message.inner_text().split("\n") == list(LINES)  # each begins a line
    for width in widths(page):
        assert page.evaluate("document.documentElement.scrollWidth") == width
    choose_run(page, "dogs")
    choose_data(page, before)
    notes.first.wait_for(state="detached")


def test_curves_are_offered_once_there_are_some(tab):
    tab.goto(address())
    assert tab.evaluate(HIDDEN) == [True, False]
