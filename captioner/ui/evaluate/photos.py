"""The photos of kept results, with what was said of them: found, ordered, shown small."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from captioner.data.datasets import SUFFIXES
from captioner.evaluation.evaluate import PER_PHOTO, Evaluation, most_different
from captioner.evaluation.store import Kept
from captioner.photos import open_photo
from captioner.ui.shared import untrusted
from captioner.ui.shared.results import data_url

ROWS = 24  # shown at once
_REFERENCES, _LETTERS = 10, 600  # of a photo, of a sentence: more is no caption, but may be there
_SIDE = 224  # pixels of a small picture: twice what is shown, for screens that are fine
_NAME = 200  # letters of a result's name, at most
_MOST = 10_000_000  # photos: more than any data set has


def page(kept: Kept, given) -> dict:
    """A page of the table of photos. `given` is the browser's wish: {result, other, order, down,
    search, first}; where `other` is given, too, the photos come by how differently the two were
    judged.

    Returns {total, first, each, rows}, a row {photo, thumbnail, said, references}, `each` rows at
    most; raises ValueError with one sentence for a wish that cannot be met.
    """
    wish = untrusted.record(given, "The wish")
    one = _result(kept, wish.get("result"))
    found = [one]
    if wish.get("other"):
        found.append(_result(kept, wish["other"]))
        rows = most_different(*found)
    else:
        rows = [(row,) for row in _ordered(one, wish.get("order"), wish.get("down") is True)]
    search = untrusted.text(wish.get("search", ""), "What is looked for", 100).casefold().split()
    rows = [row for row in rows if _has(row, search)]
    first = untrusted.whole(wish.get("first", 0), "The first photo", 0, _MOST)
    numbers = [{row["photo"]: i for i, row in enumerate(result.photos)} for result in found]
    shown = [_shown(one, row, numbers) for row in rows[first : first + ROWS]]
    return {"total": len(rows), "first": first, "each": ROWS, "rows": shown}


def photo_file(evaluation: Evaluation, number: int) -> Path:
    """The file of the photo of that number.

    Raises ValueError if there is none, or it is no photo within the data folder of the
    evaluation: nothing else of the disk is shown, whatever a result says.
    """
    if not 0 <= number < len(evaluation.photos):
        raise ValueError("There is no such photo in this result.")
    folder = Path(evaluation.data).resolve()
    file = (folder / evaluation.photos[number]["photo"]).resolve()
    inside = file.is_relative_to(folder) and file.suffix.lower() in SUFFIXES
    if not inside or not file.is_file():
        raise ValueError("The photo is not in its data set any more.")
    return file


def chosen_photo(kept: Kept, given) -> tuple[Evaluation, Path]:
    """The result and the photo file that {result, number} from the browser mean. Raises ValueError
    as `photo_file` does, and if the file cannot be opened."""
    wish = untrusted.record(given, "The choice")
    evaluation = _result(kept, wish.get("result"))
    number = untrusted.whole(wish.get("number"), "The number", 0, _MOST)
    file = photo_file(evaluation, number)
    open_photo(file)
    return evaluation, file


def _result(kept: Kept, name) -> Evaluation:
    return kept.named(untrusted.text(name, "The result", _NAME))


def _ordered(evaluation: Evaluation, order, down: bool) -> list[dict]:
    """The rows by a score, by caption, or as they are."""
    rows = evaluation.photos
    if order in PER_PHOTO:
        return sorted(rows, key=lambda row: (-1 if down else 1) * row[order])
    if order == "caption":
        return sorted(rows, key=lambda row: row["caption"].casefold(), reverse=down)
    return rows[::-1] if down else rows


def _has(pair: tuple[dict, ...], words: list[str]) -> bool:
    """Whether what was said of a photo, or by people, has all these words."""
    texts = [row["caption"] for row in pair] + pair[0]["references"]
    said = " ".join(texts).casefold()
    return all(word in said for word in words)


def _shown(first: Evaluation, pair: tuple[dict, ...], numbers: list[Mapping[str, int]]) -> dict:
    photo = pair[0]["photo"]
    said = [
        {
            "number": known[photo],
            "caption": row["caption"][:_LETTERS],
            "scores": {name: round(row[name], 3) for name in PER_PHOTO},
        }
        for row, known in zip(pair, numbers, strict=True)
    ]
    return {
        "photo": Path(photo).name,
        "thumbnail": _small(first, numbers[0][photo]),
        "said": said,
        "references": [text[:_LETTERS] for text in pair[0]["references"][:_REFERENCES]],
    }


def _small(evaluation: Evaluation, number: int) -> str | None:
    """A small copy within the value itself; None where there is no photo to be shown."""
    try:
        file = photo_file(evaluation, number)
        return _thumbnail(file, file.stat().st_mtime_ns)
    except (ValueError, OSError):
        return None


@lru_cache(maxsize=512)
def _thumbnail(file: Path, written: int) -> str:
    photo = open_photo(file)
    photo.thumbnail((_SIDE, _SIDE))
    return data_url(photo, "jpeg", quality=80)
