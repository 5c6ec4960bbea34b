"""A number and how sure one can be of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import NormalDist

import numpy as np

RESAMPLES, SEED = 1000, 0
CONFIDENCE = 0.95
FEW = 100  # answers; of fewer than these the interval says more than the value
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_NOUGHT = 1e-9  # what is nearer than this to an end of the span lies on it


@dataclass(frozen=True)
class Measure:
    """A mean over photos; the true one lies between `low` and `high` in 95 of 100 such samples."""

    value: float
    low: float
    high: float
    count: int  # of what was averaged: words, pairs of words
    chance: float | None = None  # what would come of looking anywhere, where that is known
    baselines: Mapping[str, float] = field(default_factory=dict)  # name -> what it would get

    @property
    def few(self) -> bool:
        """Whether it rests on fewer than FEW answers."""
        return self.count < FEW

    def to_json(self) -> dict:
        return {key: value for key, value in asdict(self).items() if value not in (None, {})}

    @classmethod
    def from_json(cls, found) -> "Measure":
        """Raises ValueError if it is no measure, or holds what is no number."""
        match found:
            case {"value": v, "low": low, "high": high, "count": int() as count}:
                chance, baselines = found.get("chance"), found.get("baselines", {})
                numbers = [v, low, high, *([] if chance is None else [chance])]
                fits = isinstance(baselines, dict) and count > 0
                if fits and all(map(is_number, [*numbers, *baselines.values()])):
                    return cls(v, low, high, count, chance, baselines)
        raise ValueError("a measure lacks a number")


def is_number(value) -> bool:
    """Whether it is a number that can be shown: NaN, the infinite and the huge are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def mean(
    groups: Sequence[Sequence[float]],
    chance: float | None = None,
    baselines: Mapping[str, float] | None = None,
    span: tuple[float, float] = (0.0, 1.0),
) -> Measure | None:
    """The mean of all values, of which each group comes from one photo; None if there are none.

    All values lie within `span`; what rounding puts beside it is moved onto its end. The interval
    is the wider one, at each end, of two:

    - the percentile bootstrap (Efron 1979, The Annals of Statistics 7): photos, not values, are
      drawn again with replacement, since what is measured in one photo hangs together;
    - Wilson's score interval (1927, JASA 22) on the effective count, see `_effective_count`. The
      bootstrap of few photos, or of photos that all agree, is too narrow, at worst a point.
    """
    low, high = span
    groups = [np.clip(group, low, high) for group in groups if len(group)]
    if not groups:
        return None
    sums, counts = np.array([(group.sum(), len(group)) for group in groups]).T
    value = float(np.clip(sums.sum() / counts.sum(), low, high))
    shares = [(group - low) / (high - low) for group in groups]
    wilson = _wilson((value - low) / (high - low), _effective_count(shares))
    ends = _bootstrap(sums, counts), [low + (high - low) * end for end in wilson]
    least, most = min(value, *(end[0] for end in ends)), max(value, *(end[1] for end in ends))
    return Measure(
        value,
        float(max(low, least)),
        float(min(high, most)),
        int(counts.sum()),
        chance,
        dict(baselines or {}),
    )


def _bootstrap(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The two ends, from the sum and the count of each photo's values."""
    again = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[again].sum(axis=1) / counts[again].sum(axis=1)
    return np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])


def _wilson(share: float, count: float) -> tuple[float, float]:
    """Wilson's score interval of a share of so many throws."""
    squared = _Z**2 / count
    middle = (share + squared / 2) / (1 + squared)
    beside = _Z / (1 + squared) * np.sqrt(share * (1 - share) / count + squared / count / 4)
    return middle - beside, middle + beside


def _effective_count(groups: Sequence[np.ndarray]) -> float:
    """How many independent throws of a coin would leave the mean of these shares as unsure.

    As for shares in clustered surveys (Korn and Graubard 1998, Survey Methodology 24, 193-201):
    p (1 - p) divided by the variance of the mean, which is estimated from how much photos differ
    and enlarged by Student's t for few photos. It is no less than if all values were independent;
    a part of a throw of a coin, the smaller the more photos there are, is added to them, lest equal
    values count for endlessly many. Where nothing is known of how values of one photo hang
    together, since there is one photo only or all values are at one end of the span, a photo counts
    as one throw.
    """
    values, photos = np.concatenate(groups), len(groups)
    share = values.mean()
    spread = share * (1 - share)
    if photos == 1 or spread < _NOUGHT:
        return photos
    beside = np.array([(group - share).sum() for group in groups])
    between = (beside**2).sum() * photos / (photos - 1) * (_student(photos - 1) / _Z) ** 2
    within = ((values - share) ** 2).sum() + spread / photos
    return float(spread * len(values) ** 2 / max(between, within))


def _student(freedom: int) -> float:
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
