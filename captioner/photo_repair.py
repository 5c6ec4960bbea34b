"""Reads photos of which nearly all is there, although Pillow refuses them."""

import io
import itertools
import re
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image

MOST_MISSING = 0.02  # of the rows of a JPEG whose last bytes are missing
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")  # chunks of texts and of the colour profile
_END = b"\xff\xd9"  # of a JPEG
_NONSENSE = b"\x5a" * (1 << 18)  # is decoded as some blocks or other, a row of them at least
_START_OF_SCAN, _PROGRESSIVE = 0xDA, 0xC2  # markers of a JPEG
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # after the data of a scan
_HIGHEST_BLOCK = 32  # rows that are coded together, at most


def png_without_text(data: bytes) -> bytes:
    """A PNG without its texts and its colour profile, for which Pillow has a limit."""
    chunks, offset = [_PNG], len(_PNG)
    while offset + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[offset : offset + 8])
        end = offset + 12 + length
        if kind not in _TEXTS:
            chunks.append(data[offset:end])
        offset = end
    return b"".join(chunks)


def whole_rows(data: bytes, decode: Callable[[io.BytesIO], Image.Image]) -> tuple:
    """The rows of a JPEG that can be read although its last bytes are missing.

    The decoder fills what is missing with grey. Where it differs if nonsense follows the data, the
    rows are not the photo's.

    Args:
        data: the file, of a JPEG; of a progressive one the last scan has started.
        decode: opens and decodes a file.

    Returns:
        The image of the rows that are there; the share of the rows that are left out; and the share
        of the photo that is missing, which is less where only the end of a row of blocks is.
    """
    data = data[:-1] if data.endswith(b"\xff") else data
    image, other = (decode(io.BytesIO(data + extra + _END)) for extra in (b"", _NONSENSE))
    differs = np.asarray(image) != np.asarray(other)
    differs = differs.reshape(image.height, image.width, -1).any(axis=2)
    if not differs.any():
        return image, 0.0, 0.0
    rows = int(differs.any(axis=1).argmax())
    block = differs[rows : rows + _HIGHEST_BLOCK]
    if block[:, 0].any():  # the next blocks begin there
        block = block[: max(1, int(block[:, 0].argmax()))]
    partial = len(block) * int(block.any(axis=0).argmax()) / image.width  # rows, a fraction
    whole = image.crop((0, 0, image.width, rows))
    return whole, 1 - rows / image.height, 1 - (rows + partial) / image.height


def last_scan_has_started(data: bytes) -> bool:
    """Whether the last scan of a progressive JPEG has started: only its rows can be missing then.

    Each scan brings some bits of some coefficients, of all rows. In the last one, every coefficient
    of every component comes down to its lowest bit.
    """
    missing, offset = {(0, 0)}, 2  # (component, coefficient) whose lowest bit has not come
    while offset + 4 <= len(data) and data[offset] == 0xFF:
        marker, length = struct.unpack(">xBH", data[offset : offset + 4])
        body, offset = data[offset + 4 : offset + 2 + length], offset + 2 + length
        if marker == _PROGRESSIVE:
            missing = set(itertools.product(body[6::3], range(64)))
        elif marker == _START_OF_SCAN:
            first, last, bits = body[-3:]
            if bits & 15 == 0:
                components = body[1 : 1 + 2 * body[0] : 2]
                missing -= set(itertools.product(components, range(first, last + 1)))
            end = _NEXT_MARKER.search(data, offset)
            offset = end.start() if end else len(data)
    return not missing
