"""Saved results, read back. Nothing in the file is trusted.

Every field is checked, pictures are decoded and encoded again, and unknown fields are dropped.
"""

import json
from typing import Annotated, Literal, TypeVar

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
MAX_HEADS = 64  # of a layer; layers

Photo = untrusted.data_url("jpeg", MAX_PHOTO)
Seen = untrusted.data_url("png", MAX_SEEN)
Centres = Annotated[list[Share], Len(1, MAX_GRID)]
Similarity = Annotated[float, Interval(ge=-1, le=1)]


class ExchangeError(ValueError):
    """This is not a saved result; one sentence says why."""

    def __init__(self, reason: str):
        reason = reason[0].lower() + reason[1:]
        super().__init__(f"This file is not a result saved by this page: {reason}")


Map = Annotated[list[Annotated[list[Share], MaxLen(MAX_GRID)]], MaxLen(MAX_GRID)]
T = TypeVar("T")
Layers = Annotated[list[Annotated[list[T], Len(1, MAX_HEADS)]], Len(1, MAX_HEADS)]


class SavedWord(untrusted.Message):
    """A word and its attention."""

    text: untrusted.Word
    probability: Share
    attention: Map
    alternatives: Annotated[list[untrusted.Choice], MaxLen(20)]
    heads: Layers[Map] | None = None
    self_attention: Layers[Annotated[list[Share], MaxLen(MAX_WORDS)]] | None = None

    def to_word(self, shape: tuple[int, int]) -> Word:
        attention = _weights(self.attention, shape, "The attention of a word")
        heads = self_attention = None
        if self.heads is not None:
            count = (len(self.heads), len(self.heads[0]))
            heads = _weights(self.heads, (*count, *shape), "The attention of the heads")
            if self.self_attention is None:
                raise ValueError("The field self_attention is missing.")
            before = (*count, len(self.self_attention[0][0]))
            self_attention = _weights(
                self.self_attention, before, "The self-attention of a word", -1
            )
        return Word(
            self.text, self.probability, attention, self.alternatives, heads, self_attention
        )


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


class Result(untrusted.Message):
    """The JSON of a `CaptionResult` and its grid."""

    grid: Grid
    words: Annotated[list[SavedWord], Len(1, MAX_WORDS)]
    milliseconds: Annotated[float, Interval(ge=0, le=1e9)]
    vectors: Annotated[list[Annotated[list[Similarity], MaxLen(MAX_WORDS)]], MaxLen(MAX_WORDS)]
    settings: Settings
    forced: Annotated[untrusted.Whole, Interval(ge=0, le=MAX_WORDS)]
    covered: untrusted.Cells
    attends: bool = True

    def to_result(self, size: int = MAX_SIDE) -> CaptionResult:
        """The result with a backbone's input of `size` pixels.

        Raises:
            ValueError: the fields contradict each other.
        """
        geometry = self.grid.to_geometry(size)
        shape = (geometry.rows, geometry.cols)
        words = [word.to_word(shape) for word in self.words]
        if len({np.shape(word.heads) for word in words}) > 1:
            raise ValueError("All words must have the same heads.")
        for count, word in enumerate(words, start=1):  # with the start
            if word.self_attention is not None and word.self_attention.shape[-1] > count:
                raise ValueError("A word cannot attend to itself or to words after it.")
        return CaptionResult(
            caption=Caption(words, geometry, use_attention=self.attends),
            milliseconds=self.milliseconds,
            vectors=_array(self.vectors, (len(words), len(words)), "The field vectors"),
            settings=self.settings,
            forced=min(self.forced, len(words)),
            covered=untrusted.mask(self.covered, shape),
        )


class SavedResult(Result):
    """The JSON of `ExplorerValue`."""

    format: Literal[1, FORMAT]
    checkpoint: untrusted.line(100)
    photo: Photo
    seen: Seen

    def to_value(self) -> ExplorerValue:
        """Raises ValueError if the fields contradict each other."""
        size = self.seen.width
        if size != self.seen.height or size > MAX_SIDE:
            raise ValueError(f"The field seen must be a square of at most {MAX_SIDE} pixels.")
        return ExplorerValue(self.to_result(size), self.photo, self.seen, self.checkpoint)


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


def _array(values: list, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Nested lists as an array of this shape."""
    try:
        array = np.array(values, float)
    except ValueError:  # lists of different lengths
        array = np.array(0.0)
    if array.shape != shape:
        *outer, rows, numbers = shape
        before = "".join(f"{count} times " for count in outer)
        raise ValueError(f"{name} must have {before}{rows} rows of {numbers} numbers.")
    return array


def _weights(values: list, shape: tuple[int, ...], name: str, axes=(-2, -1)) -> np.ndarray:
    """The same of shares that sum to 1, up to rounding."""
    array = _array(values, shape, name).astype(np.float32)
    sums = array.sum(axis=axes)
    if np.abs(sums - 1).max() > 1e-3 + 1e-6 * array.size / sums.size:  # each is rounded
        raise ValueError(f"{name} must sum to 1.")
    return array
