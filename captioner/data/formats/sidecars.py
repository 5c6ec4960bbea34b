"""Captions beside their photos: `NAME.txt` for `NAME.jpg`, one caption a line."""

from pathlib import Path

from captioner.data.dataset import SPLIT_NAMES, Dataset, collect_with_splits, read_utf8
from captioner.data.photo_files import SUFFIXES, PhotoFiles

EXPECTED = "NAME.txt beside each NAME.jpg"
ANNOTATIONS: tuple[str, ...] = ()  # any text may be one


def recognises(folder: Path) -> bool:
    """Whether a photo in the folder, or in a folder of it, has its text beside it."""
    for place in (folder, *sorted(path for path in folder.glob("*") if path.is_dir())):
        texts = {path.stem for path in place.glob("*.txt")}
        if texts and any(p.stem in texts for p in place.iterdir() if p.suffix.lower() in SUFFIXES):
            return True
    return False


def read(folder: Path) -> Dataset:
    """Reads all photos with a text. A folder named after a split is that split."""
    files = PhotoFiles(folder)
    pairs, splits = [], []
    for photo in files.paths:
        text, name = photo.with_suffix(".txt"), photo.relative_to(folder).as_posix()
        if text.is_file():
            pairs += [(name, line) for line in read_utf8(text).split("\n")]
            folders = name.lower().split("/")[:-1]
            splits.append((name, next((one for one in folders if one in SPLIT_NAMES), "")))
    return collect_with_splits(files, pairs, splits, {})
