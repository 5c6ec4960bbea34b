"""Saved results, read back. Nothing in the file is trusted.

Every field is checked, pictures are decoded and encoded again, and unknown fields are dropped.
"""

import json
from typing import Annotated, Literal

import numpy as np
from annotated_types import Interval, Len, MaxLen

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.decoding import MAX_WORDS
from captioner.ui.shared import untrusted
from captioner.ui.shared.results import FORMAT, CaptionResult, ExplorerValue
from captioner.ui.shared.sampler_settings import Settings
from captioner.ui.shared.untrusted import MAX_GRID, Share

MAX_CHARACTERS = 12_000_000  # of a file
MAX_PHOTO, MAX_SEEN = 8_000_000, 2_000_000  # characters of a picture in it
MAX_SIDE = 1024  # pixels of the backbone's input

Seen = untrusted.data_url("png", MAX_SEEN)
Centres = Annotated[list[Share], Len(1, MAX_GRID)]
Similarity = Annotated[float, Interval(ge=-1, le=1)]


class ExchangeError(ValueError):
    """This is not a saved result; one sentence says why."""

    def __init__(self, reason: str):
        reason = reason[0].lower() + reason[1:]
        super().__init__(f"This file is not a result saved by this page: {reason}")


class SavedWord(untrusted.Message):
    """A word and its attention."""

    text: untrusted.Word
    probability: Share
    attention: Annotated[list[Annotated[list[Share], MaxLen(MAX_GRID)]], MaxLen(MAX_GRID)]
    alternatives: Annotated[list[untrusted.Choice], MaxLen(20)]

    def to_word(self, shape: tuple[int, int]) -> Word:
        attention = _matrix(self.attention, shape, "The attention of a word")
        if abs(attention.sum() - 1) > 1e-3 + 1e-6 * attention.size:  # each cell is rounded
            raise ValueError("The attention of a word must sum to 1.")
        return Word(self.text, self.probability, attention.astype(np.float32), self.alternatives)


class Grid(untrusted.Message):
    """Centres of the cells, as fractions of the photo's width and height."""

    x: Centres
    y: Centres

    def to_geometry(self, size: int) -> Geometry:
        longer = max(self.x, self.y, key=len)
        step = longer[1] - longer[0] if len(longer) > 1 else 1.0
        geometry = Geometry(len(self.y), len(self.x), size, step * size, longer[0] * size)
        even = all(
            np.allclose(geometry.centres(len(axis)), axis, atol=1e-6) for axis in (self.x, self.y)
        )
        if step <= 0 or not even:
            raise ValueError("The cells of the grid must have equal distances.")
        return geometry


class SavedResult(untrusted.Message):
    """The JSON of `ExplorerValue`."""

    format: Literal[FORMAT]
    checkpoint: untrusted.line(100)
    photo: untrusted.data_url("jpeg", MAX_PHOTO)
    seen: Seen
    grid: Grid
    words: Annotated[list[SavedWord], Len(1, MAX_WORDS)]
    milliseconds: Annotated[float, Interval(ge=0, le=1e9)]
    vectors: Annotated[list[Annotated[list[Similarity], MaxLen(MAX_WORDS)]], MaxLen(MAX_WORDS)]
    settings: Settings
    forced: Annotated[untrusted.Whole, Interval(ge=0, le=MAX_WORDS)]
    covered: untrusted.Cells
    attends: bool = True

    def to_value(self) -> ExplorerValue:
        """Raises ValueError if the fields contradict each other."""
        size = self.seen.width
        if size != self.seen.height or size > MAX_SIDE:
            raise ValueError(f"The field seen must be a square of at most {MAX_SIDE} pixels.")
        geometry = self.grid.to_geometry(size)
        shape = (geometry.rows, geometry.cols)
        words = [word.to_word(shape) for word in self.words]
        result = CaptionResult(
            caption=Caption(words, geometry, use_attention=self.attends),
            milliseconds=self.milliseconds,
            vectors=_matrix(self.vectors, (len(words), len(words)), "The field vectors"),
            settings=self.settings,
            forced=min(self.forced, len(words)),
            covered=untrusted.mask(self.covered, shape),
        )
        return ExplorerValue(result, self.photo, self.seen, self.checkpoint)


def parse(text) -> ExplorerValue:
    """A saved result from the text of its file. Raises ExchangeError."""
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise ExchangeError(f"it must be a text of {MAX_CHARACTERS // 1_000_000} MB at most.")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ExchangeError("it must be JSON.") from error
    return read(value)


def read(value) -> ExplorerValue:
    """A saved result from its JSON value. Raises ExchangeError."""
    try:
        return untrusted.checked(SavedResult, value).to_value()
    except ValueError as error:
        raise ExchangeError(str(error)) from error


def _refuse(constant: str):
    raise ValueError(f"{constant} is not JSON")


def _matrix(rows: list[list[float]], shape: tuple[int, int], name: str) -> np.ndarray:
    if len(rows) != shape[0] or any(len(row) != shape[1] for row in rows):
        raise ValueError(f"{name} must have {shape[0]} rows of {shape[1]} numbers.")
    return np.array(rows, float)
