"""The table of photos of one or two results: search, order, pages, and small copies."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from annotated_types import Interval

from captioner.data.photo_files import SUFFIXES
from captioner.evaluation.metrics import PER_PHOTO
from captioner.evaluation.store import Evaluation, ResultStore, most_different
from captioner.photos import open_photo
from captioner.ui.shared.results import data_url
from captioner.ui.shared.untrusted import Message, Whole, checked, line

PAGE_SIZE = 24  # rows
_MAX_REFERENCES, _MAX_CHARACTERS = 10, 600  # of a photo, of a text; files may hold anything
_SIDE = 224  # pixels of a small copy: twice its size on the page
_Number = Annotated[Whole, Interval(ge=0, le=10_000_000)]
ResultName = line(200)


class ResultChoice(Message):
    """A stored result."""

    result: ResultName


class PhotoQuery(ResultChoice):
    """What the table of photos shows."""

    other: ResultName | None = None
    order: str | None = None  # a score of PER_PHOTO, "caption", or else the stored order
    down: bool = False
    search: line(100) = ""
    first: _Number = 0


class PhotoChoice(ResultChoice):
    """A photo of a result."""

    number: _Number


def photo_page(store: ResultStore, request) -> dict:
    """Returns a page of the table.

    Args:
        store: the results.
        request: a `PhotoQuery` from the browser. With `other`, the photos with the largest
            difference between the two results come first.

    Returns:
        {total, first, each, rows}: at most `each` rows {photo, thumbnail, said, references}.

    Raises:
        ValueError: the request makes no sense; one sentence says why.
    """
    query = checked(PhotoQuery, request)
    results = [store.get(query.result)]
    if query.other:
        results.append(store.get(query.other))
        rows = most_different(*results)
    else:
        rows = [(row,) for row in _ordered(results[0], query.order, query.down)]
    words = query.search.casefold().split()
    rows = [row for row in rows if _contains(row, words)]
    numbers = [{row["photo"]: i for i, row in enumerate(result.photos)} for result in results]
    shown = [_row(results[0], row, numbers) for row in rows[query.first :][:PAGE_SIZE]]
    return {"total": len(rows), "first": query.first, "each": PAGE_SIZE, "rows": shown}


def chosen_photo(store: ResultStore, request) -> tuple[Evaluation, Path]:
    """Returns the result and the photo file of a `PhotoChoice` from the browser.

    Raises:
        ValueError: there is no such photo, or it cannot be opened.
    """
    query = checked(PhotoChoice, request)
    result = store.get(query.result)
    file = photo_file(result, query.number)
    open_photo(file)
    return result, file


def photo_file(result: Evaluation, number: int) -> Path:
    """Returns the file of a photo.

    Raises:
        ValueError: there is none, or it is no photo inside the data folder of the result. No other
            file of the disk is ever shown, whatever a result says.
    """
    if not 0 <= number < len(result.photos):
        raise ValueError("There is no such photo in this result.")
    folder = Path(result.data).resolve()
    file = (folder / result.photos[number]["photo"]).resolve()
    inside = file.is_relative_to(folder) and file.suffix.lower() in SUFFIXES
    if not inside or not file.is_file():
        raise ValueError("The photo is not in its data set any more.")
    return file


def _ordered(result: Evaluation, order: str | None, down: bool) -> list[dict]:
    """The rows by a score, by caption, or in their own order."""
    if order in PER_PHOTO:
        return sorted(result.photos, key=lambda row: (-1 if down else 1) * row[order])
    if order == "caption":
        return sorted(result.photos, key=lambda row: row["caption"].casefold(), reverse=down)
    return result.photos[::-1] if down else result.photos


def _contains(rows: tuple[dict, ...], words: list[str]) -> bool:
    """Whether the captions and references of a photo have all these words."""
    texts = [row["caption"] for row in rows] + rows[0]["references"]
    text = " ".join(texts).casefold()
    return all(word in text for word in words)


def _row(result: Evaluation, rows: tuple[dict, ...], numbers: list[Mapping[str, int]]) -> dict:
    photo = rows[0]["photo"]
    references = rows[0]["references"][:_MAX_REFERENCES]
    return {
        "photo": Path(photo).name,
        "thumbnail": _thumbnail(result, numbers[0][photo]),
        "said": [
            {
                "number": number_of[photo],
                "caption": row["caption"][:_MAX_CHARACTERS],
                "scores": {name: round(row[name], 3) for name in PER_PHOTO},
            }
            for row, number_of in zip(rows, numbers, strict=True)
        ],
        "references": [text[:_MAX_CHARACTERS] for text in references],
    }


def _thumbnail(result: Evaluation, number: int) -> str | None:
    """A small copy as a data URL; None if there is no photo to show."""
    try:
        file = photo_file(result, number)
        return _small_copy(file, file.stat().st_mtime_ns)
    except (ValueError, OSError):
        return None


@lru_cache(maxsize=512)
def _small_copy(file: Path, modified: int) -> str:
    photo = open_photo(file)
    photo.thumbnail((_SIDE, _SIDE))
    return data_url(photo, "jpeg", quality=80)
