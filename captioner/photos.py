"""Any upload -> an upright RGB photo within limits, or a clear error."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

MAX_PIXELS = 60_000_000  # 180 MB once decoded; what phones send is mostly 12 to 50
MAX_SIDE = 1600  # what is kept of a photo: more than any screen shows of it here

# What cameras, phones and browsers write (MPO comes with JPEG). Pillow reads more, but what
# strangers send need not reach every decoder: EPS would run Ghostscript.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")

ORIENTATION = 0x0112  # the EXIF tag
TURNS = {  # its values other than 1, upright -> what undoes them
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PhotoError(ValueError):
    """The photo cannot be shown; the message is one sentence for the person who sent it."""


def open_photo(source, least: int = MAX_SIDE) -> Image.Image:
    """Opens a path, bytes, a PIL.Image or a uint8 array (H, W, 3 or 1 or 4, or H, W).

    Returns an RGB image, turned upright by its EXIF tag, its longer side MAX_SIDE at most.
    Of an animation the first frame is taken; transparency is laid on white; 16-bit and CMYK
    are converted. A JPEG whose sides are twice as long as `least` pixels or more is decoded at a
    half, a quarter or an eighth, which is faster; both stay at least so long.

    Raises PhotoError, with one sentence that says why, if there is no photo to be had.
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
            # Pillow's own limit is a warning; ours is below, before any pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source, formats=FORMATS) as image:
                _check_size(image, name)
                image.draft("RGB", (least, least))
                return _upright(image, name)
    except PhotoError:
        raise
    except FileNotFoundError as error:
        raise PhotoError(f"{name} does not exist.") from error
    except PermissionError as error:
        raise PhotoError(f"{name} may not be read.") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_large(name)) from error
    except Image.UnidentifiedImageError as error:
        raise PhotoError(f"{name} is not an image that can be read.") from error
    except Exception as error:  # on damaged files decoders raise whatever they happen to
        raise PhotoError(f"{name} is damaged or cut off.") from error


def squashed(source, side: int) -> np.ndarray:
    """All of a photo, as `open_photo` takes it, squashed to a square: uint8 (side, side, 3).

    Raises PhotoError as `open_photo` does.
    """
    photo = open_photo(source, least=side)
    return np.asarray(photo.resize((side, side), Image.Resampling.BILINEAR))


def _too_large(name: str) -> str:
    return f"{name} is too large: at most {MAX_PIXELS // 1_000_000} megapixels are read."


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PhotoError(_too_large(name))
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
    turn = _turn(image)
    if image.mode.startswith("I") or image.mode == "F":
        image = _from_deep(image)
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    image = image.convert("RGB")  # a copy: nothing of the file stays open
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    image.info.clear()
    return image if turn is None else image.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    image.load()  # TIFF turns itself while loading; in PNG the tag may follow the pixels
    try:
        return TURNS.get(image.getexif().get(ORIENTATION))
    except Exception:  # a broken tag does not make the photo unreadable
        return None


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey -> 8 bits."""
    values = np.nan_to_num(np.asarray(image, np.float32))
    if image.mode.startswith("I;16") or (image.mode == "I" and 255 < values.max() <= 65535):
        values = values / 257
    elif image.mode == "F" and values.max() <= 1:
        values = values * 255
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
