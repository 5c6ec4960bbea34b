"""What a training leaves out, in the Train tab: before it starts, and while it runs."""

import json
from pathlib import Path

import pytest
import tiny

from captioner.training import journal
from tests.support.page import choose_data, visit_train
from tests.support.runs import finished_run

LINES = (
    "Flickr8k: photos with captions that are not there: 2 (blue_disc_white.png, other.png).",
    "Flickr8k: photos that cannot be read: 1 (blue_square_black.png).",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory, serve):
    """With a data set that has both kinds of faults, and a run on it."""
    folder = tmp_path_factory.mktemp("place")
    images = tiny.data_folder(folder / "datasets/dots") / "Images"
    (images / "blue_disc_white.png").unlink()
    (images / "blue_disc_yellow.png").unlink()
    (images / "blue_square_black.png").write_bytes(b"no photo")
    status = Path(finished_run(folder / "runs", "dots").folder, journal.STATUS)
    found = json.loads(status.read_text()) | {"message": "\n".join(LINES)}
    status.write_text(json.dumps(found))
    with serve(folder=folder) as address:
        yield address


@pytest.mark.parametrize("width", [390, 1440])
def test_photos_that_are_missing_or_cannot_be_read_are_named(open_tab, server, width):
    tab = visit_train(open_tab(width, 900), server)
    choose_data(tab, "dots")
    notes = tab.locator("#recipe .about li")
    notes.first.wait_for()
    assert notes.all_inner_texts() == [
        "Photos with captions that are not there: 2 (blue_disc_white.png, blue_disc_yellow.png).",
        "Photos that cannot be read: 1 (blue_square_black.png).",
    ]
    message = tab.locator('#learning [data-part="message"]')
    message.wait_for()
    assert message.inner_text().split("\n") == list(LINES)  # each begins a line
    assert tab.evaluate("document.documentElement.scrollWidth") == width
