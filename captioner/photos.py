"""Any upload -> an upright RGB photo within limits, or a clear error."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

MAX_PIXELS = 60_000_000  # the largest phone cameras stay below; 180 MB once decoded
MAX_SIDE = 1600  # what is kept of a photo: more than any screen shows of it here


class PhotoError(ValueError):
    """The photo cannot be shown; the message is one sentence for the person who sent it."""


def open_photo(source) -> Image.Image:
    """Opens a path, bytes, a PIL.Image or a uint8 array (H, W, 3 or 1 or 4, or H, W).

    Returns an RGB image, turned upright by its EXIF tag, its longer side MAX_SIDE at most.
    Of an animation the first frame is taken; transparency is laid on white; 16-bit and CMYK
    are converted.

    Raises PhotoError, with one sentence that says why, if there is no photo to be had.
    """
    if isinstance(source, np.ndarray):
        source = _from_array(source)
    if isinstance(source, Image.Image):
        return _upright(source)
    name, opened = "the photo", source
    if isinstance(source, str | Path):
        name = Path(source).name
        if Path(source).is_dir():
            raise PhotoError(f"{name} is a folder, not a photo.")
    elif isinstance(source, bytes | bytearray):
        opened = io.BytesIO(source)
    try:
        with warnings.catch_warnings():
            # Pillow's own limit is a warning; ours is below, before any pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(opened) as image:
                _check_size(image, name)
                image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # JPEG: decode no more than is kept
                return _upright(image)
    except PhotoError:
        raise
    except FileNotFoundError as error:
        raise PhotoError(f"{name} does not exist.") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_large(name)) from error
    except Image.UnidentifiedImageError as error:
        raise PhotoError(f"{name} is not an image that can be read.") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise PhotoError(f"{name} is damaged or cut off.") from error


def _too_large(name: str) -> str:
    return f"{name} is too large: at most {MAX_PIXELS // 1_000_000} megapixels are read."


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PhotoError(_too_large(name))
    if width == 0 or height == 0:
        raise PhotoError(f"{name} is empty.")


def _from_array(array: np.ndarray) -> Image.Image:
    if array.dtype != np.uint8 or array.size == 0 or array.ndim not in (2, 3):
        raise PhotoError("An array must be uint8 of shape (height, width, 3) and not empty.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 3 and array.shape[2] not in (3, 4):
        raise PhotoError("An array must be uint8 of shape (height, width, 3).")
    return Image.fromarray(array)


def _upright(image: Image.Image) -> Image.Image:
    _check_size(image, "the photo")
    orientation = image.getexif().get(0x0112, 1)
    if image.mode.startswith("I") or image.mode == "F":
        image = _from_deep(image)
    elif "A" in image.mode or "transparency" in image.info or image.mode == "La":
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    image = image.convert("RGB")  # a copy: nothing of the file stays open
    if orientation != 1:
        image.getexif()[0x0112] = orientation
        image = ImageOps.exif_transpose(image)
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    image.info.clear()
    return image


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey -> 8 bits."""
    values = np.asarray(image, np.float64)
    if image.mode.startswith("I;16") or (image.mode == "I" and 255 < values.max() <= 65535):
        values = values / 257
    elif image.mode == "F" and values.size and values.max() <= 1:
        values = values * 255
    return Image.fromarray(np.clip(np.nan_to_num(values), 0, 255).astype(np.uint8))
