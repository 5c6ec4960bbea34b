"""Arrays with one row per photo, which batches are read from: features, or pixels to tune on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from captioner.data.augmentation import PLAIN, View


class PhotoRows:
    """An array with one row per photo of a data set, all in one view; a photo is known by its
    file name."""

    def __init__(self, rows: Mapping[str, int], array: np.ndarray, view: View = PLAIN):
        self._rows, self.array, self.view = rows, array, view

    def __contains__(self, photo: Path | str) -> bool:
        return Path(photo).name in self._rows

    def row(self, photo: Path | str) -> int:
        """Row of a photo."""
        return self._rows[Path(photo).name]


class JoinedRows(PhotoRows):
    """The rows of several data sets, one after the other, without copying them; a photo is known
    by its path, since two data sets may use the same file names."""

    def __init__(self, parts: Sequence[tuple[Sequence[Path], PhotoRows]]):
        """`parts`: the photos of each data set, and their rows, all in the same view."""
        rows: dict[Path, int] = {}
        first = 0
        for photos, part in parts:
            rows |= {photo: first + part.row(photo) for photo in photos if photo in part}
            first += len(part.array)
        super().__init__(rows, _Joined([part.array for _, part in parts]), parts[0][1].view)

    def __contains__(self, photo: Path | str) -> bool:
        return Path(photo) in self._rows

    def row(self, photo: Path | str) -> int:
        return self._rows[Path(photo)]


class _Joined:
    """Arrays read as one: by the number of a row, or by several."""

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
