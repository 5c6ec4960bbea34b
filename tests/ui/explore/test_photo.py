"""The photo input hands over what was sent, as it was sent."""

from pathlib import Path

import pytest
from gradio.data_classes import ImageData
from PIL import Image

from captioner.photos import open_photo
from captioner.ui.explore.photo import PhotoInput, example_photos, wrong_example


def turned(path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(path, exif=exif)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("turned.jpg", turned),
        ("print.jpg", lambda path: Image.new("CMYK", (30, 20)).save(path)),
        ("deep.png", lambda path: Image.new("I;16", (30, 20)).save(path)),
        ("cut.jpg", lambda path: path.write_bytes(b"\xff\xd8\xff\xe0 and no more")),
        ("drawing.svg", lambda path: path.write_text("<svg/>")),
    ],
)
def test_files_are_neither_opened_nor_changed(tmp_path, name, write):
    path = tmp_path / name
    write(path)
    sent = path.read_bytes()
    given = PhotoInput(type="filepath").preprocess(ImageData(path=str(path), orig_name=name))
    assert given == str(path)
    assert Path(given).read_bytes() == sent


def test_a_photo_within_the_address_is_not_taken():
    sent = ImageData(path=None, url="data:image/png;base64,AAAA")
    assert PhotoInput().preprocess(sent) is None
    assert PhotoInput().preprocess(None) is None


def test_examples_are_photos_whose_author_and_licence_are_named():
    told = (Path(example_photos()[0]).parent / "README.md").read_text()
    examples = [*example_photos(), wrong_example()]
    assert len(set(examples)) == 7
    for example in examples:
        assert Path(example).is_absolute() and f"`{Path(example).name}`" in told
        assert max(open_photo(example).size) >= 400
