"""The photo input hands over what was sent, as it was sent."""

from pathlib import Path

import pytest
from gradio.data_classes import ImageData
from PIL import Image

from captioner.ui.explore.photo import PhotoInput


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
