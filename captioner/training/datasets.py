"""Data sets on disk -> one table: photos, their captions, their split. Splits are by photo."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
SPLITS = ("train", "dev", "test")
CAPTION_FILES = ("Flickr8k.token.txt", "captions.txt")


class DatasetError(ValueError):
    """The folder cannot be read as a data set; the message says what is wrong."""


@dataclass
class Dataset:
    """Photos with captions. A photo without captions, or captions without a photo, is left out
    and counted in `notes`; `held_out` are the photos of dev and test, with captions or without."""

    name: str
    captions: dict[Path, list[str]]  # photo file -> its captions as written
    splits: dict[str, list[Path]]  # train, dev, test; a photo stands in one at most
    notes: list[str] = field(default_factory=list)
    held_out: set[Path] = field(default_factory=set)

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

    Of a data set that is `folder`, lies below it or has it as its `Images/`, the photos of dev
    and test are left out; photos in no split stay in.

    Raises DatasetError if there are none, or such a data set cannot be read.
    """
    folder = Path(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    roots = {path.parent for path in files if path.name in CAPTION_FILES}
    roots |= {folder.resolve().parent} if folder.resolve().name == "Images" else set()
    held_out: set[Path] = set()
    for root in roots:
        if (root / "Images").is_dir() and any((root / name).is_file() for name in CAPTION_FILES):
            held_out |= {photo.resolve() for photo in read(root).held_out}
    photos = [path for path in files if path.suffix.lower() in SUFFIXES]
    photos = [path for path in photos if path.resolve() not in held_out]
    if not photos:
        raise DatasetError(f"{folder} holds no photos")
    return photos


def _text(path: Path) -> str:
    """The file as text, its lines ended by newlines, without a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
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
        elif words := caption.split():
            captions.setdefault(images / photo, []).append(" ".join(words))
    if missing:
        notes.append(f"photos with captions but not in Images/: {len(missing)}")
    photos = {path for path in map(images.joinpath, present) if path.suffix.lower() in SUFFIXES}
    if silent := photos - captions.keys():
        notes.append(f"photos in Images/ without captions: {len(silent)}")
    return Dataset(name, captions, {split: [] for split in SPLITS}, notes)


def _read_flickr8k(folder: Path) -> Dataset:
    """Flickr8k as its authors packed it (Hodosh, Young and Hockenmaier 2013, JAIR 47)."""
    pairs, notes, malformed = [], [], 0
    for line in _text(folder / "Flickr8k.token.txt").split("\n"):
        key, tab, caption = line.partition("\t")
        photo, hash_, number = key.rpartition("#")
        if tab and hash_ and number.isdigit():
            pairs.append((photo, caption))
        elif line.strip():
            malformed += 1
    if malformed:
        notes.append(f"malformed lines of Flickr8k.token.txt, left out: {malformed}")
    dataset = _collect("Flickr8k", folder, pairs, notes)
    by_name = {path.name: path for path in dataset.captions}
    taken: set[str] = set()
    for split in reversed(SPLITS):  # a photo that is also listed for dev or test is not trained on
        listing = folder / f"Flickr_8k.{split}Images.txt"
        names = _text(listing).split("\n") if listing.is_file() else []
        names = [n for n in dict.fromkeys(map(str.strip, names)) if n and n not in taken]
        dataset.splits[split] = [by_name[n] for n in names if n in by_name]
        taken.update(names)
        if split != "train":
            dataset.held_out.update(folder / "Images" / n for n in names)
    return dataset


def _read_captions_txt(folder: Path) -> Dataset:
    """`image,caption` as CSV, with a header or without; commas and line breaks may be quoted, and
    commas need not be."""
    path = folder / "captions.txt"
    reader = csv.reader(io.StringIO(_text(path)), strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:  # going on would swallow all lines up to the next quote mark
        raise DatasetError(f"{path}: bad quotes in or before line {reader.line_num}") from error
    if rows and Path(rows[0][0].strip()).suffix.lower() not in SUFFIXES:
        rows = rows[1:]  # the header
    pairs = [(row[0].strip(), ",".join(row[1:])) for row in rows if len(row) >= 2]
    notes = []
    if malformed := len(rows) - len(pairs):
        notes.append(f"malformed lines of captions.txt, left out: {malformed}")
    dataset = _collect(folder.name, folder, pairs, notes)
    for number, photo in enumerate(sorted(dataset.captions)):
        dataset.splits["dev" if number % 10 == 9 else "train"].append(photo)
    dataset.held_out.update(dataset.splits["dev"])
    return dataset
