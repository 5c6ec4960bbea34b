"""Where the objects in photos are, as COCO annotates its instances."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from captioner.attention_maps import Geometry
from captioner.data.datasets import COCO_SPLITS, DatasetError

POINTS = 8  # along each side of a cell


@dataclass(frozen=True)
class Box:
    """An object: its category, and its edges as shares of the photo's width or height."""

    category: str
    left: float
    top: float
    right: float
    bottom: float

    def within(self, part: "Part", mirrored: bool = False) -> "Box":
        """The same object in a view that shows `part` of the photo, mirrored or not. It may lie
        partly or wholly outside of the view: edges below 0 or above 1."""
        left, right = ((x - part.left) / part.width for x in (self.left, self.right))
        top, bottom = ((y - part.top) / part.height for y in (self.top, self.bottom))
        if mirrored:
            left, right = 1 - right, 1 - left
        return replace(self, left=left, top=top, right=right, bottom=bottom)


@dataclass(frozen=True)
class Part:
    """A rectangle of a photo, in shares of its width and height."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0

    @classmethod
    def of(cls, box: tuple[float, ...], side: float) -> "Part":
        """The part within (left, upper, right, lower), of a square photo of this side."""
        left, top, right, bottom = (edge / side for edge in box)
        return cls(left, top, right - left, bottom - top)


def covers(boxes: Iterable[Box], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points of a photo, at shares `x` (W,) of its width and `y` (H,) of its height, lie in
    one of the boxes or several: bool (H, W)."""
    inside = np.zeros((len(y), len(x)), bool)
    for box in boxes:
        across, down = (box.left <= x) & (x < box.right), (box.top <= y) & (y < box.bottom)
        inside |= down[:, None] & across
    return inside


def coverage(boxes: Iterable[Box], geometry: Geometry) -> np.ndarray:
    """Which share of each cell's square lies in one of the boxes or several: float32 (cells,).

    A cell's square is as wide as the stride, around the cell's centre; the share is counted on
    POINTS x POINTS points.
    """
    offsets = (np.arange(POINTS) + 0.5) / POINTS - 0.5
    step = geometry.stride / geometry.size

    def points(count: int) -> np.ndarray:
        return (geometry.centres(count)[:, None] + step * offsets).ravel()

    inside = covers(boxes, points(geometry.cols), points(geometry.rows))
    cells = inside.reshape(geometry.rows, POINTS, geometry.cols, POINTS)
    return cells.mean(axis=(1, 3), dtype=np.float32).ravel()


def read(folder: Path | str, split: str) -> dict[str, list[Box]]:
    """The boxes in the photos of a split, by file name, from `annotations/instances_*.json`.

    A photo without objects has an empty list; without such files there are no photos at all.
    Entries that are malformed are left out.

    Raises DatasetError if a file is not as COCO's are.
    """
    found: dict[str, list[Box]] = {}
    for path in sorted((Path(folder) / "annotations").glob("instances_*.json")):
        part = path.stem.removeprefix("instances_")
        if any(part.startswith(start) for start, name in COCO_SPLITS.items() if name == split):
            found |= _read_instances(path)
    return found


def _read_instances(path: Path) -> dict[str, list[Box]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is not JSON ({error})") from error
    match content:
        case {"images": [*images], "annotations": [*annotations], "categories": [*categories]}:
            pass
        case _:
            raise DatasetError(f"{path} lacks COCO's lists `images`, `annotations`, `categories`")
    names: dict[int, str] = {}
    for category in categories:
        match category:
            case {"id": int() as number, "name": str() as name}:
                names[number] = name
    photos: dict[int, tuple[str, float, float]] = {}  # file name, width, height
    for image in images:
        match image:
            case {"id": int() as number, "file_name": str() as name, "width": w, "height": h}:
                if name and _are_numbers(w, h) and w > 0 and h > 0:
                    photos[number] = PurePosixPath(name).name, w, h
    found: dict[str, list[Box]] = {name: [] for name, _, _ in photos.values()}
    for annotation in annotations:
        match annotation:
            case {"image_id": int() as photo, "category_id": int() as kind, "bbox": [x, y, w, h]}:
                if photo in photos and kind in names and _are_numbers(x, y, w, h):
                    name, width, height = photos[photo]
                    edges = x / width, y / height, (x + w) / width, (y + h) / height
                    found[name].append(Box(names[kind], *edges))
    return found


def _are_numbers(*values) -> bool:
    return all(isinstance(value, (int, float)) and math.isfinite(value) for value in values)
