"""Hugging Face's imagefolder: `metadata.jsonl` or `metadata.csv` with `file_name` and a text."""

import json
from collections import Counter
from pathlib import Path

from captioner.data import caption_table
from captioner.data.caption_table import CAPTION_COLUMNS, PHOTO_COLUMNS, Row
from captioner.data.dataset import Dataset, collect_with_splits, utf8_lines
from captioner.data.photo_files import PhotoFiles

EXPECTED = "metadata.jsonl or metadata.csv with file_name and text"
ANNOTATIONS = ("metadata.jsonl", "metadata.csv")


def recognises(folder: Path) -> bool:
    """Whether the folder, or a folder in it such as `train/`, holds the file."""
    return bool(_files(folder))


def read(folder: Path) -> Dataset:
    """Reads the files of all folders. A folder named after a split is that split."""
    pairs, splits, left_out = [], [], Counter()
    for path in _files(folder):
        if path.suffix == ".csv":
            rows = caption_table.read_table(path)
        else:
            rows = (_row(line) for line in utf8_lines(path) if line.strip())
        place = path.parent.relative_to(folder).as_posix()
        for row in rows:
            if row is None:
                left_out["malformed lines of the metadata"] += 1
                continue
            name = f"{place}/{row.photo}".removeprefix("./").replace("\\", "/")
            pairs += [(name, caption) for caption in row.captions]
            splits.append((name, row.split or name.split("/")[0]))
    return collect_with_splits(PhotoFiles(folder), pairs, splits, left_out)


def _files(folder: Path) -> list[Path]:
    patterns = [start + name for start in ("", "*/", "*/*/") for name in ANNOTATIONS]
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


def _row(line: str) -> Row | None:
    """The row that a line of JSON describes; None for a malformed one."""
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
