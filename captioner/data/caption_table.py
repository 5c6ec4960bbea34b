"""Tables of captions: CSV with any separator, with or without a header and quotes."""

import ast
import csv
import itertools
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from captioner.data.dataset import SPLIT_NAMES, DatasetError, utf8_lines
from captioner.data.photo_files import SUFFIXES

# Names of columns, the surest first; without signs, in lower case.
PHOTO_COLUMNS = (
    *("image", "imagename", "filename", "photo", "photoname", "imagefile", "imagefilename"),
    *("imagepath", "filepath", "path", "file", "img", "imgname", "imageid", "name"),
)
CAPTION_COLUMNS = (
    *("caption", "captions", "comment", "comments", "text", "sentence", "sentences", "raw"),
    *("description", "label"),
)
SPLIT_COLUMNS = ("split", "set", "subset", "fold")
_SEPARATORS = ("\t", "|", ";", ",")
_EXAMINED = 200  # rows from which columns without a known name are recognised
_PHOTO = re.compile(rf"({'|'.join(map(re.escape, sorted(SUFFIXES)))})(#\d+)?$", re.IGNORECASE)
_NUMBER = re.compile(r"\s*\d+\s*")
_NUMBERED = re.compile(r"\s*(\d+)\s+(\S.*)", re.DOTALL)


class Row(NamedTuple):
    """A photo's name, some of its captions, and the split that the table names, if any."""

    photo: str
    captions: list[str]
    split: str = ""


@dataclass(frozen=True)
class _Columns:
    photo: int
    captions: tuple[int, ...]
    split: int | None
    width: int  # number of columns


def read_table(path: Path) -> Iterator[Row | None]:
    """Reads a table, row by row.

    Separators, the header and the columns are recognised. Separators in captions need no quotes.

    Yields:
        The rows; None for a malformed one.

    Raises:
        DatasetError: the file is not UTF-8, a quote is not closed, or there is no column of photos
            or captions.
    """
    separator = _separator(path)
    cells = _cells(path, separator)
    first = list(itertools.islice(cells, 1 + _EXAMINED))
    if not first:
        return
    has_header = not any(_PHOTO.search(cell.strip()) for cell in first[0])
    header = [column_name(cell) for cell in first[0]] if has_header else []
    body = first[1:] if has_header else first
    columns = _columns(header, body)
    if columns is None:
        raise DatasetError(
            f"{path} has no columns of photos and captions; name them in its first line: "
            "image,caption"
        )
    for row in itertools.chain(body, cells):
        yield _row(row, columns, separator)


def has_captions(line: str) -> bool:
    """Whether a line is a header that names photos and captions."""
    return any(_names_both(line.split(separator)) for separator in _SEPARATORS)


def column_name(cell: str) -> str:
    """The name of a column as in the lists here: `"Image_Name"` is imagename."""
    return re.sub(r"[\W_]+", "", cell).lower()


def captions_in(value: object) -> list[str]:
    """The captions that a cell or a JSON value holds: one text, or a list of texts."""
    if isinstance(value, str) and value.strip()[:1] == "[" and value.strip()[-1:] == "]":
        for parse in (json.loads, ast.literal_eval):
            try:
                found = parse(value.strip())
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue
            if isinstance(found, list) and found and all(isinstance(one, str) for one in found):
                return found
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return [value] if isinstance(value, str) else []


def _names_both(cells: Sequence[str]) -> bool:
    names = {column_name(cell) for cell in cells}
    has_caption = any(_stem(name) in CAPTION_COLUMNS for name in names)
    return has_caption and not names.isdisjoint(PHOTO_COLUMNS)


def _stem(name: str) -> str:
    """The name of a column without its number: caption3 is a caption."""
    return name.rstrip("0123456789")


def _separator(path: Path) -> str:
    """That by which the first line is a header, or by which most lines have a photo's name."""
    some = list(itertools.islice((line for line in utf8_lines(path) if line.strip()), _EXAMINED))
    for separator in _SEPARATORS:
        if some and _names_both(some[0].split(separator)):
            return separator

    def named(separator: str) -> int:
        rows = (line.split(separator) for line in some if separator in line)
        return sum(any(_PHOTO.search(cell.strip(' "\r\n')) for cell in row) for row in rows)

    return max(reversed(_SEPARATORS), key=named)


