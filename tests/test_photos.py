"""Whatever can be read comes out upright and in colour."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from captioner.photos import MAX_SIDE, ORIENTATION, open_photo, squashed
from tests.support.data.pictures import BLUE, GREEN, GREY, RED, encoded, quadrants


def assert_quadrants(photo, tolerance=12):
    """The photo is RGB and shows red, green, blue and grey in reading order."""
    assert photo.mode == "RGB"
    width, height = photo.size
    at = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    seen = np.array([photo.getpixel(point) for point in at], int)
    assert np.abs(seen - [RED, GREEN, BLUE, GREY]).max() <= tolerance


@pytest.mark.parametrize(
    "format",
    ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "MPO", "HEIF", "AVIF"],
)
def test_formats(format, tmp_path):
    data = encoded(Image.fromarray(quadrants()), format)
    file = tmp_path / "photo"
    file.write_bytes(data)
    for source in (data, bytearray(data), file, str(file)):
        photo = open_photo(source)
        assert photo.size == (96, 64)
        assert_quadrants(photo)


# How an upright photo is stored under each EXIF orientation. The standard says which side of
# what is seen the stored row 0 and column 0 are.
STORED = {
    1: lambda seen: seen,
    2: lambda seen: seen[:, ::-1],  # row 0: top, column 0: right
    3: lambda seen: seen[::-1, ::-1],  # bottom, right
    4: lambda seen: seen[::-1],  # bottom, left
    5: lambda seen: seen.transpose(1, 0, 2),  # left, top
    6: lambda seen: np.rot90(seen),  # right, top
    7: lambda seen: seen.transpose(1, 0, 2)[::-1, ::-1],  # right, bottom
    8: lambda seen: np.rot90(seen, -1),  # left, bottom
}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "MPO", "HEIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation(orientation, format):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](quadrants())))
    photo = open_photo(encoded(stored, format, exif=exif.tobytes()))
    assert photo.size == (96, 64)
    assert_quadrants(photo)
    assert_quadrants(open_photo(photo))  # nothing is left that would turn it once more


def test_exif_orientation_of_16_bit_and_transparent_photos():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    deep = np.zeros((8, 4), np.uint16)
    deep[0] = 65535  # the right side of what is seen
    photo = np.asarray(open_photo(encoded(Image.fromarray(deep), "PNG", exif=exif)))
    assert photo.shape == (4, 8, 3)
    assert (photo[:, 7] == 255).all() and (photo[:, :7] == 0).all()
    clear = Image.fromarray(np.rot90(quadrants()).copy()).convert("RGBA")
    assert_quadrants(open_photo(encoded(clear, "PNG", exif=exif)))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_means_nothing_is_passed_over(value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    assert_quadrants(open_photo(encoded(Image.fromarray(quadrants()), "JPEG", exif=exif)))


@pytest.mark.parametrize("exif", [b"Exif\0\0junk", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0"])
def test_broken_exif_does_not_spoil_a_photo(exif):
    assert_quadrants(open_photo(encoded(Image.fromarray(quadrants()), "JPEG", exif=exif)))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(format):
    first, second = Image.fromarray(quadrants()), Image.new("RGB", (96, 64), "black")
    data = encoded(first, format, save_all=True, append_images=[second, second], duration=100)
    with Image.open(io.BytesIO(data)) as animation:
        assert animation.n_frames > 1
    assert_quadrants(open_photo(data))


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk(format):
    cmyk = Image.fromarray(quadrants()).convert("CMYK")
    assert_quadrants(open_photo(encoded(cmyk, format)))


def test_16_bit_png_keeps_its_greys():
    greys = np.linspace(0, 65535, 256).astype(np.uint16)
    photo = open_photo(encoded(Image.fromarray(np.tile(greys, (4, 1))), "PNG"))
    assert np.abs(np.asarray(photo)[0, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize("full", [1.0, 255.0])
def test_floating_point_tiff(full):
    greys = np.array([[0, full / 2, full, np.nan]], np.float32)
    photo = np.asarray(open_photo(encoded(Image.fromarray(greys), "TIFF")))
    assert photo[0, :, 1].tolist() == [0, 127, 255, 0]


@pytest.mark.parametrize("mode", ["1", "L"])
def test_black_and_white(mode):
    photo = open_photo(encoded(Image.fromarray(quadrants()).convert("L").convert(mode), "PNG"))
    assert photo.mode == "RGB" and photo.size == (96, 64)


def test_palette():
    assert_quadrants(open_photo(encoded(Image.fromarray(quadrants()).quantize(8), "PNG")))


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_transparent_colour_of_a_palette_becomes_white(format):
    image = Image.fromarray(quadrants()).quantize(8)
    image.info["transparency"] = image.getpixel((10, 10))  # the red one
    photo = open_photo(encoded(image, format, transparency=image.info["transparency"]))
    assert photo.getpixel((10, 10)) == (255, 255, 255)
    assert np.abs(np.subtract(photo.getpixel((80, 10)), GREEN)).max() <= 12


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0))])
def test_full_transparency_becomes_white(mode, colour):
    photo = open_photo(encoded(Image.new(mode, (8, 8), colour), "PNG"))
    assert photo.getcolors() == [(64, (255, 255, 255))]


def test_half_transparency_is_mixed_with_white():
    photo = open_photo(encoded(Image.new("RGBA", (4, 4), (200, 0, 100, 128)), "PNG"))
    assert np.abs(np.subtract(photo.getpixel((0, 0)), (227, 127, 177))).max() <= 1


@pytest.mark.parametrize("size", [(3200, 800), (800, 3200), (4000, 3000)])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_large_photos_are_reduced_in_proportion(size, format):
    photo = open_photo(encoded(Image.fromarray(quadrants(*size)), format))
    assert max(photo.size) == MAX_SIDE
    assert photo.width / photo.height == pytest.approx(size[0] / size[1], rel=0.01)
    assert_quadrants(photo)


@pytest.mark.parametrize("least,size", [(64, (80, 100)), (81, (160, 200)), (400, (320, 400))])
def test_a_jpeg_is_decoded_no_larger_than_it_is_needed(least, size):
    photo = open_photo(encoded(Image.fromarray(quadrants(320, 400)), "JPEG"), least)
    assert photo.size == size
    assert_quadrants(photo)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_photo_is_squashed_to_a_square(format):
    pixels = squashed(encoded(Image.fromarray(quadrants(300, 200)), format), 40)
    assert pixels.shape == (40, 40, 3) and pixels.dtype == np.uint8
    assert_quadrants(Image.fromarray(pixels))
    assert np.array_equal(squashed(pixels, 40), pixels)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (5000, 1)])
def test_slivers(size):
    photo = open_photo(encoded(Image.new("RGB", size, RED), "PNG"))
    assert photo.size == (min(size[0], MAX_SIDE), size[1])


@pytest.mark.parametrize(
    "array",
    [
        quadrants(),
        quadrants()[::-1][::-1],  # not contiguous
        np.dstack([quadrants(), np.full((64, 96), 255, np.uint8)]),
    ],
)
def test_colour_arrays(array):
    assert_quadrants(open_photo(array), tolerance=0)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1)])
def test_grey_arrays(shape):
    photo = open_photo(np.full(shape, 77, np.uint8))
    assert photo.size == (7, 5) and photo.getpixel((6, 4)) == (77, 77, 77)


def test_an_image_that_is_handed_in_stays_as_it_is():
    given_image = Image.fromarray(quadrants(3200, 1600))
    given_image.info["comment"] = "mine"
    assert_quadrants(open_photo(given_image))
    assert given_image.size == (3200, 1600) and given_image.info == {"comment": "mine"}


@pytest.mark.parametrize(
    ("size", "progressive"), [((9000, 8000), False), ((48_000, 1500), False), ((8200, 7400), True)]
)
def test_a_jpeg_of_more_pixels_than_are_read_is_decoded_smaller(size, progressive):
    large = Image.fromarray(quadrants(*size))
    photo = open_photo(encoded(large, "JPEG", quality=50, progressive=progressive))
    assert photo.width == MAX_SIDE and "note" not in photo.info
    assert photo.width / photo.height == pytest.approx(size[0] / size[1], rel=0.03)
    assert_quadrants(photo)


@pytest.mark.slow
def test_a_jpeg_of_200_megapixels_is_decoded_smaller():
    grey = Image.fromarray(np.full((12_000, 17_000), 90, np.uint8))
    assert open_photo(encoded(grey, "JPEG")).size == (MAX_SIDE, 1129)


@pytest.mark.parametrize("size", [(960, 1600), (400, 3200), (640, 480)])
@pytest.mark.parametrize("cut", [1, 2, 100, 0.01])
def test_a_jpeg_that_lacks_its_last_bytes_is_read_with_a_note(tmp_path, size, cut):
    noise = Image.effect_noise(size, 90).convert("RGB")
    noise.paste(Image.fromarray(quadrants(size[0], size[1] - 100)))
    data = encoded(noise, "JPEG")
    file = tmp_path / "cut.jpg"
    file.write_bytes(data[: -cut if cut >= 1 else round(-cut * len(data) / 20)])
    for source in (file, file.read_bytes()):
        photo, whole = open_photo(source), open_photo(data)
        assert "lacks its last bytes" in photo.info["note"]
        least = 0.98 * whole.height if size[1] > 1000 else whole.height - 17  # a row of blocks
        assert least <= photo.height <= whole.height
        assert_quadrants(photo.crop((0, 0, photo.width, photo.height * 9 // 10)))
        if max(size) <= MAX_SIDE:  # all rows that are left are the photo's
            np.testing.assert_array_equal(photo, whole.crop((0, 0, *photo.size)))


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("size", [(1600, 1200), (640, 480)])
@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_progressive_jpeg_whose_last_scan_is_cut_off_is_read_with_a_note(cut, size, subsampling):
    noise = Image.effect_noise(size, 90).convert("RGB")
    data = encoded(noise, "JPEG", progressive=True, subsampling=subsampling)
    photo, whole = open_photo(data[:-cut]), open_photo(data)
    assert "lacks its last bytes" in photo.info["note"]
    assert whole.height - 8 <= photo.height <= whole.height  # a row of blocks
    np.testing.assert_array_equal(photo, whole.crop((0, 0, *photo.size)))


def test_a_cut_jpeg_is_turned_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    stored = Image.fromarray(np.ascontiguousarray(STORED[6](quadrants(900, 600))))
    photo = open_photo(encoded(stored, "JPEG", exif=exif)[:-2])
    assert photo.size == (900, 600) and "0.0%" in photo.info["note"]
    assert_quadrants(photo)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("kind", ["zTXt", "iTXt", "iCCP", "tEXt"])
def test_a_png_with_much_text_is_read_without_it(kind, place):
    data, much = encoded(Image.fromarray(quadrants()), "PNG"), b"x" * 2_000_000
    body = {
        "zTXt": b"k\0\0" + zlib.compress(much),
        "iTXt": b"k\0\1\0\0\0" + zlib.compress(much),
        "iCCP": b"k\0\0" + zlib.compress(much),
        "tEXt": b"k\0" + 35 * much,
    }[kind]
    check = struct.pack(">I", zlib.crc32(kind.encode() + body))
    chunk = struct.pack(">I", len(body)) + kind.encode() + body + check
    at = data.index(b"IDAT") - 4 if place == "before" else data.index(b"IEND") - 4
    assert_quadrants(open_photo(data[:at] + chunk + data[at:]))
