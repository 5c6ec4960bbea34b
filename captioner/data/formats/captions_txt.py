"""`captions.txt` with lines of `image,caption`, as Kaggle's copy of Flickr8k has it."""

import csv
import io
from pathlib import Path

from captioner.data.dataset import SUFFIXES, Dataset, DatasetError, collect, files_in, read_utf8

EXPECTED = "captions.txt and Images/"
ANNOTATIONS = ("captions.txt",)
PHOTOS = "Images"


def recognises(folder: Path) -> bool:
    """Whether the folder holds the file of captions."""
    return (folder / "captions.txt").is_file()


def read(folder: Path) -> Dataset:
    """Reads CSV with or without a header; commas in captions need no quotes. All is train."""
    path = folder / "captions.txt"
    reader = csv.reader(io.StringIO(read_utf8(path)), strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:  # continuing would swallow all lines up to the next quote
        raise DatasetError(f"{path}: bad quotes in or before line {reader.line_num}") from error
    if rows and Path(rows[0][0].strip()).suffix.lower() not in SUFFIXES:
        rows = rows[1:]  # the header
    pairs = [(row[0].strip(), ",".join(row[1:])) for row in rows if len(row) >= 2]
    notes = []
    if malformed := len(rows) - len(pairs):
        notes.append(f"malformed lines of captions.txt, left out: {malformed}")
    dataset = collect(folder.name, files_in(folder / PHOTOS), pairs, notes)
    dataset.splits["train"] = sorted(dataset.captions)
    return dataset