def _cells(path: Path, separator: str) -> Iterator[list[str]]:
    if separator in ",;" or _has_right_quotes(path, separator):
        reader = csv.reader(utf8_lines(path), delimiter=separator, strict=True)
        try:
            yield from (row for row in reader if any(cell.strip() for cell in row))
        except csv.Error as error:  # continuing would swallow all lines up to the next quote
            line = reader.line_num
            raise DatasetError(f"{path}: bad quotes in or before line {line}") from error
    else:  # quotes mean nothing
        rows = (line.removesuffix("\n").split(separator) for line in utf8_lines(path))
        yield from (row for row in rows if any(cell.strip() for cell in row))


def _has_right_quotes(path: Path, separator: str) -> bool:
    try:
        deque(csv.reader(utf8_lines(path), delimiter=separator, strict=True), maxlen=0)
    except csv.Error:
        return False
    return True


def _columns(header: list[str], body: list[list[str]]) -> _Columns | None:
    rows = body[:_EXAMINED]
    width = len(header) or min(map(len, rows), default=0)
    # The cells of each column that are not blank.
    filled = [
        [cell for row in rows if i < len(row) and (cell := row[i].strip())] for i in range(width)
    ]
    photo = _photo_column(header, _shares(filled, _PHOTO.search))
    if photo is None:
        return None
    split = next((header.index(name) for name in SPLIT_COLUMNS if name in header), None)
    if split is None:
        splits = _shares(filled, lambda cell: column_name(cell) in SPLIT_NAMES)
        split = next((i for i in range(width) if splits[i] == 1), None)
    numbers = _shares(filled, _NUMBER.fullmatch)
    free = [i for i in range(width) if i not in (photo, split) and numbers[i] < 1]
    stems = [_stem(name) for name in header]
    named = [i for i, stem in enumerate(stems) if stem in CAPTION_COLUMNS and i != photo]
    if named:
        best = min((stems[i] for i in named), key=CAPTION_COLUMNS.index)
        same = [i for i in named if stems[i] == best]
        captions = tuple([i for i in same if header[i] == best][:1] or same)
    elif header:
        lengths = {i: sum(len(row[i]) for row in rows if i < len(row)) for i in free}
        captions = (max(lengths, key=lengths.get),) if free else ()
    else:
        captions = tuple([i for i in free if i > photo][:1] or free[:1])
        if captions and captions[0] > photo:
            width = captions[0] + 1  # the rest of the line belongs to the caption
    return _Columns(photo, captions, split, width) if captions else None


def _shares(columns: list[list[str]], has: Callable[[str], object]) -> list[float]:
    """For each column, the share of its cells with a property."""
    return [sum(bool(has(cell)) for cell in cells) / max(1, len(cells)) for cells in columns]


def _photo_column(header: list[str], shares: list[float]) -> int | None:
    """The column with the greatest share of photos' names: first of those that are named so."""
    named = [i for i, name in enumerate(header) if name in PHOTO_COLUMNS]
    if named:
        return min(named, key=lambda i: (-shares[i], PHOTO_COLUMNS.index(header[i])))
    return shares.index(max(shares)) if any(shares) else None


def _row(cells: list[str], columns: _Columns, separator: str) -> Row | None:
    first, surplus = columns.captions[0], len(cells) - columns.width
    if surplus > 0 and len(columns.captions) == 1:
        caption = separator.join(cells[first : first + surplus + 1])
        cells = [*cells[:first], caption, *cells[first + surplus + 1 :]]
    elif surplus == -1 and first == len(cells) and first - 1 != columns.photo:
        # A line of Flickr30k's results.csv lacks the separator between number and comment.
        found = _NUMBERED.fullmatch(cells[-1])
        cells = [*cells[:-1], *found.groups()] if found else cells
    if max(columns.photo, first) >= len(cells):
        return None
    captions = [one for i in columns.captions if i < len(cells) for one in captions_in(cells[i])]
    split = cells[columns.split] if columns.split is not None and columns.split < len(cells) else ""
    return Row(re.sub(r"#\d+$", "", cells[columns.photo].strip()), captions, split)
