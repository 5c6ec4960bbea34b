"""Attention maps and where they lie on the photo."""

from dataclasses import asdict, dataclass

import numpy as np

_FAINTEST = 1e-6  # of the strongest cell: what is weaker counts as this, since 0 has no logarithm


@dataclass(frozen=True)
class Geometry:
    """Where the cells of a grid look.

    The photo is squashed to `size` x `size` pixels; the cell in column i is centred `first +
    i * stride` of those pixels from the left edge, and rows likewise from the top. `first` is
    stride / 2 only for networks without a shift of their own: it is measured, not assumed.
    """

    rows: int
    cols: int
    size: int  # pixels
    stride: float  # pixels between two centres
    first: float  # pixels from the edge to the first centre

    @property
    def cells(self) -> int:
        return self.rows * self.cols

    def centres(self, count: int) -> np.ndarray:
        """Centres of `count` cells as shares of the photo's width or height, float64 (count,)."""
        return (self.first + self.stride * np.arange(count)) / self.size

    def to_json(self) -> dict:
        return asdict(self)


def _interpolation(centres: np.ndarray, length: int, smooth: bool) -> np.ndarray:
    """Weights (length, cells) that spread cell values over the pixels of one axis."""
    cells = len(centres)
    if cells == 1:
        return np.ones((length, 1), np.float32)
    pixels = (np.arange(length) + 0.5) / length
    step = centres[1] - centres[0]
    position = np.clip((pixels - centres[0]) / step, 0, cells - 1)  # held beyond the outer centres
    if not smooth:
        position = np.round(position)
    lower = np.minimum(position.astype(int), cells - 2)
    weights = np.zeros((length, cells), np.float32)
    rows = np.arange(length)
    weights[rows, lower] = 1 - (position - lower)
    weights[rows, lower + 1] = position - lower
    return weights


def grid_json(geometry: Geometry) -> dict:
    """Where the cells are centred, as shares of the photo's width and height."""
    return {
        "x": geometry.centres(geometry.cols).tolist(),
        "y": geometry.centres(geometry.rows).tolist(),
    }


def place(
    attention: np.ndarray, geometry: Geometry, size: tuple[int, int], smooth: bool = True
) -> np.ndarray:
    """Lays a map (rows, cols) on a photo of `size` (width, height) -> float32 (height, width).

    Between the centres of cells the weights are interpolated linearly (`smooth`) or taken from
    the nearest cell; beyond the outer centres the rim's weights go on. Weights keep their scale:
    at the centre of a cell stands that cell's weight.

    Raises ValueError if the map does not have the geometry's rows and columns.
    """
    attention = np.asarray(attention, np.float32)
    if attention.shape != (geometry.rows, geometry.cols):
        raise ValueError(
            f"a map of {geometry.rows} x {geometry.cols} cells was expected, not {attention.shape}"
        )
    width, height = size
    vertical = _interpolation(geometry.centres(geometry.rows), height, smooth)  # (h, rows)
    horizontal = _interpolation(geometry.centres(geometry.cols), width, smooth)  # (w, cols)
    return vertical @ attention @ horizontal.T


def region_weights(region: np.ndarray, geometry: Geometry, smooth: bool = True) -> np.ndarray:
    """How much of each cell's weight falls on a region of the photo, once `place` has laid it
    there: the transpose of `place`.

    `region` are weights or bools (height, width). Returns float64 (rows, cols), such that for every
    map `(map * region_weights(region, ..)).sum()` is `(place(map, ..) * region).sum()`.
    """
    height, width = region.shape
    vertical = _interpolation(geometry.centres(geometry.rows), height, smooth)  # (h, rows)
    horizontal = _interpolation(geometry.centres(geometry.cols), width, smooth)  # (w, cols)
    return np.asarray(vertical.T @ region @ horizontal, np.float64)


def entropy(attention: np.ndarray) -> float:
    """Shannon entropy of a map in nats: 0 for one cell, log(cells) for a uniform map."""
    weights = np.asarray(attention, np.float64).ravel()
    weights = weights[weights > 0]
    return max(0.0, -float((weights * np.log(weights)).sum()))


