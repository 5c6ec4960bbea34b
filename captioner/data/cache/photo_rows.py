"""Arrays with one row for each photo, from which batches are read: features, or pixels."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from captioner.data.augmentation import PLAIN, View


def row_names(photos: Sequence[Path]) -> list[str]:
    """Identifies photos: file names or, where two have the same, paths in their common folder."""
    names = [photo.name for photo in photos]
    if len(set(names)) == len(names):
        return names
    folder = os.path.commonpath([photo.parent for photo in photos])
    return [photo.relative_to(folder).as_posix() for photo in photos]


class RowNames:
    """Names and the numbers of their rows, in arrays: a million take some 20 MB."""

    def __init__(self, names: Sequence[str], rows: Sequence[int] | np.ndarray):
        """`rows`: one for each of the names, which differ."""
        encoded = np.array([_encoded(name) for name in names] or [b" "], np.bytes_)[: len(names)]
        order = np.argsort(encoded)
        self._names, self._rows = encoded[order], np.asarray(rows, np.int32)[order]
        self.depth = max((name.count("/") for name in names), default=0)  # folders, at most

    def find(self, names: Sequence[str]) -> np.ndarray:
        """The rows of names, int32; -1 for unknown ones."""
        if not len(self._names):
            return np.full(len(names), -1, np.int32)
        width = self._names.dtype.itemsize
        # A name that is too long would be cut, and an empty one is never known.
        encoded = [name if len(name) <= width else b"" for name in map(_encoded, names)]
        wanted = np.array(encoded, self._names.dtype)
        places = np.minimum(np.searchsorted(self._names, wanted), len(self._names) - 1)
        return np.where(self._names[places] == wanted, self._rows[places], -1)


def _encoded(name: str) -> bytes:
    return name.encode(errors="surrogatepass")  # as file systems without UTF-8 have them


class PhotoRows:
    """An array with one row for each photo of a data set, all in the same view.

    Photos are identified by their names in `row_names`.
    """

    def __init__(self, rows: RowNames | Mapping[str, int], array: np.ndarray, view: View = PLAIN):
        if not isinstance(rows, RowNames):
            rows = RowNames(list(rows), list(rows.values()))
        self._rows, self.array, self.view = rows, array, view

    def __contains__(self, photo: Path | str) -> bool:
        return self.find([photo])[0] >= 0

    def row(self, photo: Path | str) -> int:
        """The row of a photo. Raises KeyError."""
        row = int(self.find([photo])[0])
        if row < 0:
            raise KeyError(photo)
        return row

    def find(self, photos: Sequence[Path | str]) -> np.ndarray:
        """The rows of photos, int32; -1 for those that have none."""
        found = np.full(len(photos), -1, np.int32)
        for depth in range(self._rows.depth, -1, -1):  # the longest name that fits
            missing = np.flatnonzero(found < 0)
            some = [photos[i] for i in missing]
            if depth:
                names = ["/".join(Path(photo).parts[-depth - 1 :]) for photo in some]
            else:
                names = [p.name if isinstance(p, Path) else os.path.basename(p) for p in some]
            found[missing] = self._rows.find(names)
        return found

    def prefetch(self, rows: np.ndarray) -> None:
        """Tells the system that these rows are read next, where they are on a disk."""


class JoinedRows(PhotoRows):
    """The rows of several data sets, one after the other, without copying them.

    Photos are identified by path, since data sets may use the same file names.
    """

    def __init__(self, parts: Sequence[tuple[Sequence[Path], PhotoRows]]):
        """`parts`: the photos of each data set, and their rows, all in the same view."""
        names, rows, first = [], [], 0
        for photos, part in parts:
            found = part.find(photos)
            names += [str(photo) for photo, row in zip(photos, found, strict=True) if row >= 0]
            rows.append(found[found >= 0] + first)
            first += len(part.array)
        self._parts = [part for _, part in parts]
        array = _JoinedArray([part.array for part in self._parts])
        super().__init__(RowNames(names, np.concatenate(rows)), array, self._parts[0].view)

    def find(self, photos: Sequence[Path | str]) -> np.ndarray:
        return self._rows.find([str(Path(photo)) for photo in photos])

    def prefetch(self, rows: np.ndarray) -> None:
        first = 0
        for part in self._parts:
            part.prefetch(rows[(rows >= first) & (rows < first + len(part.array))] - first)
            first += len(part.array)


class _JoinedArray:
    """Arrays that are read like one, by one row number or several."""

    def __init__(self, arrays: Sequence[np.ndarray]):
        self._arrays = arrays
        self._ends = np.cumsum([len(array) for array in arrays])
        self.shape, self.dtype = (int(self._ends[-1]), *arrays[0].shape[1:]), arrays[0].dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: int | Sequence[int]) -> np.ndarray:
        if np.ndim(rows):
            return np.stack([self[row] for row in rows])
        part = int(np.searchsorted(self._ends, rows, side="right"))
        array = self._arrays[part]
        return array[rows - int(self._ends[part]) + len(array)]
