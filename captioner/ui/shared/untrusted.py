"""Checks of what comes from a browser or a file.

Each returns what was given, in the type that was wanted, or raises ValueError with one sentence
that begins with `what` the value was to be.
"""

import base64

import numpy as np
from PIL import Image

from captioner.decoding import MAX_WORDS
from captioner.photos import open_photo

LONGEST_WORD = 40  # letters


def record(value, what: str) -> dict:
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be an object with named fields.")
    return value


def items(value, what: str, least: int, most: int) -> list:
    if not isinstance(value, list) or not least <= len(value) <= most:
        count = f"{least} to {most}" if least < most else f"{least}"
        raise ValueError(f"{what} must be a list of {count}.")
    return value


def number(value, what: str, least: float, most: float) -> float:
    usual = isinstance(value, int | float) and not isinstance(value, bool)
    if not usual or not least <= value <= most:  # NaN is neither
        raise ValueError(f"{what} must be a number from {least:,} to {most:,}.")
    return float(value)


def whole(value, what: str, least: int, most: int) -> int:
    if not number(value, what, least, most).is_integer():
        raise ValueError(f"{what} must be a whole number.")
    return int(value)


def text(value, what: str, longest: int) -> str:
    """One line; no control characters, no half of a character."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{what} must be a line of text.")
    if len(value) > longest:
        raise ValueError(f"{what} must have {longest} characters at most.")
    return value


def word(value) -> str:
    if not text(value, "A word", LONGEST_WORD).strip():
        raise ValueError("A word must have letters.")
    return value


def words(value, what: str, least: int = 0) -> list[str]:
    """As many words as a caption may have."""
    return [word(one) for one in items(value, what, least, MAX_WORDS)]


def matrix(value, what: str, shape: tuple[int, int], least: float, most: float) -> np.ndarray:
    """float64 of that shape, all numbers between `least` and `most`."""
    rows = [items(row, what, shape[1], shape[1]) for row in items(value, what, shape[0], shape[0])]
    return np.array([[number(cell, what, least, most) for cell in row] for row in rows])


def cells(value, what: str, shape: tuple[int, int]) -> np.ndarray:
    """[[row, column], ..] -> bool (rows, cols)."""
    mask = np.zeros(shape, bool)
    for cell in items(value, what, 0, mask.size):
        row, col = items(cell, "A cell", 2, 2)
        place = [whole(row, "A row", 0, shape[0] - 1), whole(col, "A column", 0, shape[1] - 1)]
        mask[tuple(place)] = True
    return mask


def picture(value, what: str, kind: str, largest: int) -> Image.Image:
    """A data URL of an image of that kind -> an RGB photo; `largest` is in bytes of the URL."""
    begin = f"data:image/{kind};base64,"
    if not isinstance(value, str) or not value.startswith(begin):
        raise ValueError(f"{what} must be a {kind.upper()} within the data.")
    if len(value) > largest:
        raise ValueError(f"{what} must have {largest // 1_000_000} MB at most.")
    try:
        data = base64.b64decode(value[len(begin) :], validate=True)
    except ValueError as error:
        raise ValueError(f"{what} is damaged or cut off.") from error
    return open_photo(data)
