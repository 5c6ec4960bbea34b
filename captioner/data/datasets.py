"""Reads data sets from disk, alone or several together; `formats` holds one reader a format."""

from collections import ChainMap, Counter
from collections.abc import Sequence
from pathlib import Path

from captioner.data.dataset import SPLITS, Dataset, DatasetError, some_of
from captioner.data.formats import expected_files, find_format, is_annotation, sidecars
from captioner.data.photo_files import walk

__all__ = ["SPLITS", "Dataset", "DatasetError", "some_of"]

HELD_OUT_EVERY = 10  # photos; in data sets without a dev split, one of so many becomes dev


def read(folder: Path | str) -> Dataset:
    """Reads the data set in a folder, in whichever of the `formats` it is.

    If there are photos in train but none in dev, every tenth photo of train becomes dev; a single
    photo is in both.

    Raises:
        DatasetError: no format fits, a file is malformed, or no photo has a caption.
    """
    folder = Path(folder)
    dataset = _read(folder)
    if dataset.captions:
        return dataset
    if not dataset.missing:
        raise DatasetError(f"{folder} holds no captions")
    there = "there are no photos"
    if dataset.uncaptioned:
        there = f"there is {dataset.uncaptioned[0].relative_to(folder)}"
    raise DatasetError(
        f"{folder}: none of the captions has its photo there; {dataset.missing[0]} was sought in "
        f"{folder} and the folders in it, where {there}"
    )


def _read(folder: Path) -> Dataset:
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder")
    if (format_ := find_format(folder)) is None:
        raise DatasetError(f"{folder} holds no data set: expected {expected_files()}")
    dataset = format_.read(folder)
    _hold_out_dev(dataset)
    return dataset


def _hold_out_dev(dataset: Dataset) -> None:
    """Moves every tenth photo of train by name, or the last of a few, to an empty dev split."""
    train = sorted(dataset.splits["train"])
    if dataset.splits["dev"] or not train:
        return
    if len(train) == 1:
        dataset.splits["dev"] = train
        dataset.notes.append("one photo is not split: nothing is held out, so scores mean little")
        return
    dev = train[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY] or train[-1:]
    moved = set(dev)
    dataset.splits["dev"] = dev
    dataset.splits["train"] = [photo for photo in dataset.splits["train"] if photo not in moved]
    dataset.held_out |= moved
    dataset.notes.append(
        f"no dev split is given; photos of train used for validation instead: {len(dev)}"
    )


def read_all(folders: Sequence[Path]) -> dict[Path, Dataset]:
    """Reads several data sets. If some share a name, the names of their folders are added to it.

    Raises:
        DatasetError: as `read` does, and if a folder is named twice.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise DatasetError("the same data set is named twice")
    parts = {folder: read(folder) for folder in folders}
    names = unique_names([part.name for part in parts.values()], folders)
    for part, name in zip(parts.values(), names, strict=True):
        part.name = name
    return parts


def unique_names(names: Sequence[str], folders: Sequence[Path | str]) -> list[str]:
    """The names of data sets; the name of the folder is added to those that several share."""
    counts = Counter(names)
    return [
        name if counts[name] == 1 else f"{name} ({Path(folder).name})"
        for name, folder in zip(names, folders, strict=True)
    ]


def joined(parts: Sequence[Dataset]) -> Dataset:
    """Several data sets as one, to train on all of them."""
    if len(parts) == 1:
        return parts[0]
    return Dataset(
        " + ".join(part.name for part in parts),
        ChainMap(*(part.captions for part in reversed(parts))),  # lists the first part first
        {split: [photo for part in parts for photo in part.splits[split]] for split in SPLITS},
        [f"{part.name}: {note}" for part in parts for note in part.notes],
        {photo for part in parts for photo in part.held_out},
        [name for part in parts for name in part.missing],
        [photo for part in parts for photo in part.uncaptioned],
    )


def photo_files(folder: Path | str) -> list[Path]:
    """All photos in a folder and below that may be used for training, sorted by path.

    The dev and test photos of data sets in the folder, below it or around it are left out; photos
    in no split are not.

    Raises:
        DatasetError: there are none, or such a data set cannot be read.
    """
    folder = Path(folder)
    files = (path for path in folder.rglob("*") if is_annotation(path))
    roots = {root.resolve() for path in files for root in path.parents[:2]}
    held_out: set[Path] = set()
    for root in {*roots, folder.resolve(), *folder.resolve().parents[:2]}:
        format_ = find_format(root) if root.is_dir() else None
        # Captions beside photos do not tell where their data set begins.
        if format_ and (format_ is not sidecars or root == folder.resolve()):
            held_out |= {photo.resolve() for photo in _read(root).held_out}
    photos = [path for path in walk(folder) if path.resolve() not in held_out]
    if not photos:
        raise DatasetError(f"{folder} holds no photos")
    return photos
