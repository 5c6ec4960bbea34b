"""Reads photos of which nearly all is there, although Pillow refuses them."""

import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image

MOST_MISSING = 0.02  # of the rows of a JPEG whose last bytes are missing
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")  # chunks of texts and of the colour profile
_END = b"\xff\xd9"  # of a JPEG
_NONSENSE = b"\x5a" * (1 << 18)  # is decoded as some blocks or other, a row of them at least
_HIGHEST_BLOCK = 32  # rows that are coded together, at most


def png_without_text(data: bytes) -> bytes:
    """A PNG without its texts and its colour profile, for which Pillow has a limit."""
    kept, place = [_PNG], len(_PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if kind not in _TEXTS:
            kept.append(data[place:end])
        place = end
    return b"".join(kept)


def whole_rows(data: bytes, decode: Callable[[io.BytesIO], Image.Image]) -> tuple:
    """The rows of a JPEG that can be read although its last bytes are missing.

    The decoder fills what is missing with grey. Where it differs if nonsense follows the data, the
    rows are not the photo's.

    Args:
        data: the file, of a JPEG that is not progressive: a progressive one has all rows at first.
        decode: opens and decodes a file.

    Returns:
        The image of the rows that are there; the share of the rows that are left out; and the share
        of the photo that is missing, which is less where only the end of a row of blocks is.
    """
    data = data[:-1] if data.endswith(b"\xff") else data
    image, other = (decode(io.BytesIO(data + more + _END)) for more in (b"", _NONSENSE))
    differs = np.asarray(image) != np.asarray(other)
    differs = differs.reshape(image.height, image.width, -1).any(axis=2)
    if not differs.any():
        return image, 0.0, 0.0
    rows = int(differs.any(axis=1).argmax())
    block = differs[rows : rows + _HIGHEST_BLOCK]
    if block[:, 0].any():  # the next blocks begin there
        block = block[: max(1, int(block[:, 0].argmax()))]
    begun = len(block) * int(block.any(axis=0).argmax()) / image.width  # rows, in parts of them
    there = image.crop((0, 0, image.width, rows))
    return there, 1 - rows / image.height, 1 - (rows + begun) / image.height
