"""The example photos."""

from types import SimpleNamespace

import gradio as gr
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from captioner.photos import open_photo
from captioner.ui.explore import examples


def test_examples_are_photos_whose_author_and_licence_are_named():
    told = (examples.PHOTOS / "README.md").read_text()
    for name in [*examples.EXAMPLES, *examples.WRONG]:
        assert f"`{name}`" in told
        assert max(open_photo(examples.PHOTOS / name).size) >= 400


def test_their_thumbnails_are_one_small_picture(tmp_path):
    (path,) = {part.split(")")[0] for part in examples.html().split("url(")[1:]}
    answer = TestClient(Starlette(routes=[examples.route()])).get(f"/{path}")
    assert "immutable" in answer.headers["cache-control"]
    (tmp_path / "sheet.webp").write_bytes(answer.content)
    with Image.open(tmp_path / "sheet.webp") as sheet:
        assert sheet.size == (7 * examples.THUMBNAIL, examples.THUMBNAIL)
    assert len(answer.content) < 40_000


def test_the_page_gets_a_copy_of_the_chosen_one_and_of_nothing_else(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    copy = examples.chosen(SimpleNamespace(_data={"example": "cat.jpg"}))
    assert copy.startswith(str(tmp_path))
    assert open_photo(copy).size == open_photo(examples.PHOTOS / "cat.jpg").size
    for data in ({"example": "../explore/explorer.html"}, {"example": None}, {}, "cat.jpg", None):
        with pytest.raises(gr.Error):
            examples.chosen(SimpleNamespace(_data=data))
