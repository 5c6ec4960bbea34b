"""Data sets on disk -> one table: photos, their captions, their split. Splits are by photo."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
SPLITS = ("train", "dev", "test")


class DatasetError(ValueError):
    """The folder cannot be read as a data set; the message says what is wrong."""


@dataclass
class Dataset:
    """Photos with captions. A photo without captions, or captions without a photo, is left out
    and counted in `notes`."""

    name: str
    captions: dict[Path, list[str]]  # photo file -> its captions as written
    splits: dict[str, list[Path]]  # train, dev, test; a photo stands in one at most
    notes: list[str] = field(default_factory=list)

    def split(self, name: str) -> list[Path]:
        """The photos of a split. Raises DatasetError if it is unknown or empty."""
        photos = self.splits.get(name)
        if not photos:
            known = ", ".join(n for n in self.splits if self.splits[n])
            raise DatasetError(f"{self.name} has no photos in split '{name}'; it has: {known}")
        return photos


def read(folder: Path | str) -> Dataset:
    """Reads the data set that `folder` holds.

    Recognised: `Flickr8k.token.txt` with `Images/` and `Flickr_8k.*Images.txt` split lists, or
    `captions.txt` with `Images/` (Kaggle's copy, split by photo here: every tenth is dev).

    Raises DatasetError if the folder holds neither, or no photo of it has a caption.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder")
    if (folder / "Flickr8k.token.txt").is_file():
        dataset = _read_flickr8k(folder)
    elif (folder / "captions.txt").is_file():
        dataset = _read_captions_txt(folder)
    else:
        raise DatasetError(
            f"{folder} holds no data set: expected Flickr8k.token.txt or captions.txt, and Images/"
        )
    if not dataset.captions:
        raise DatasetError(f"{folder}: none of the captions has its photo in Images/")
    return dataset


def photo_files(folder: Path | str) -> list[Path]:
    """All photos in `folder` and below that training may see, sorted by path.

    In a data set, those of dev and test are left out; photos in no split stay in.
    """
    folder = Path(folder)
    held_out: set[Path] = set()
    if any((folder / name).is_file() for name in ("Flickr8k.token.txt", "captions.txt")):
        dataset = read(folder)
        held_out = {*dataset.splits["dev"], *dataset.splits["test"]}
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    files = [p for p in files if p not in held_out]
    if not files:
        raise DatasetError(f"{folder} holds no photos")
    return files


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text (byte {error.start})") from error


def _collect(name: str, folder: Path, pairs: list[tuple[str, str]], notes: list[str]) -> Dataset:
    """(photo name, caption) pairs -> a data set without splits."""
    images = folder / "Images"
    present = {p.name for p in images.iterdir()} if images.is_dir() else set()
    captions: dict[Path, list[str]] = {}
    missing: set[str] = set()
    for photo, caption in pairs:
        if photo not in present:
            missing.add(photo)
        elif caption.strip():
            captions.setdefault(images / photo, []).append(caption.strip())
    if missing:
        notes.append(f"{len(missing)} photos with captions are not in Images/")
    return Dataset(name, captions, {split: [] for split in SPLITS}, notes)


def _read_flickr8k(folder: Path) -> Dataset:
    """Flickr8k as its authors packed it (Hodosh, Young and Hockenmaier 2013, JAIR 47)."""
    pairs, notes, malformed = [], [], 0
    for line in _lines(folder / "Flickr8k.token.txt"):
        key, tab, caption = line.partition("\t")
        photo, hash_, number = key.rpartition("#")
        if tab and hash_ and number.isdigit():
            pairs.append((photo, caption))
        elif line.strip():
            malformed += 1
    if malformed:
        notes.append(f"{malformed} lines of Flickr8k.token.txt are malformed and left out")
    dataset = _collect("Flickr8k", folder, pairs, notes)
    by_name = {path.name: path for path in dataset.captions}
    taken: set[str] = set()
    for split in SPLITS:
        listing = folder / f"Flickr_8k.{split}Images.txt"
        names = [line.strip() for line in _lines(listing)] if listing.is_file() else []
        names = [n for n in dict.fromkeys(names) if n and n not in taken]
        dataset.splits[split] = [by_name[n] for n in names if n in by_name]
        taken.update(names)
    return dataset


def _read_captions_txt(folder: Path) -> Dataset:
    """`image,caption` lines under a header; a caption may hold commas, quoted or not."""
    rows = list(csv.reader(_lines(folder / "captions.txt")))
    pairs = [(row[0].strip(), ",".join(row[1:])) for row in rows[1:] if len(row) >= 2]
    notes = []
    if malformed := sum(1 for row in rows[1:] if len(row) == 1):
        notes.append(f"{malformed} lines of captions.txt are malformed and left out")
    dataset = _collect(folder.name, folder, pairs, notes)
    for number, photo in enumerate(sorted(dataset.captions)):
        dataset.splits["dev" if number % 10 == 9 else "train"].append(photo)
    return dataset
