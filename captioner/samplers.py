"""Samplers: how the next word is chosen. `decoding` owns the loop.

The defaults of `Sampling` and `Beam` are the default settings everywhere; see DEFAULTS.

A sampler keeps K = `width` sentences per photo. `start` returns what `choose` draws from.
`choose(log_probabilities (B, K, V), scores (B, K), draw)` returns, for each of the K sentences
that continue, the row that it extends (B, K), its new token (B, K) and its score (B, K).
"""

from dataclasses import asdict, dataclass

import numpy as np

_SORTED_FIRST = 64  # words


def log_softmax(x: np.ndarray) -> np.ndarray:
    """Normalises logits (..., V), of which some may be -inf, to log-probabilities."""
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def best(values: np.ndarray, count: int) -> np.ndarray:
    """Indices of the `count` largest of some values (V,), the largest first; of equal ones the
    first. Sorting all values takes ten times as long."""
    threshold = np.partition(values, -count)[-count]
    found = np.flatnonzero(values >= threshold)
    return found[np.argsort(-values[found], kind="stable")][:count]


def _only(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The values with these indices, and -inf elsewhere."""
    filtered = np.full_like(values, -np.inf)
    filtered[chosen] = values[chosen]
    return filtered


def drawn(log_probabilities: np.ndarray, point: float | np.ndarray) -> np.ndarray:
    """Draws words by inverting their cumulative distribution.

    Args:
        log_probabilities: (..., V).
        point: uniform between 0 and 1, one for all or (..., 1).

    Returns:
        Ids (...).
    """
    cumulative = np.exp(log_probabilities).cumsum(axis=-1)
    # argmax finds the first word above the point, so rounding cannot draw a forbidden last word.
    return (cumulative > point * cumulative[..., -1:]).argmax(axis=-1)


@dataclass(frozen=True)
class Greedy:
    """Always takes the most probable word."""

    width = 1

    def start(self) -> None:
        """Greedy decoding needs no random numbers."""

    def choose(self, log_probabilities, scores, draw):
        tokens = log_probabilities.argmax(axis=-1)  # (B, 1)
        gained = np.take_along_axis(log_probabilities, tokens[..., None], axis=-1)[..., 0]
        return np.zeros_like(tokens), tokens, scores + gained


@dataclass(frozen=True)
class Sampling:
    """Draws each word from the model's distribution, reshaped by the settings.

    The defaults suppress unlikely words: each of them is rare, but there are thousands, so one of
    them would come every few words and break the sentence. Sampling(temperature=1.0, top_p=1.0)
    draws from the model's own distribution.

    Args:
        temperature: above 0 and finite; below 1 favours likely words, above 1 unlikely ones.
        top_k: only the k most probable words; 0 for all (Fan et al. 2018, arXiv:1805.04833).
        top_p: only the fewest words whose probabilities sum to this, after temperature; above 0,
            at most 1 (nucleus sampling, Holtzman et al. 2019, arXiv:1904.09751).
        seed: the same seed draws the same sentence; None draws another each time.

    Raises:
        ValueError: A setting is out of range.
    """

    temperature: float = 0.7
    top_k: int = 0
    top_p: float = 0.9
    seed: int | None = None

    width = 1

    def __post_init__(self):
        if not 0 < self.temperature < np.inf:
            raise ValueError(f"temperature must be above 0 and finite, not {self.temperature}")
        if self.top_k < 0:
            raise ValueError(f"top_k must be 0 (all words) or more, not {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must be above 0 and at most 1, not {self.top_p}")
        if self.seed is not None and self.seed < 0:
            raise ValueError(f"seed must be 0 or more, not {self.seed}")

    def start(self) -> np.random.Generator:
        """Random numbers. All photos of a batch share each draw, so the sentence of a photo does
        not depend on the other photos of its batch."""
        return np.random.default_rng(self.seed)

    def choose(self, log_probabilities, scores, draw):
        filtered = self.filtered(log_probabilities[:, 0])  # (B, V)
        tokens = drawn(filtered, draw.random())[:, None]  # (B, 1)
        gained = np.take_along_axis(log_probabilities[:, 0], tokens, axis=-1)
        return np.zeros_like(tokens), tokens, scores + gained

    def filtered(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Log-probabilities (B, V) -> those after temperature, top-k and top-p, (B, V)."""
        return np.stack([self._filtered(row) for row in log_probabilities.astype(np.float64)])

    def _filtered(self, log_probabilities: np.ndarray) -> np.ndarray:
        """The same of one row (V,)."""
        scaled = log_probabilities / self.temperature
        allowed = scaled
        if 0 < self.top_k < len(scaled):
            allowed = _only(scaled, best(scaled, self.top_k))
        allowed = log_softmax(allowed)
        if self.top_p < 1:
            probabilities = np.exp(allowed)
            # A few words nearly always have this share: sorting all of them is slow.
            for count in (min(_SORTED_FIRST, len(scaled)), len(scaled)):
                order = best(scaled, count)
                sums = probabilities[order].cumsum()
                if sums[-1] > self.top_p + 1e-6:
                    break
            before = sums - probabilities[order]  # 0 for the first word, which always stays
            allowed = log_softmax(_only(allowed, order[before < self.top_p]))
        return allowed


@dataclass(frozen=True)
class Beam:
    """Beam search: keeps the `beams` most probable sentences at every word.

    Raises:
        ValueError: `beams` is not positive.
    """

    beams: int = 3

    def __post_init__(self):
        if self.beams < 1:
            raise ValueError(f"beams must be 1 or more, not {self.beams}")

    @property
    def width(self) -> int:
        return self.beams

    def start(self) -> None:
        """Beam search needs no random numbers."""

    def choose(self, log_probabilities, scores, draw):
        batch, width, words = log_probabilities.shape
        totals = (scores[..., None] + log_probabilities).reshape(batch, width * words)
        found = np.stack([best(row, width) for row in totals])  # (B, K)
        return found // words, found % words, np.take_along_axis(totals, found, axis=-1)


Sampler = Greedy | Sampling | Beam
NAMES = ("greedy", "sampling", "beam")

# The settings of `from_settings`, by name, with their defaults.
DEFAULTS = {"sampler": "greedy", **asdict(Sampling()), **asdict(Beam())}

# Named choices, from nearly greedy to surprising; some sentences of "wild" are still readable.
SAMPLING_PRESETS = {
    "careful": Sampling(temperature=0.4, top_p=0.8),
    "varied": Sampling(),
    "wild": Sampling(temperature=0.9, top_p=0.95),
}


def from_settings(settings) -> Sampler:
    """Makes a sampler.

    Args:
        settings: any object with the attributes named in DEFAULTS; `sampler` is one of NAMES.

    Raises:
        ValueError: A setting is out of range.
    """
    if settings.sampler == "sampling":
        return Sampling(settings.temperature, settings.top_k, settings.top_p, settings.seed)
    return Beam(settings.beams) if settings.sampler == "beam" else Greedy()
