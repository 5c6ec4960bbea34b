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


class PhotoRows:
    """An array with one row for each photo of a data set, all in the same view.

    Photos are identified by their names in `row_names`.
    """

    def __init__(self, rows: Mapping[str, int], array: np.ndarray, view: View = PLAIN):
        self._rows, self.array, self.view = rows, array, view
        self._deepest = max((str(name).count("/") for name in rows), default=0)

    def __contains__(self, photo: Path | str) -> bool:
        return self._name(photo) in self._rows

    def row(self, photo: Path | str) -> int:
        """The row of a photo. Raises KeyError."""
        return self._rows[self._name(photo)]

    def _name(self, photo: Path | str) -> str:
        parts = Path(photo).parts
        names = ("/".join(parts[-count:]) for count in range(self._deepest + 1, 1, -1))
        return next((name for name in names if name in self._rows), parts[-1])


class JoinedRows(PhotoRows):
    """The rows of several data sets, one after the other, without copying them.

    Photos are identified by path, since data sets may use the same file names.
    """

    def __init__(self, parts: Sequence[tuple[Sequence[Path], PhotoRows]]):
        """`parts`: the photos of each data set, and their rows, all in the same view."""
        rows: dict[Path, int] = {}
        first = 0
        for photos, part in parts:
            rows |= {photo: first + part.row(photo) for photo in photos if photo in part}
            first += len(part.array)
        super().__init__(rows, _JoinedArray([part.array for _, part in parts]), parts[0][1].view)

    def __contains__(self, photo: Path | str) -> bool:
        return Path(photo) in self._rows

    def row(self, photo: Path | str) -> int:
        return self._rows[Path(photo)]


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
