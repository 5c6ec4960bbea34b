"""Hugging Face's imagefolder: `metadata.jsonl` or `metadata.csv` with `file_name` and a text."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from captioner.data import caption_table
from captioner.data.caption_table import CAPTION_COLUMNS, PHOTO_COLUMNS, Lines, Row
from captioner.data.dataset import SPLIT_NAMES, Dataset, assign, collect, utf8_lines
from captioner.data.photo_files import PhotoFiles

EXPECTED = "metadata.jsonl or metadata.csv with file_name and text"
ANNOTATIONS = ("metadata.jsonl", "metadata.csv")


def recognises(folder: Path) -> bool:
    """Whether the folder, or a folder in it such as `train/`, holds the file."""
    return bool(_files(folder))


def read(folder: Path) -> Dataset:
    """Reads the files of all folders. A folder named after a split is that split."""
    pairs, splits, notes, malformed = [], [], [], 0
    for path in _files(folder):
        read_rows = caption_table.read_table if path.suffix == ".csv" else _json_lines
        place = path.parent.relative_to(folder).as_posix()
        for row in read_rows(partial(utf8_lines, path), str(path)):
            if row is None:
                malformed += 1
                continue
            name = f"{place}/{row.photo}".removeprefix("./").replace("\\", "/")
            pairs += [(name, caption) for caption in row.captions]
            first = name.split("/")[0].lower()
            splits.append((name, row.split or (first if first in SPLIT_NAMES else "")))
    if malformed:
        notes.append(f"malformed lines of the metadata, left out: {malformed}")
    files = PhotoFiles(folder)
    dataset = collect(folder.name, files, pairs, notes)
    assign(dataset, files, splits)
    return dataset


def _files(folder: Path) -> list[Path]:
    patterns = [start + name for start in ("", "*/", "*/*/") for name in ANNOTATIONS]
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


def _json_lines(lines: Lines, name: str) -> Iterator[Row | None]:
    """As `read_table`, of one JSON object a line."""
    yield from (_row(line) for line in lines() if line.strip())


def _row(line: str) -> Row | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    fields = {caption_table.column_name(key): value for key, value in record.items()}
    photo = next((fields[name] for name in ("filename", *PHOTO_COLUMNS) if name in fields), None)
    captions = next((fields[name] for name in CAPTION_COLUMNS if name in fields), None)
    if not isinstance(photo, str) or captions is None:
        return None
    return Row(photo, caption_table.captions_in(captions), str(fields.get("split", "")))
