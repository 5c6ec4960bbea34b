"""What every format is read into: photos, their captions, their splits. Splits are by photo."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from captioner.data.photo_captions import PhotoCaptions
from captioner.data.photo_files import PhotoFiles

SPLITS = ("train", "dev", "test")
SPLIT_NAMES = {  # as others call them; Karpathy's restval is added to train, as is usual
    **dict.fromkeys(("train", "training", "restval"), "train"),
    **dict.fromkeys(("dev", "development", "val", "valid", "validation"), "dev"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_NAMED = 5  # photos in a note


class DatasetError(ValueError):
    """The folder cannot be read as a data set; the message says why."""


@dataclass
class Dataset:
    """Photos with captions.

    Photos without captions and captions without a photo are left out and counted in `notes`.
    """

    name: str
    captions: Mapping[Path, list[str]]  # photo -> its captions, as written
    splits: dict[str, list[Path]]  # train, dev, test; a photo is in one, a single one in two
    notes: list[str] = field(default_factory=list)
    held_out: set[Path] = field(default_factory=set)  # photos of dev and test, even uncaptioned
    missing: list[str] = field(default_factory=list)  # names of photos that do not exist
    uncaptioned: list[Path] = field(default_factory=list)

    @property
    def named_notes(self) -> list[str]:
        """The notes, with the names of some of the photos that are left out."""
        names = {
            "photos with captions that are not there": self.missing,
            "photos without captions": [photo.name for photo in self.uncaptioned],
        }
        return [note + some_of(names.get(note.partition(":")[0], ())) for note in self.notes]

    def split(self, name: str) -> list[Path]:
        """The photos of a split. Raises DatasetError if it is unknown or empty."""
        photos = self.splits.get(name)
        if not photos:
            known = ", ".join(n for n in self.splits if self.splits[n])
            raise DatasetError(f"{self.name} has no photos in split '{name}'; it has: {known}")
        return photos


def some_of(names: Sequence[str]) -> str:
    """The first of some names, such as " (a.jpg, b.jpg and others)"."""
    others = " and others" if len(names) > _NAMED else ""
    return f" ({', '.join(names[:_NAMED])}{others})" if names else ""


def collect(
    name: str,
    files: PhotoFiles,
    pairs: Iterable[tuple[str, str]],
    left_out: Mapping[str, int],
) -> Dataset:
    """Makes a data set without splits.

    Args:
        name: of the data set.
        files: its photos.
        pairs: (name of a photo, caption).
        left_out: how many of what the reader left out, for the notes; read after the pairs.
    """
    missing: set[str] = set()

    def found() -> Iterator[tuple[Path, list[str]]]:
        for photo, some in itertools.groupby(pairs, itemgetter(0)):
            if (path := files.find(photo)) is None:
                missing.add(photo)
            elif texts := [" ".join(words) for _, caption in some if (words := caption.split())]:
                yield path, texts

    captions = PhotoCaptions(found())
    notes = [f"{what}, left out: {count}" for what, count in left_out.items() if count]
    if missing:
        notes.append(f"photos with captions that are not there: {len(missing)}")
    if uncaptioned := [photo for photo in files.paths if photo not in captions]:
        notes.append(f"photos without captions: {len(uncaptioned)}")
    splits = {split: [] for split in SPLITS}
    return Dataset(name, captions, splits, notes, missing=sorted(missing), uncaptioned=uncaptioned)


def collect_with_splits(
    files: PhotoFiles,
    pairs: Iterable[tuple[str, str]],
    splits: Iterable[tuple[str, str]],
    left_out: Mapping[str, int],
) -> Dataset:
    """Makes a data set named after its folder, as `collect` does, and assigns photos to splits.

    `splits`: (name of a photo, name of a split, or nothing), read after the pairs. A photo in
    several is held out. If no split is named, all photos are in train.
    """
    dataset = collect(files.folder.name, files, pairs, left_out)
    chosen: dict[Path, str] = {}
    for name, split in splits:
        photo, split = files.find(name), SPLIT_NAMES.get(split.strip().lower())
        if photo and split:
            chosen[photo] = max(chosen.get(photo, split), split, key=SPLITS.index)
    if not chosen:
        dataset.splits["train"] = sorted(dataset.captions)
        return dataset
    for photo, split in sorted(chosen.items()):
        if photo in dataset.captions:
            dataset.splits[split].append(photo)
        if split != "train":
            dataset.held_out.add(photo)
    if other := dataset.captions.keys() - chosen.keys():
        dataset.notes.append(f"photos in neither train, dev nor test, left out: {len(other)}")
    return dataset


def utf8_lines(path: Path) -> Iterator[str]:
    """The lines of a file, one by one, as `read_utf8` reads them, each with its end."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from file
    except UnicodeDecodeError:
        read_utf8(path)  # says which byte of the whole file it is
        raise


def read_utf8(path: Path) -> str:
    """The text of a file without its byte order mark. Raises DatasetError if it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error


def read_json(path: Path) -> dict:
    """The JSON object in a file; empty if it holds another value. Raises DatasetError."""
    text = read_utf8(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is not JSON ({error})") from error
    return content if isinstance(content, dict) else {}
