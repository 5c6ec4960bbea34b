"""COCO's captions (Chen et al. 2015, arXiv:1504.00325) and boxes, of 2014, 2017 or one's own.

Other formats may have boxes, too, in COCO's files.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from captioner.data.boxes import Box
from captioner.data.dataset import SPLITS, Dataset, DatasetError, collect, read_json
from captioner.data.photo_files import PhotoFiles

EXPECTED = "annotations/captions_train*.json"
ANNOTATIONS = ("captions_*.json", "instances_*.json")
SPLIT_PREFIXES = {"train": "train", "val": "dev", "dev": "dev", "test": "test"}  # of file names
_NAME_PREFIX = re.compile(r"^COCO_[a-z]+\d*_(?=\d)")  # of photos of 2014; those of 2017 have none


def recognises(folder: Path) -> bool:
    """Whether the folder holds files of captions."""
    return any(_files(folder, "captions"))


def read(folder: Path) -> Dataset:
    """Reads `annotations/captions_*.json`. Of photos of one name, that in the part's folder counts.

    A photo is identified by its file name without the prefix of 2014. A photo in several splits is
    held out.
    """
    splits: dict[str, list[str]] = {split: [] for split in SPLITS}
    pairs, left_out, assigned, repeated = [], Counter(), set(), 0
    files = sorted(_files(folder, "captions"), key=lambda file: -SPLITS.index(file[0]))
    for split, part, path in files:
        names, written, malformed = _read_captions(path)
        left_out[f"malformed entries of {path.name}"] += malformed
        new = {name for name in names if _NAME_PREFIX.sub("", name) not in assigned}
        repeated += len(names) - len(new)
        assigned.update(_NAME_PREFIX.sub("", name) for name in new)
        splits[split] += [f"{part}/{name}" for name in names if name in new]
        pairs += [(f"{part}/{name}", text) for name, text in written if name in new]
    left_out["photos that another split has, too"] = repeated
    photos = PhotoFiles(folder)
    dataset = collect(folder.name, photos, pairs, left_out)
    for split, names in splits.items():
        found = [photo for photo in map(photos.find, names) if photo]
        dataset.splits[split] = [photo for photo in found if photo in dataset.captions]
        if split != "train":
            dataset.held_out.update(found)
    return dataset


def read_boxes(folder: Path | str, split: str) -> dict[str, list[Box]]:
    """Reads the boxes in the photos of a split from `annotations/instances_*.json`.

    Malformed entries are left out.

    Returns:
        File name -> boxes, also for photos without objects. Empty if there are no such files.

    Raises:
        DatasetError: a file is not in COCO's format.
    """
    found: dict[str, list[Box]] = {}
    for name, _, path in _files(Path(folder), "instances"):
        if name == split:
            found |= _read_instances(path)
    return found


def _files(folder: Path, kind: str) -> Iterator[tuple[str, str, Path]]:
    """(split, part, file), such as ("dev", "val2017", captions_val2017.json)."""
    places = [folder, *sorted(path for path in folder.glob("*annotations*") if path.is_dir())]
    for path in [path for place in places for path in sorted(place.glob(f"{kind}_*.json"))]:
        part = path.stem.removeprefix(f"{kind}_")
        for prefix, split in SPLIT_PREFIXES.items():
            if part.startswith(prefix):
                yield split, part, path


def _load(path: Path, *names: str) -> list[list]:
    """The named lists of a file."""
    content = read_json(path)
    lists = [content.get(name) for name in names]
    if not all(isinstance(entries, list) for entries in lists):
        raise DatasetError(f"{path} lacks COCO's lists {', '.join(names)}")
    return lists


def _read_captions(path: Path) -> tuple[list[str], list[tuple[str, str]], int]:
    """Names of photos without repetition; (name, caption) pairs; number of malformed entries."""
    images, annotations = _load(path, "images", "annotations")
    names: dict[int | str, str] = {}
    pairs, malformed = [], 0
    for image in images:
        match image:
            case {"id": int() | str() as number, "file_name": str() as name} if name:
                names[number] = PurePosixPath(name).name  # never a path to elsewhere
            case _:
                malformed += 1
    for annotation in annotations:
        match annotation:
            case {"image_id": int() | str() as number, "caption": str() as text} if number in names:
                pairs.append((names[number], text))
            case _:
                malformed += 1
    return list(dict.fromkeys(names.values())), pairs, malformed


def _read_instances(path: Path) -> dict[str, list[Box]]:
    images, annotations, categories = _load(path, "images", "annotations", "categories")
    category_names: dict[int, str] = {}
    for category in categories:
        match category:
            case {"id": int() as number, "name": str() as name}:
                category_names[number] = name
    sizes: dict[int, tuple[str, float, float]] = {}  # image id -> file name, width, height
    for image in images:
        match image:
            case {"id": int() as number, "file_name": str() as name, "width": w, "height": h}:
                if name and _are_numbers(w, h) and w > 0 and h > 0:
                    sizes[number] = PurePosixPath(name).name, w, h
    found: dict[str, list[Box]] = {name: [] for name, _, _ in sizes.values()}
    for annotation in annotations:
        match annotation:
            case {"image_id": int() as image, "category_id": int() as kind, "bbox": [x, y, w, h]}:
                if image in sizes and kind in category_names and _are_numbers(x, y, w, h):
                    name, width, height = sizes[image]
                    edges = x / width, y / height, (x + w) / width, (y + h) / height
                    found[name].append(Box(category_names[kind], *edges))
    return found


def _are_numbers(*values) -> bool:
    return all(isinstance(value, int | float) and math.isfinite(value) for value in values)
