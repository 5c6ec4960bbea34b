"""Tables of captions: Kaggle's Flickr8k (`captions.txt`), Flickr30k (`results.csv`), any CSV."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from captioner.data import caption_table
from captioner.data.dataset import SPLIT_NAMES, Dataset, collect_with_splits
from captioner.data.photo_files import PhotoFiles

EXPECTED = "captions.txt, or a CSV with the columns image and caption,"
ANNOTATIONS = ("captions.txt", "*.csv", "*.tsv", "*.token")
_FIRST = ("captions.txt", "captions.csv", "captions.tsv", "results.csv")


def recognises(folder: Path) -> bool:
    """Whether the folder holds a table of captions."""
    return bool(_tables(folder))


def read(folder: Path) -> Dataset:
    """Reads one table, or those named after splits. A column may name splits, too; without, all is
    train."""
    splits: dict[tuple[str, str], None] = {}  # in order
    left_out: Counter[str] = Counter()

    def pairs() -> Iterator[tuple[str, str]]:
        for path in _tables(folder):
            stem = path.stem.lower()
            for row in caption_table.read_table(path):
                if row is None:
                    left_out[f"malformed lines of {path.name}"] += 1
                    continue
                if split := stem if stem in SPLIT_NAMES else row.split:
                    splits[row.photo, split] = None
                yield from ((row.photo, caption) for caption in row.captions)

    return collect_with_splits(PhotoFiles(folder), pairs(), splits, left_out)


def _tables(folder: Path) -> list[Path]:
    """The tables to read: one of the usual name, all of splits, or the first with captions."""
    usual = [folder / name for name in _FIRST if (folder / name).is_file()]
    if usual[:1] and usual[0].suffix == ".txt":
        return usual[:1]
    patterns = ANNOTATIONS[1:]
    others = sorted(path for pattern in patterns for path in folder.glob(pattern))
    found = [path for path in [*usual, *others] if path.is_file() and _has_captions(path)]
    of_splits = [path for path in found if path.stem.lower() in SPLIT_NAMES]
    return of_splits or found[:1]


def _has_captions(path: Path) -> bool:
    """Whether the first line names photos and captions; in Flickr30k's `*.token`, whether any is
    there."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            line = file.readline(10_000)
    except OSError:
        return False
    return caption_table.has_captions(line) or path.suffix == ".token"
