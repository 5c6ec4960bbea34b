"""A number and how sure one can be of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

RESAMPLES, SEED = 1000, 0
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Measure:
    """A mean over photos; the true one lies between `low` and `high` in 95 of 100 such samples."""

    value: float
    low: float
    high: float
    count: int  # of what was averaged: words, pairs of words
    chance: float | None = None  # what would come of looking anywhere, where that is known

    def to_json(self) -> dict:
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, found) -> "Measure":
        """Raises ValueError if it is no measure, or holds what is no number."""
        match found:
            case {"value": v, "low": low, "high": high, "count": int() as count}:
                chance = found.get("chance")
                numbers = [n for n in (v, low, high, chance) if n is not None]
                if len(numbers) >= 3 and all(is_number(n) for n in numbers) and count > 0:
                    return cls(v, low, high, count, chance)
        raise ValueError("a measure lacks a number")


def is_number(value) -> bool:
    """Whether it is a number that can be shown: NaN, the infinite and the huge are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def mean(groups: Sequence[Sequence[float]], chance: float | None = None) -> Measure | None:
    """The mean of all values, of which each group comes from one photo; None if there are none.

    The interval is the percentile bootstrap (Efron 1979, The Annals of Statistics 7): photos, not
    values, are drawn again with replacement, since what is said of one photo hangs together. Of a
    single photo it is a point and says nothing.
    """
    groups = [group for group in groups if len(group)]
    if not groups:
        return None
    sums, counts = np.array([(np.sum(group), len(group)) for group in groups]).T
    again = np.random.default_rng(SEED).integers(0, len(groups), (RESAMPLES, len(groups)))
    means = sums[again].sum(axis=1) / counts[again].sum(axis=1)
    rest = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [rest, 1 - rest])
    value = float(sums.sum() / counts.sum())
    return Measure(value, float(low), float(high), int(counts.sum()), chance)
