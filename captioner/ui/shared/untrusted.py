"""Checks of what comes from a browser or a file: types and limits for pydantic models.

Whoever needs a message declares a model of `Message` and reads it with `checked`, which refuses in
one sentence for the visitor.
"""

import base64
import re
from functools import lru_cache
from typing import Annotated

import numpy as np
from annotated_types import Interval, Len, MaxLen
from PIL import Image
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    Strict,
    TypeAdapter,
    ValidationError,
)

from captioner.decoding import MAX_WORDS
from captioner.photos import open_photo

MAX_GRID = 64  # rows or columns
# No conversions such as "1" to 1, and no NaN. Unknown fields are ignored.
STRICT = ConfigDict(strict=True, allow_inf_nan=False, arbitrary_types_allowed=True)


class Message(BaseModel):
    """Base class of what comes from outside."""

    model_config = STRICT


def checked(kind, value, name: str = ""):
    """The value as `kind`, a model or a type that pydantic knows.

    Args:
        name: What the value is, for refusals; without it they name the field.

    Raises:
        ValueError: One sentence says which field must be what.
    """
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        raise ValueError(_sentence(error, name)) from error


@lru_cache
def _adapter(kind) -> TypeAdapter:
    return TypeAdapter(kind, config=None if isinstance(kind, type) else STRICT)


# pydantic's wording -> plain English
_WORDING = (
    (r"^Field required$", "is missing"),
    (r"^(Input|String|List|Tuple) should ", "must "),
    (r"a valid dictionary( or instance of \w+)?", "an object with fields"),
    (r"a valid string.*", "text"),
    (r"a valid integer", "a whole number"),
    (r"a valid (tuple|list)", "a list"),
    (r"a valid ", "a "),
    (r"greater than or equal to", "at least"),
    (r"less than or equal to", "at most"),
    (r" after validation", ""),
)


def _sentence(error: ValidationError, name: str) -> str:
    """The first of pydantic's errors as one sentence for the visitor."""
    first = error.errors(include_url=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if message.endswith("."):
        return message  # a sentence of our own
    for pattern, plain in _WORDING:
        message = re.sub(pattern, plain, message)
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"])
    subject = f"The field {path.removeprefix('.')}" if path else "The message"
    return f"{name + path if name else subject} {message}."


# --- Types ----------------------------------------------------------------------------------


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of printable text")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _whole(value):
    return int(value) if isinstance(value, float) and value.is_integer() else value


def data_url(kind: str, limit: int):
    """The type of an image of that kind in a data URL of at most `limit` bytes; it is decoded."""
    start = f"data:image/{kind};base64,"

    def decode(value) -> Image.Image:
        if not isinstance(value, str) or not value.startswith(start):
            raise ValueError(f"must be a {kind.upper()} image in a data URL")
        if len(value) > limit:
            raise ValueError(f"must have at most {limit // 1_000_000} MB")
        try:
            data = base64.b64decode(value[len(start) :], validate=True)
        except ValueError as error:
            raise ValueError("is damaged or cut off") from error
        return open_photo(data)

    return Annotated[Image.Image, PlainValidator(decode)]


def line(limit: int):
    """The type of a text without line breaks and control characters, of at most `limit` letters."""
    return Annotated[str, MaxLen(limit), AfterValidator(_printable)]


Word = Annotated[line(40), AfterValidator(_not_blank)]
Words = Annotated[list[Word], MaxLen(MAX_WORDS)]
Whole = Annotated[int, BeforeValidator(_whole)]
Share = Annotated[float, Interval(ge=0, le=1)]
Choice = Annotated[tuple[Word, Share], Strict(False)]  # JSON has lists only
Cell = Annotated[list[Whole], Len(2, 2)]  # [row, column]
Cells = Annotated[list[Cell], MaxLen(MAX_GRID**2)]


def mask(cells: list[list[int]], shape: tuple[int, int]) -> np.ndarray:
    """Checked cells as bool (rows, cols). Raises ValueError if one is outside the grid."""
    covered = np.zeros(shape, bool)
    for row, col in cells:
        if not (0 <= row < shape[0] and 0 <= col < shape[1]):
            raise ValueError(f"Cells must lie within {shape[0]} rows and {shape[1]} columns.")
        covered[row, col] = True
    return covered
