"""Results that were saved by this page, read back: nothing of the file is taken on trust.

Every field is checked, pictures are decoded and encoded anew, and what is not known is left out.
"""

import json

import numpy as np

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.decoding import MAX_WORDS
from captioner.ui.shared import untrusted
from captioner.ui.shared.results import FORMAT, Result, Shown
from captioner.ui.shared.sampler_settings import Settings

LARGEST = 12_000_000  # characters of a file
LARGEST_PHOTO, LARGEST_SEEN = 8_000_000, 2_000_000  # of a picture within it
LARGEST_INPUT = 1024  # pixels a side of what a network sees
MOST_CELLS = 64  # a side
MOST_ALTERNATIVES = 20
LONGEST_NAME = 100


class ExchangeError(ValueError):
    """This is no saved result; one sentence says why."""

    def __init__(self, reason: str):
        reason = reason[0].lower() + reason[1:]
        super().__init__(f"This file is not a result saved by this page: {reason}")


def parse(text) -> Shown:
    """A saved result from the text of its file. Raises ExchangeError."""
    if not isinstance(text, str) or len(text) > LARGEST:
        raise ExchangeError(f"it must be a text of {LARGEST // 1_000_000} MB at most.")
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ExchangeError("it must be JSON.") from error
    return read(value)


def _no_number(name: str):
    raise ValueError(f"{name} is no JSON")


def read(value) -> Shown:
    """A saved result from its JSON value. Raises ExchangeError."""
    try:
        return _shown(untrusted.record(value, "It"))
    except ExchangeError:
        raise
    except ValueError as error:
        raise ExchangeError(str(error)) from error


def _shown(value: dict) -> Shown:
    if value.get("format") != FORMAT:
        raise ExchangeError(f"its format must be {FORMAT}.")
    photo = untrusted.picture(value.get("photo"), "The photo", "jpeg", LARGEST_PHOTO)
    seen = untrusted.picture(value.get("seen"), "What the network saw", "png", LARGEST_SEEN)
    if seen.width != seen.height or seen.width > LARGEST_INPUT:
        raise ExchangeError(f"what the network saw must be a square up to {LARGEST_INPUT} pixels.")
    checkpoint = untrusted.text(value.get("checkpoint"), "The checkpoint", LONGEST_NAME)
    return Shown(_result(value, seen.width), photo, seen, checkpoint)


def _result(value: dict, size: int) -> Result:
    geometry = _geometry(untrusted.record(value.get("grid"), "The grid"), size)
    shape = (geometry.rows, geometry.cols)
    given = untrusted.items(value.get("words"), "The words", 1, MAX_WORDS)
    words = [_word(untrusted.record(word, "A word"), shape) for word in given]
    square = (len(words), len(words))
    forced = untrusted.whole(value.get("forced"), "The number of forced words", 0, MAX_WORDS)
    return Result(
        caption=Caption(words, geometry, use_attention=value.get("attends") is not False),
        milliseconds=untrusted.number(value.get("milliseconds"), "The milliseconds", 0, 1e9),
        vectors=untrusted.matrix(value.get("vectors"), "The likeness of words", square, -1, 1),
        settings=Settings.of(untrusted.record(value.get("settings"), "The settings")),
        forced=min(forced, len(words)),
        covered=untrusted.cells(value.get("covered"), "The covered cells", shape),
    )


def _geometry(grid: dict, size: int) -> Geometry:
    """The geometry whose centres these are: the same distance everywhere, across and down."""
    x, y = (
        [untrusted.number(centre, "A centre of a cell", 0, 1) for centre in axis]
        for axis in (
            untrusted.items(grid.get(name), "The grid", 1, MOST_CELLS) for name in ("x", "y")
        )
    )
    longer = max(x, y, key=len)
    step = longer[1] - longer[0] if len(longer) > 1 else 1.0
    geometry = Geometry(len(y), len(x), size, step * size, longer[0] * size)
    alike = np.allclose(geometry.centres(len(x)), x, atol=1e-6)
    if step <= 0 or not alike or not np.allclose(geometry.centres(len(y)), y, atol=1e-6):
        raise ExchangeError("the cells of its grid must lie at even distances.")
    return geometry


def _word(word: dict, shape: tuple[int, int]) -> Word:
    attention = untrusted.matrix(word.get("attention"), "The attention", shape, 0, 1)
    if abs(attention.sum() - 1) > 1e-3 + 1e-6 * attention.size:  # each cell is rounded
        raise ExchangeError("the attention of a word must sum to 1.")
    pairs = untrusted.items(word.get("alternatives"), "The alternatives", 0, MOST_ALTERNATIVES)
    pairs = [untrusted.items(pair, "An alternative", 2, 2) for pair in pairs]
    return Word(
        text=untrusted.word(word.get("text")),
        probability=_probability(word.get("probability")),
        attention=attention.astype(np.float32),
        alternatives=[(untrusted.word(text), _probability(share)) for text, share in pairs],
    )


def _probability(value) -> float:
    return untrusted.number(value, "A probability", 0, 1)
