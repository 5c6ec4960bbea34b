"""Photos that visitors give are removed from the server after a while."""

import time
from pathlib import Path

import pytest
from PIL import Image
from visitor import Visitor

from tests.support.page import RESULT
from tests.support.serving import serving

KEPT = 2  # seconds here, in place of an hour
# The real server, in a hurry.
HURRIED = f"""
import runpy
from captioner.ui import page
page.UPLOADS_KEPT, page.CLEARED_EVERY = {KEPT}, 1
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the server keeps what is temporary."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def hurried(saved_checkpoint, folder):
    temporary = {"GRADIO_TEMP_DIR": str(folder), "TMPDIR": str(folder)}
    with serving(saved_checkpoint, ("-c", HURRIED), **temporary) as address:
        yield address


@pytest.fixture
def visitor(hurried):
    with Visitor(hurried) as visitor:
        yield visitor


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def left(folder: Path) -> set[Path]:
    """Files that are still there when their time is over, and that of clearing up."""
    time.sleep(KEPT + 3)
    return files(folder)


@pytest.mark.slow
def test_uploads_and_temporary_files_are_removed(visitor, folder, tmp_path):
    photo = tmp_path / "mine.jpg"
    Image.linear_gradient("L").convert("RGB").save(photo)
    visitor.caption(visitor.upload(photo))  # waits for the captioner
    before = left(folder)
    assert before == set()
    kept = visitor.upload(photo)
    assert Path(kept["path"]) in files(folder) - before
    value = visitor.caption(kept)
    assert value["words"]
    assert visitor.query("gif", value=value)["file"].startswith("data:image/gif")
    assert left(folder) == before
    assert visitor.caption(kept)["error"].startswith("The photo was deleted from the server")


def test_examples_stay(tab, hurried):
    tab.goto(hurried)
    tab.wait_for_timeout(1000 * (KEPT + 2))
    for example in tab.locator("#examples button").all():
        example.click()
        tab.wait_for_selector(RESULT)
        tab.get_by_label("Remove Image").click()
        tab.wait_for_selector("[data-caption] button", state="hidden")
