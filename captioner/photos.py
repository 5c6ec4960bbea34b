"""Opens photos: any upload becomes an upright RGB image within limits, or a clear error."""

import io
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from captioner import photo_repair

MAX_PIXELS = 60_000_000  # 180 MB when decoded; phones send mostly 12 to 50 megapixels
MAX_JPEG_PIXELS = 1_000_000_000  # a JPEG is decoded smaller; so many take some seconds
# Of a progressive one all coefficients are in memory, however small it is decoded: 3 bytes a pixel,
# or 6 if colours are as fine as light. So many pixels take 360 or 720 MB.
MAX_PROGRESSIVE_PIXELS = 120_000_000
MAX_SIDE = 1600  # pixels; more than any view of the app shows

# What cameras, phones and browsers write (MPO is read as JPEG). Pillow reads more formats, but
# uploads of strangers should not reach every decoder: EPS would run Ghostscript.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "HEIF")

ORIENTATION = 0x0112  # the EXIF tag
# Its values -> the transpose that makes the photo upright. ImageOps.exif_transpose does the same,
# but it must run before a photo is made small, which is slower.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PhotoError(ValueError):
    """The photo cannot be read; the message is one sentence for the user."""


def open_photo(source, least: int = MAX_SIDE) -> Image.Image:
    """Opens a photo.

    Args:
        source: a path, bytes, a file, a PIL.Image or a uint8 array (H, W), (H, W, 1), (H, W, 3)
            or (H, W, 4).
        least: a JPEG may be decoded at a half, a quarter or an eighth of its size, which is
            faster, as long as both sides keep this many pixels.

    Returns:
        An RGB image, upright, with a longer side of at most MAX_SIDE pixels: the first frame of an
        animation; transparency on white; 16-bit and CMYK converted. If rows at its end are missing,
        its `info["note"]` says so.

    Raises:
        PhotoError: It cannot be read; the message says why.
    """
    name = "The photo"
    try:
        if isinstance(source, np.ndarray):
            source = _from_array(source)
        if isinstance(source, Image.Image):
            return _upright(source, name)
        if isinstance(source, str | Path):
            name = Path(source).name or f"'{source}'"
            if Path(source).is_dir():
                raise PhotoError(f"{name} is a folder, not a photo.")
        elif isinstance(source, bytes | bytearray):
            source = io.BytesIO(source)
        elif not hasattr(source, "read"):
            raise PhotoError(f"A photo was expected, not {type(source).__name__}.")
        with warnings.catch_warnings():
            # Pillow only warns above its limit; ours is checked before any pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            try:
                return _read(source, name, least)
            except ValueError as error:
                if "MAX_TEXT" not in str(error):  # Pillow's limits of texts in PNG
                    raise
                data = photo_repair.png_without_text(_bytes(source))
                return _read(io.BytesIO(data), name, least)
    except PhotoError:
        raise
    except FileNotFoundError as error:
        raise PhotoError(f"{name} does not exist.") from error
    except PermissionError as error:
        raise PhotoError(f"{name} may not be read.") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_large(name)) from error
    except Image.UnidentifiedImageError as error:
        raise PhotoError(
            f"{name} is not an image that can be read: choose a JPEG, PNG or WebP file."
        ) from error
    except Exception as error:  # decoders raise all kinds of errors on damaged files
        raise PhotoError(f"{name} is damaged or cut off.") from error


def _read(source: str | Path | io.IOBase, name: str, least: int) -> Image.Image:
    with _opened(source) as image:
        _make_small(image, name, least)
        try:
            image.load()
        except OSError:
            if image.format not in ("JPEG", "MPO"):
                raise
            progressive = bool(image.info.get("progressive"))
        else:
            return _upright(image, name)

    def decode(file: io.BytesIO) -> Image.Image:
        with _opened(file) as image:
            _make_small(image, name, least)
            return image.copy()

    data = _bytes(source)
    if progressive and not photo_repair.last_scan_has_started(data):
        raise PhotoError(f"{name} is damaged or cut off.")  # all rows are there, but blurred
    found, left_out, missing = photo_repair.whole_rows(data, decode)
    if missing > photo_repair.MOST_MISSING:
        raise PhotoError(f"{name} is damaged or cut off.")
    photo = _upright(found, name)
    photo.info["note"] = f"{name} lacks its last bytes: {left_out:.1%} of its rows are left out."
    return photo


def _opened(source: str | Path | io.IOBase) -> Image.Image:
    _know_heif()
    try:
        return Image.open(source, formats=FORMATS)
    except Image.DecompressionBombError:  # Pillow's limit does not know that a JPEG is made small
        if isinstance(source, io.IOBase):
            source.seek(0)
        try:
            return JpegImageFile(source)
        except SyntaxError:
            pass
        raise


@cache
def _know_heif() -> None:
    import pillow_heif  # not at the top: a tenth of a second

    pillow_heif.register_heif_opener()


def _bytes(source: str | Path | io.IOBase) -> bytes:
    if isinstance(source, str | Path):
        return Path(source).read_bytes()
    source.seek(0)
    return source.read()


def _make_small(image: Image.Image, name: str, least: int) -> None:
    """Has a JPEG decoded at a half, a quarter or an eighth of its size. Raises PhotoError if the
    photo is too large all the same."""
    width, height = image.size
    if image.format not in ("JPEG", "MPO"):
        _check_size(image, name)
        return
    if image.info.get("progressive"):
        _check_size(image, name, MAX_PROGRESSIVE_PIXELS, " of a progressive JPEG")
    else:
        _check_size(image, name, MAX_JPEG_PIXELS, " of a JPEG")
    scale = next(scale for scale in (1, 2, 4, 8) if width * height <= MAX_PIXELS * scale**2)
    if min(width, height) // least >= scale:
        image.draft("RGB", (least, least))
    elif scale > 1:
        image.draft("RGB", (width // scale, height // scale))


def squashed(source, side: int) -> np.ndarray:
    """Opens a photo as `open_photo` does and squashes all of it to a square, uint8 (side, side,
    3)."""
    photo = open_photo(source, least=side)
    return np.asarray(photo.resize((side, side), Image.Resampling.BILINEAR))


def _too_large(name: str, most: int = MAX_PIXELS, what: str = "") -> str:
    return f"{name} is too large: at most {most // 1_000_000:,} megapixels{what} are read."


def _check_size(image: Image.Image, name: str, most: int = MAX_PIXELS, what: str = "") -> None:
    width, height = image.size
    if width * height > most:
        raise PhotoError(_too_large(name, most, what))
    if width == 0 or height == 0:
        raise PhotoError(f"{name} is empty.")


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    colours = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or array.size == 0 or not colours:
        raise PhotoError("An array must be uint8 of shape (height, width, 3) and not empty.")
    return Image.fromarray(array)


def _upright(image: Image.Image, name: str) -> Image.Image:
    _check_size(image, name)
    image.load()  # TIFF turns itself while loading; in PNG the tag may follow the pixels
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION))
    except Exception:  # a photo with a broken tag can still be read
        turn = None
    if image.mode.startswith("I") or image.mode == "F":
        image = _from_deep(image)
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    image = image.convert("RGB")  # a copy, so that the file can be closed
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    image.info.clear()
    return image if turn is None else image.transpose(turn)


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey -> 8 bits."""
    values = np.nan_to_num(np.asarray(image, np.float32))
    if image.mode.startswith("I;16") or (image.mode == "I" and 255 < values.max() <= 65535):
        values = values / 257
    elif image.mode == "F" and values.max() <= 1:
        values = values * 255
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
