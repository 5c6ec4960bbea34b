"""Attention maps: where their cells lie on the photo, where they peak, how they compare."""

from dataclasses import asdict, dataclass

import numpy as np

_FAINTEST = 1e-6  # of the strongest cell: weaker ones count as this, since 0 has no logarithm


@dataclass(frozen=True)
class Geometry:
    """Where the cells of a grid lie on the photo.

    The photo is squashed to `size` x `size` pixels. Column i is centred `first + i * stride` of
    those pixels from the left edge; rows likewise from the top. `first` is stride / 2 only for
    networks that do not shift the image: it is measured, not assumed.
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


def grid_json(geometry: Geometry) -> dict:
    """The centres of columns ("x") and rows ("y") as shares of the photo's width and height."""
    return {
        "x": geometry.centres(geometry.cols).tolist(),
        "y": geometry.centres(geometry.rows).tolist(),
    }


def _interpolation(centres: np.ndarray, length: int, smooth: bool) -> np.ndarray:
    """Weights (length, cells) that spread cell values over the pixels of one axis."""
    cells = np.arange(len(centres))
    pixels = (np.arange(length) + 0.5) / length
    step = centres[1] - centres[0] if len(centres) > 1 else 1.0
    position = np.clip((pixels - centres[0]) / step, 0, cells[-1])
    if not smooth:
        position = np.round(position)
    return np.maximum(1 - np.abs(position[:, None] - cells), 0).astype(np.float32)


def place(
    attention: np.ndarray, geometry: Geometry, size: tuple[int, int], smooth: bool = True
) -> np.ndarray:
    """Lays a map on the photo.

    The pixel at the centre of a cell has the weight of that cell. Beyond the outermost centres
    the weights of the outermost cells continue.

    Args:
        attention: the map, (rows, cols).
        geometry: where its cells lie.
        size: (width, height) of the photo in pixels.
        smooth: interpolate linearly between centres; else each pixel takes the nearest cell.

    Returns:
        Weights, float32 (height, width).

    Raises:
        ValueError: The map does not have the rows and columns of the geometry.
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


def region_weights(region: np.ndarray, geometry: Geometry) -> np.ndarray:
    """How much of the weight of each cell falls on a region, once `place` has laid out the map.

    This is the transpose of `place`: `(map * region_weights(region, geometry)).sum()` equals
    `(place(map, geometry, size) * region).sum()` for every map.

    Args:
        region: weights or bools, (height, width).
        geometry: where the cells lie.

    Returns:
        float64 (rows, cols).
    """
    height, width = region.shape
    vertical = _interpolation(geometry.centres(geometry.rows), height, True)  # (h, rows)
    horizontal = _interpolation(geometry.centres(geometry.cols), width, True)  # (w, cols)
    return np.asarray(vertical.T @ region @ horizontal, np.float64)


def peaks(attention: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Where a map peaks, to a fraction of a cell.

    A cell covers about an eighth of the photo's width, and what it attends to is seldom in its
    middle. Along each axis the peak is that of the Gaussian through the strongest cell and its two
    neighbours (the three-point fit of Willert and Gharib 1991, doi:10.1007/BF00190388). At the
    rim, where one neighbour is missing, it is the centre of the cell.

    Returns:
        (x, y) as shares of the photo's width and height, float64 (N, 2). N is above 1 only if
        several cells are equally strong.
    """
    attention = np.asarray(attention, np.float64)
    logs = np.log(np.maximum(attention, _FAINTEST * attention.max()))
    rows, cols = np.nonzero(attention == attention.max())
    x = geometry.centres(geometry.cols)[cols]
    y = geometry.centres(geometry.rows)[rows]
    step = geometry.stride / geometry.size
    x += step * np.array([_offset(logs[row], col) for row, col in zip(rows, cols, strict=True)])
    y += step * np.array([_offset(logs[:, col], row) for row, col in zip(rows, cols, strict=True)])
    return np.stack([x, y], axis=1)


def _offset(logs: np.ndarray, i: int) -> float:
    """Cells from the largest value, `i`, to the peak of a parabola through its neighbours."""
    if not 0 < i < len(logs) - 1:
        return 0.0
    before, peak, after = logs[i - 1 : i + 2]
    bend = before - 2 * peak + after
    return (before - after) / (2 * bend) if bend else 0.0


def rank_agreement(one: np.ndarray, other: np.ndarray) -> float:
    """How similarly two maps rank the cells: -1 opposite, 0 unrelated, 1 the same order.

    Spearman's rank correlation; equal values share their mean rank; 0 if a map is constant. Jain
    and Wallace (2019, arXiv:1902.10186) compare attention with other measures of importance by
    Kendall's tau, whose values are mostly smaller: do not compare them with these.
    """
    one, other = _ranks(one), _ranks(other)
    spread = np.sqrt((one @ one) * (other @ other))
    return float(np.clip(one @ other / spread, -1, 1)) if spread else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of all values, float64, with mean 0; equal values share their mean rank."""
    _, group, counts = np.unique(np.ravel(values), return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return (last - (counts - 1) / 2)[group] - (len(group) + 1) / 2