def effective_cells(attention: np.ndarray) -> float:
    """exp(entropy): over how many cells a map is spread, 1 to rows * cols."""
    return float(np.exp(entropy(attention)))


def centre_of_mass(attention: np.ndarray, geometry: Geometry) -> tuple[float, float]:
    """Mean position (x, y) of a map as shares of the photo's width and height."""
    attention = np.asarray(attention, np.float64)
    attention = attention / attention.sum()
    x = attention.sum(axis=0) @ geometry.centres(geometry.cols)
    y = attention.sum(axis=1) @ geometry.centres(geometry.rows)
    return float(x), float(y)


def peaks(attention: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Where a map points: (x, y) of its peak as shares of the photo's size, float64 (N, 2).

    A cell sees an eighth or so of the photo's width, and what it looks at seldom lies in its
    middle. So along each axis the peak of the Gaussian through the strongest cell and the two
    beside it is taken (the three-point fit of Willert and Gharib 1991, doi:10.1007/BF00190388); at
    the rim, where there is one beside it, the cell's centre. A map has several peaks (N > 1) only
    if cells are equally strong.
    """
    attention = np.asarray(attention, np.float64)
    logs = np.log(np.maximum(attention, _FAINTEST * attention.max()))
    rows, cols = np.nonzero(attention == attention.max())
    x = geometry.centres(geometry.cols)[cols]
    y = geometry.centres(geometry.rows)[rows]
    step = geometry.stride / geometry.size
    x += step * np.array([_beside(logs[row], col) for row, col in zip(rows, cols, strict=True)])
    y += step * np.array([_beside(logs[:, col], row) for row, col in zip(rows, cols, strict=True)])
    return np.stack([x, y], axis=1)


def _beside(logs: np.ndarray, i: int) -> float:
    """How many cells from the largest, `i`, a parabola through it and its neighbours peaks."""
    if not 0 < i < len(logs) - 1:
        return 0.0
    before, peak, after = logs[i - 1 : i + 2]
    bend = before - 2 * peak + after
    return (before - after) / (2 * bend) if bend else 0.0


def coverage(maps: np.ndarray) -> np.ndarray:
    """Maps (words, rows, cols) -> (rows, cols): the largest weight any word gave to each cell."""
    return np.asarray(maps).max(axis=0, initial=0)


def region_share(maps: np.ndarray, region: np.ndarray) -> np.ndarray:
    """How much of each word's attention fell on a region.

    Maps (words, rows, cols) and a bool region (rows, cols) -> (words,), 0 to 1.
    """
    return np.asarray(maps)[:, np.asarray(region, bool)].sum(axis=1)


def similarity(maps: np.ndarray) -> np.ndarray:
    """Overlap of every two maps: (words, rows, cols) -> (words, words), 0 apart to 1 equal.

    The Bhattacharyya coefficient: the sum over the cells of sqrt(p * q).
    """
    roots = np.sqrt(np.asarray(maps, np.float64))
    return np.einsum("irc,jrc->ij", roots, roots)


def rank_agreement(one: np.ndarray, other: np.ndarray) -> float:
    """How alike two maps rank the cells: -1 opposite, 0 unrelated, 1 the same order.

    Spearman's rank correlation, ties given their mean rank; 0 where a map is constant. Jain and
    Wallace (2019, arXiv:1902.10186) compare attention with other measures of importance by ranks,
    too, but with Kendall's tau, whose numbers are mostly smaller: do not compare ours with theirs.
    """
    one, other = _ranks(one), _ranks(other)
    spread = np.sqrt((one @ one) * (other @ other))
    return float(np.clip(one @ other / spread, -1, 1)) if spread else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of all values, float64 and 0 on average; equal values share theirs."""
    _, group, counts = np.unique(np.ravel(values), return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return (last - (counts - 1) / 2)[group] - (len(group) + 1) / 2
