"""Data sets on disk -> one table: photos, their captions, their split. Splits are by photo."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
SPLITS = ("train", "dev", "test")
CAPTION_FILES = ("Flickr8k.token.txt", "captions.txt")  # beside Images/
COCO_FILES = "captions_*.json"  # in annotations/
# All files that a data set is read from, but for its photos; COCO's boxes are read by others.
ANNOTATIONS = (*CAPTION_FILES, "Flickr_8k.*Images.txt", COCO_FILES, "instances_*.json")
TENTH = 10  # one photo in so many is held out as dev where nobody has said which
COCO_SPLITS = {"train": "train", "val": "dev", "dev": "dev", "test": "test"}  # names begin so
_COCO_PREFIX = re.compile(r"^COCO_[a-z]+\d*_(?=\d)")  # of 2014's file names; 2017's have none


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
    missing: list[str] = field(default_factory=list)  # photos with captions that are not there
    silent: list[Path] = field(default_factory=list)  # photos without captions

    def split(self, name: str) -> list[Path]:
        """The photos of a split. Raises DatasetError if it is unknown or empty."""
        photos = self.splits.get(name)
        if not photos:
            known = ", ".join(n for n in self.splits if self.splits[n])
            raise DatasetError(f"{self.name} has no photos in split '{name}'; it has: {known}")
        return photos


def read(folder: Path | str) -> Dataset:
    """Reads the data set that `folder` holds.

    Recognised: `Flickr8k.token.txt` with `Images/` and `Flickr_8k.*Images.txt` split lists;
    `captions.txt` with `Images/` (Kaggle's copy, which knows no splits);
    COCO's `annotations/captions_*.json`, named after their split (val is dev), with the photos in
    a folder of that name, in `images/`, or in both.

    Where there are photos to train on but none in dev, every tenth of them becomes dev.

    Raises DatasetError if the folder holds none of them, or no photo of it has a caption.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder")
    if (reader := _reader(folder)) is None:
        raise DatasetError(
            f"{folder} holds no data set: expected Flickr8k.token.txt or captions.txt, and "
            "Images/, or annotations/captions_train*.json"
        )
    dataset = reader(folder)
    if not dataset.captions:
        raise DatasetError(f"{folder}: none of the captions has its photo there")
    _hold_out(dataset)
    return dataset


def _hold_out(dataset: Dataset) -> None:
    """Gives a data set without dev every tenth photo of train, by name; the last of a few."""
    train = sorted(dataset.splits["train"])
    if dataset.splits["dev"] or len(train) < 2:
        return
    dev = train[TENTH - 1 :: TENTH] or train[-1:]
    taken = set(dev)
    dataset.splits["dev"] = dev
    dataset.splits["train"] = [p for p in dataset.splits["train"] if p not in taken]
    dataset.held_out |= taken
    dataset.notes.append(f"no dev split is given; photos of train held out as dev: {len(dev)}")


def _reader(folder: Path) -> Callable[[Path], Dataset] | None:
    if (folder / "Flickr8k.token.txt").is_file():
        return _read_flickr8k
    if (folder / "captions.txt").is_file():
        return _read_captions_txt
    return _read_coco if _coco_files(folder) else None


def read_all(folders: Sequence[Path]) -> dict[Path, Dataset]:
    """Reads several data sets; those of one name are told apart by the names of their folders.

    Raises DatasetError as `read` does, and if a folder is named twice.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise DatasetError("the same data set is named twice")
    parts = {folder: read(folder) for folder in folders}
    names = told_apart([part.name for part in parts.values()], folders)
    for part, name in zip(parts.values(), names, strict=True):
        part.name = name
    return parts


def told_apart(names: Sequence[str], folders: Sequence[Path | str]) -> list[str]:
    """The names of data sets; of those that share one, each with the name of its folder."""
    counts = Counter(names)
    return [
        name if counts[name] == 1 else f"{name} ({Path(folder).name})"
        for name, folder in zip(names, folders, strict=True)
    ]


def joined(parts: Sequence[Dataset]) -> Dataset:
    """Several data sets as one, to be trained on together; photos are known by their paths."""
    if len(parts) == 1:
        return parts[0]
    return Dataset(
        " + ".join(part.name for part in parts),
        {photo: texts for part in parts for photo, texts in part.captions.items()},
        {split: [photo for part in parts for photo in part.splits[split]] for split in SPLITS},
        [f"{part.name}: {note}" for part in parts for note in part.notes],
        {photo for part in parts for photo in part.held_out},
        [name for part in parts for name in part.missing],
        [photo for part in parts for photo in part.silent],
    )


def photo_files(folder: Path | str) -> list[Path]:
    """All photos in `folder` and below that training may see, sorted by path.

    Of a data set that is `folder`, lies below it or has it as a folder of its photos, those of
    dev and test are left out; photos in no split stay in.

    Raises DatasetError if there are none, or such a data set cannot be read.
    """
    folder = Path(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    roots = {path.parent for path in files if path.name in CAPTION_FILES}
    roots |= {folder.resolve().parent} if folder.resolve().name == "Images" else set()
    roots = {root for root in roots if (root / "Images").is_dir() and _reader(root)}
    near = {path.parent.parent for path in files if path.match(f"annotations/{COCO_FILES}")}
    roots |= {root for root in (*near, *folder.resolve().parents[:2]) if _coco_files(root)}
    held_out = {photo.resolve() for root in roots for photo in read(root).held_out}
    photos = [path for path in files if path.suffix.lower() in SUFFIXES]
    photos = [path for path in photos if path.resolve() not in held_out]
    if not photos:
        raise DatasetError(f"{folder} holds no photos")
    return photos


def _text(path: Path) -> str:
    """The file as text, its lines ended by newlines, without a byte order mark.

    Raises DatasetError if it is not UTF-8, and OSError if it can't be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error


def _files(folder: Path) -> dict[str, Path]:
    """The files in a folder, if there is one, by name."""
    return {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}


def _collect(
    name: str, present: dict[str, Path], pairs: Iterable[tuple[str, str]], notes: list[str]
) -> Dataset:
    """(photo name, caption) pairs and the files that there are -> a data set without splits."""
    captions: dict[Path, list[str]] = {}
    missing: set[str] = set()
    for photo, caption in pairs:
        if photo not in present:
            missing.add(photo)
        elif words := caption.split():
            captions.setdefault(present[photo], []).append(" ".join(words))
    if missing:
        notes.append(f"photos with captions that are not there: {len(missing)}")
    photos = {path for path in present.values() if path.suffix.lower() in SUFFIXES}
    if silent := photos - captions.keys():
        notes.append(f"photos without captions: {len(silent)}")
    splits = {split: [] for split in SPLITS}
    return Dataset(name, captions, splits, notes, missing=sorted(missing), silent=sorted(silent))


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
    dataset = _collect("Flickr8k", _files(folder / "Images"), pairs, notes)
    by_name = {path.name: path for path in dataset.captions}
    taken: set[str] = set()
    listings = {split: folder / f"Flickr_8k.{split}Images.txt" for split in SPLITS}
    if not any(listing.is_file() for listing in listings.values()):
        dataset.splits["train"] = list(dataset.captions)
        return dataset
    for split in reversed(SPLITS):  # a photo that is also listed for dev or test is not trained on
        listing = listings[split]
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
    dataset = _collect(folder.name, _files(folder / "Images"), pairs, notes)
    dataset.splits["train"] = sorted(dataset.captions)  # the format knows no splits
    return dataset


def _read_coco(folder: Path) -> Dataset:
    """COCO's captions (Chen et al. 2015, arXiv:1504.00325), 2014, 2017 or of one's own.

    A photo is known by its file name, without what 2014 puts before the number; listed in several
    splits, it is held out.
    """
    present: dict[str, Path] = {}
    splits: dict[str, list[str]] = {split: [] for split in SPLITS}
    pairs, notes, taken, again = [], [], set(), 0
    for split, part, path in _coco_files(folder):
        names, said, malformed = _coco_captions(path)
        if malformed:
            notes.append(f"malformed entries of {path.name}, left out: {malformed}")
        fresh = {name for name in names if _COCO_PREFIX.sub("", name) not in taken}
        again += len(names) - len(fresh)
        taken.update(_COCO_PREFIX.sub("", name) for name in fresh)
        splits[split] += [name for name in names if name in fresh]
        own = _files(_coco_images(folder, part))
        present = own | present | {name: own[name] for name in fresh if name in own}
        pairs += [(name, text) for name, text in said if name in fresh]
    if again:
        notes.append(f"photos that another split has, too, left out: {again}")
    dataset = _collect(folder.name, present, pairs, notes)
    for split, names in splits.items():
        photos = [present[name] for name in names if name in present]
        dataset.splits[split] = [photo for photo in photos if photo in dataset.captions]
        if split != "train":
            dataset.held_out.update(photos)
    return dataset


def _coco_files(folder: Path) -> list[tuple[str, str, Path]]:
    """(split, part, file) of COCO's captions, such as ("dev", "val2017", ..): held out first."""
    found = []
    for path in sorted((folder / "annotations").glob(COCO_FILES)):
        part = path.stem.removeprefix("captions_")
        splits = [split for start, split in COCO_SPLITS.items() if part.startswith(start)]
        found += [(split, part, path) for split in splits]
    return sorted(found, key=lambda file: -SPLITS.index(file[0]))


def _coco_images(folder: Path, part: str) -> Path:
    """Where the photos of a part ("train2017") are."""
    places = [folder / part, folder / "images" / part, folder / "images"]
    return next((place for place in places if place.is_dir()), folder / part)


def _coco_captions(path: Path) -> tuple[list[str], list[tuple[str, str]], int]:
    """The photos' names, once each; (name, caption) pairs; how many entries are malformed."""
    text = _text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is not JSON ({error})") from error
    match content:
        case {"images": [*images], "annotations": [*annotations]}:
            pass
        case _:
            raise DatasetError(f"{path} lacks COCO's lists `images` and `annotations`")
    names: dict[int | str, str] = {}
    pairs, malformed = [], 0
    for image in images:
        match image:
            case {"id": int() | str() as number, "file_name": str() as name} if name:
                names[number] = PurePosixPath(name).name  # folders in it are not followed
            case _:
                malformed += 1
    for annotation in annotations:
        match annotation:
            case {"image_id": int() | str() as number, "caption": str() as text} if number in names:
                pairs.append((names[number], text))
            case _:
                malformed += 1
    return list(dict.fromkeys(names.values())), pairs, malformed
