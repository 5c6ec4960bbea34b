"""What is no photo, or too large a one, is refused with one sentence."""

import io
import re
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from captioner.photos import MAX_PIXELS, MAX_SIDE, PhotoError, open_photo
from tests.support.data.pictures import encoded, quadrants


def refusal(source):
    """The sentence with which `source` is refused."""
    with pytest.raises(PhotoError) as caught:
        open_photo(source)
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and message.count(". ") == 0
    return message


def png(width, height, pixels=b""):
    """A 1-bit PNG of any size; `pixels` is what stands in the place of the compressed rows."""

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_truncated(format, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    data = encoded(Image.fromarray(noise), format)
    file = tmp_path / "half.jpg"
    file.write_bytes(data[: len(data) // 2])
    assert refusal(file).startswith("half.jpg is ")
    refusal(data[: len(data) // 2])


def test_an_image_whose_file_is_cut_off_is_refused_when_handed_in():
    data = encoded(Image.fromarray(quadrants()), "PNG")
    assert "damaged" in refusal(Image.open(io.BytesIO(data[:-40])))


def test_empty_and_foreign_files(tmp_path):
    for name, data in {
        "empty.png": b"",
        "notes.jpg": b"milk, bread, eggs",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "script.eps": encoded(Image.new("RGB", (9, 9)), "EPS"),
    }.items():
        file = tmp_path / name
        file.write_bytes(data)
        assert (
            refusal(file)
            == f"{name} is not an image that can be read: choose a JPEG, PNG or WebP file."
        )
        assert (
            refusal(data)
            == "The photo is not an image that can be read: choose a JPEG, PNG or WebP file."
        )


def test_paths_that_lead_to_no_file(tmp_path):
    assert refusal(tmp_path / "none.jpg") == "none.jpg does not exist."
    folder = tmp_path / "album.jpg"
    folder.mkdir()
    assert refusal(str(folder)) == "album.jpg is a folder, not a photo."
    refusal("")
    refusal("a\0b.jpg")


@pytest.mark.parametrize("source", [None, 7, ["photo.jpg"]])
def test_what_is_no_photo_at_all(source):
    assert refusal(source).startswith("A photo was expected, not ")


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, 10_000), (MAX_PIXELS + 1, 1)])
def test_too_many_pixels_are_refused_before_any_is_decoded(size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "too large: at most 60 megapixels" in refusal(png(*size))  # no pixels to decode
    assert "damaged" in refusal(png(7000, 8000))  # within the limit: decoding is tried


@pytest.mark.parametrize(
    ("size", "progressive", "most"),
    [
        ((11_000, 11_000), True, "120 megapixels of a progressive JPEG"),
        ((65_000, 65_000), False, "1,000 megapixels of a JPEG"),
        ((65_000, 65_000), True, "120 megapixels of a progressive JPEG"),
    ],
)
def test_a_jpeg_that_takes_too_much_time_or_memory_is_refused(size, progressive, most):
    data = encoded(Image.fromarray(quadrants()), "JPEG", progressive=progressive)
    small, large = struct.pack(">HH", 64, 96), struct.pack(">HH", *size)
    assert data.count(small) == 1  # height and width stand once, in the frame header
    assert f"too large: at most {most} are read" in refusal(data.replace(small, large))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_too_many_rows_is_refused(progressive):
    noise = Image.effect_noise((640, 960), 90)
    data = encoded(noise, "JPEG", progressive=progressive)
    assert "damaged or cut off" in refusal(data[: round(0.97 * len(data))])


@pytest.mark.parametrize("scan", range(2, 10))
def test_a_progressive_jpeg_that_lacks_a_scan_is_refused(scan):
    """It has all rows, but blurred or in other colours."""
    noise = Image.effect_noise((320, 240), 90).convert("RGB")
    data = encoded(noise, "JPEG", progressive=True)
    starts = [found.start() for found in re.finditer(b"\xff\xda", data)]
    assert len(starts) == 10
    assert "damaged or cut off" in refusal(data[: starts[scan] - 3])


def test_a_png_with_much_text_whose_pixels_are_damaged_is_refused():
    info = PngInfo()
    info.add_text("x", "x" * 2_000_000, zip=True)
    data = encoded(Image.effect_noise((640, 480), 90), "PNG", pnginfo=info)
    assert "damaged or cut off" in refusal(data[:-100_000])


def test_a_real_photo_of_30000_by_30000_is_refused():
    squeeze = zlib.compressobj(9)
    row = bytes(1 + 30_000 // 8)
    rows = b"".join(squeeze.compress(row) for _ in range(30_000)) + squeeze.flush()
    assert "too large" in refusal(png(30_000, 30_000, rows))
    assert open_photo(png(3, 2, zlib.compress(bytes(4)))).size == (3, 2)  # the maker is sound


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8, 3), np.int64),
        np.zeros((8, 8), bool),
        np.zeros((0, 8, 3), np.uint8),
        np.zeros((8, 8, 2), np.uint8),
        np.zeros((3, 8, 8), np.uint8),
        np.zeros((1, 8, 8, 3), np.uint8),
        np.zeros(8, np.uint8),
        np.array(5, np.uint8),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_that_are_no_photo(array):
    assert refusal(array).startswith("An array must be uint8")


SOUND = [
    encoded(Image.fromarray(quadrants(24, 16)), format)
    for format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "JPEG2000", "MPO")
]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    st.integers(0, 3000),
)
def test_any_damage_ends_in_a_photo_or_a_sentence(data, changes, length):
    data = bytearray(data)
    for place, value in changes:
        data[place % len(data)] = value
    try:
        photo = open_photo(bytes(data[:length]))
    except PhotoError as error:
        assert str(error).endswith(".")
    else:
        assert photo.mode == "RGB" and max(photo.size) <= MAX_SIDE
