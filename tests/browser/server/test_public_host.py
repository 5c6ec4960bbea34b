"""A page for everybody, as on a Space: photos are deleted after a while, trainings are off."""

import json
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.evaluate.test_evaluate import visit
from tests.support import evaluated, tiny
from tests.support.browser.page import RESULT
from tests.support.browser.visitor import Visitor

pytestmark = pytest.mark.slow

AGE, INTERVAL = 2, 0.5  # seconds here, in place of an hour and ten minutes
DEADLINE = 60  # seconds


@pytest.fixture(scope="module")
def place(tmp_path_factory, saved_checkpoint) -> Path:
    """The server's folder, with data and a result."""
    folder = tmp_path_factory.mktemp("place")
    data = tiny.data_folder(folder / "datasets/dots")
    written = evaluated.written(saved_checkpoint)
    evaluated.result(data, data="datasets/dots", written=written).save(folder / "results")
    return folder


@pytest.fixture(scope="module")
def temporary(tmp_path_factory) -> Path:
    """The server's folder for uploads and other temporary files."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def server(saved_checkpoint, place, temporary, serve):
    quick = {"captioner.ui.page": {"UPLOAD_LIFETIME": AGE, "CLEAR_INTERVAL": INTERVAL}}
    environment = {"GRADIO_TEMP_DIR": str(temporary), "TMPDIR": str(temporary)}
    environment["SPACE_ID"] = "someone/where-words-look"
    with serve(saved_checkpoint, place, quick, **environment) as address:
        yield address


@pytest.fixture
def visitor(server):
    with Visitor(server) as visitor:
        yield visitor


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def wait_until_empty(folder: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while (found := files(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == set()


def test_uploads_and_temporary_files_are_removed(visitor, temporary, tmp_path):
    photo = tmp_path / "mine.jpg"
    Image.linear_gradient("L").convert("RGB").save(photo)
    visitor.caption(visitor.upload(photo))  # waits for the captioner
    wait_until_empty(temporary)
    upload = visitor.upload(photo)
    assert Path(upload["path"]) in files(temporary)
    value = visitor.caption(upload)
    assert value["words"]
    assert visitor.query("gif", value=value)["file"].startswith("data:image/gif")
    wait_until_empty(temporary)
    assert visitor.caption(upload)["error"].startswith("The photo was deleted from the server")


def test_examples_stay(tab, server, visitor, photo, temporary):
    tab.goto(server)
    visitor.upload(photo)
    wait_until_empty(temporary)
    for example in tab.locator("#examples button").all():
        example.click()
        tab.wait_for_selector(RESULT)
        tab.get_by_label("Remove Image").click()
        tab.wait_for_selector("[data-caption] button", state="hidden")


def test_training_is_off_and_the_page_says_why(tab, server, place):
    tab.goto(server)
    tab.get_by_role("tab", name="Train").click()
    tab.wait_for_selector("#train-refusal:has-text('Training is off here')")
    link = tab.get_attribute("#train-refusal a", "href")
    assert link == "https://huggingface.co/spaces/someone/where-words-look?duplicate=true"
    expect(tab.locator("#start")).to_be_disabled()
    expect(tab.locator("#features")).to_have_count(0)  # nor are cached features listed
    assert not (place / "runs").exists()


def test_results_are_shown_and_nothing_can_be_started(tab, server, place):
    page = visit(tab, server)
    page.wait_for_selector("#evaluate-refusal:has-text('Training is off here')")
    expect(page.locator("#evaluate-start")).to_be_disabled()
    page.wait_for_selector(".photos tbody img")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    expect(page.get_by_role("button", name="Save tiny as CSV")).to_be_enabled()
    assert json.loads(next((place / "results").iterdir()).read_text())["checkpoint"] == "tiny"
