"""Means over photos, with a 95 % confidence interval.

SciPy would only replace `_student_t` (its Wilson interval takes whole counts, its bootstrap no
groups of unequal size): not enough for another dependency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Annotated

import numpy as np
from pydantic import Field

RESAMPLES, SEED = 1000, 0
CONFIDENCE = 0.95
FEW = 100  # answers; with fewer of them the interval says more than the value
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_ZERO = 1e-9  # a variance below this is rounding


# In a file: no bool, NaN, infinity, or integer that is too large for a float.
Number = Annotated[int | float, Field(gt=-1e300, lt=1e300)]


@dataclass(frozen=True)
class Measure:
    """A mean over photos, and the interval that holds the true one in 95 of 100 such samples."""

    value: Number
    low: Number
    high: Number
    count: Annotated[int, Field(gt=0)]  # of averaged answers: words, pairs of words
    chance: Number | None = None  # what a uniform map would get, where that is known
    baselines: Mapping[str, Number] = field(default_factory=dict)  # name -> what it would get

    @property
    def few(self) -> bool:
        """Whether it rests on fewer than FEW answers."""
        return self.count < FEW

    def to_json(self) -> dict:
        return {key: value for key, value in asdict(self).items() if value not in (None, {})}


def mean(
    groups: Sequence[Sequence[float]],
    chance: float | None = None,
    baselines: Mapping[str, float] | None = None,
    span: tuple[float, float] = (0.0, 1.0),
) -> Measure | None:
    """The mean of all values, with its interval.

    At each end the wider one of two intervals counts:

    - the percentile bootstrap (Efron 1979, The Annals of Statistics 7), which resamples photos, not
      values, since values of one photo depend on each other;
    - Wilson's score interval (1927, JASA 22) with the effective count, see `_effective_count`. The
      bootstrap of few photos, or of photos that all agree, is too narrow, at worst a point.

    Args:
        groups: The values of each photo; a photo may have none.
        chance: Goes into the result, as `baselines` do.
        span: Least and largest possible value; rounding errors beyond it are clipped.

    Returns:
        None if there are no values.
    """
    low, high = span
    groups = [np.clip(group, low, high) for group in groups if len(group)]
    if not groups:
        return None
    sums, counts = np.array([(group.sum(), len(group)) for group in groups]).T
    value = float(np.clip(sums.sum() / counts.sum(), low, high))
    shares = [(group - low) / (high - low) for group in groups]
    wilson = low + (high - low) * _wilson((value - low) / (high - low), _effective_count(shares))
    ends = np.clip([[value, value], _bootstrap(sums, counts), wilson], low, high)
    return Measure(
        value,
        float(ends[:, 0].min()),
        float(ends[:, 1].max()),
        int(counts.sum()),
        chance,
        dict(baselines or {}),
    )


def _bootstrap(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """(low, high), from the sum and the count of each photo's values."""
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])


def _wilson(share: float, count: float) -> np.ndarray:
    """(low, high) of Wilson's score interval for a share of `count` trials."""
    squared = _Z**2 / count
    middle = (share + squared / 2) / (1 + squared)
    half = _Z / (1 + squared) * np.sqrt(share * (1 - share) / count + squared / count / 4)
    return np.array([middle - half, middle + half])


def _effective_count(groups: Sequence[np.ndarray]) -> float:
    """How many independent coin tosses would leave the mean of these shares as uncertain.

    As for shares in clustered surveys (Korn and Graubard 1998, Survey Methodology 24, 193-201):
    p (1 - p) divided by the variance of the mean. That variance is estimated from the differences
    between photos, enlarged by Student's t for few photos, and is at least the variance of
    independent values; a fraction of a toss is added, since equal values would otherwise count as
    infinitely many. With a single photo, or all values at one end of the span, nothing is known
    about how values of one photo depend on each other: then a photo counts as one toss.
    """
    values, photos = np.concatenate(groups), len(groups)
    share = values.mean()
    spread = share * (1 - share)
    if photos == 1 or spread < _ZERO:
        return photos
    deviations = np.array([(group - share).sum() for group in groups])
    enlarged = (_student_t(photos - 1) / _Z) ** 2
    between = (deviations**2).sum() * photos / (photos - 1) * enlarged
    within = ((values - share) ** 2).sum() + spread / photos
    return float(spread * len(values) ** 2 / max(between, within))


def _student_t(freedom: int) -> float:
    """The quantile of Student's t that _Z is of the normal distribution: Abramowitz and Stegun
    (1964), 26.7.5, exact to 1 % from two degrees of freedom on."""
    z, n = _Z, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n**power for power, term in enumerate(terms, 1))
