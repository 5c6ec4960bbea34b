"""How the next word is chosen. Each strategy only chooses; `decoding` owns the loop.

The default settings are the defaults of `Sampling` and `Beam`; whoever offers settings looks them
up there or in DEFAULTS.

A sampler keeps `width` sentences per photo. `choose` gets log-probabilities (B, K, V), the
scores so far (B, K), and returns for each of the K sentences that go on: the sentence it grew
from (B, K), its new token (B, K) and its score (B, K).
"""

from dataclasses import asdict, dataclass

import numpy as np


def _log_softmax(x: np.ndarray) -> np.ndarray:
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def drawn(log_probabilities: np.ndarray, point: float | np.ndarray) -> np.ndarray:
    """The words (...) at which the cumulated probabilities (..., V) pass `point`, which is drawn
    from 0 to 1: one for all, or (..., 1)."""
    cumulative = np.exp(log_probabilities).cumsum(axis=-1)
    # Rounding must not let the last, forbidden word be drawn: argmax finds the first above.
    return (cumulative > point * cumulative[..., -1:]).argmax(axis=-1)


@dataclass(frozen=True)
class Greedy:
    """The most probable word, always."""

    width = 1

    def start(self) -> None:
        """Greedy decoding draws nothing."""

    def choose(self, log_probabilities, scores, draw):
        tokens = log_probabilities.argmax(axis=-1)  # (B, 1)
        gained = np.take_along_axis(log_probabilities, tokens[..., None], axis=-1)[..., 0]
        return np.zeros_like(tokens), tokens, scores + gained


@dataclass(frozen=True)
class Sampling:
    """A word drawn by its probability.

    By default unlikely words are drawn less often than the model gives them, or not at all. Each of
    them is rare, but there are thousands: together they come at every few words, and the sentence
    breaks. Sampling(temperature=1.0, top_p=1.0) draws from the model's own distribution.

    temperature: above 0, finite; below 1 the likely words gain, above 1 the unlikely ones.
    top_k: only the k most probable words; 0 for all (Fan et al. 2018, arXiv:1805.04833).
    top_p: only the fewest words that hold this much probability, after temperature; above 0, at
    most 1 (nucleus sampling, Holtzman et al. 2019, arXiv:1904.09751).
    seed: the same seed draws the same sentence; None draws another each time.

    Raises ValueError for settings out of range.
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
        """What `choose` draws from. All photos of a batch share each draw, so a photo's sentence
        does not depend on what it is batched with."""
        return np.random.default_rng(self.seed)

    def choose(self, log_probabilities, scores, draw):
        kept = self.kept(log_probabilities[:, 0])  # (B, V)
        tokens = drawn(kept, draw.random())[:, None]  # (B, 1)
        gained = np.take_along_axis(log_probabilities[:, 0], tokens, axis=-1)
        return np.zeros_like(tokens), tokens, scores + gained

    def kept(self, log_probabilities: np.ndarray) -> np.ndarray:
        """(B, V) -> log-probabilities (B, V) after temperature, top-k and top-p."""
        scaled = log_probabilities.astype(np.float64) / self.temperature
        order = np.argsort(-scaled, axis=-1, kind="stable")
        ranks = np.argsort(order, axis=-1, kind="stable")
        if 0 < self.top_k < scaled.shape[-1]:
            scaled = np.where(ranks < self.top_k, scaled, -np.inf)
        scaled = _log_softmax(scaled)
        if self.top_p < 1:
            ordered = np.take_along_axis(np.exp(scaled), order, axis=-1)
            before = ordered.cumsum(axis=-1) - ordered  # the first word always stays
            keep = np.take_along_axis(before < self.top_p, ranks, axis=-1)
            scaled = _log_softmax(np.where(keep, scaled, -np.inf))
        return scaled


@dataclass(frozen=True)
class Beam:
    """The most probable sentence among those that stay within the best `beams` at every word.

    beams: how many sentences are kept. Raises ValueError if it is not positive.
    """

    beams: int = 3

    def __post_init__(self):
        if self.beams < 1:
            raise ValueError(f"beams must be 1 or more, not {self.beams}")

    @property
    def width(self) -> int:
        return self.beams

    def start(self) -> None:
        """Beam search draws nothing."""

    def choose(self, log_probabilities, scores, draw):
        batch, width, words = log_probabilities.shape
        totals = (scores[..., None] + log_probabilities).reshape(batch, width * words)
        best = np.argsort(-totals, axis=-1, kind="stable")[:, :width]  # (B, K)
        return best // words, best % words, np.take_along_axis(totals, best, axis=-1)


Sampler = Greedy | Sampling | Beam


NAMES = ("greedy", "sampling", "beam")

# What `from_settings` takes, where nothing else is asked for.
DEFAULTS = {"sampler": "greedy", **asdict(Sampling()), **asdict(Beam())}

# Named choices, from nearly greedy to surprising; some sentences of "wild" are still readable.
SAMPLING_PRESETS = {
    "careful": Sampling(temperature=0.4, top_p=0.8),
    "varied": Sampling(),
    "wild": Sampling(temperature=0.9, top_p=0.95),
}


def from_settings(settings) -> Sampler:
    """The sampler for anything that has `sampler`, one of NAMES, and the settings of all three, by
    the names of DEFAULTS. Raises ValueError if they are out of range."""
    if settings.sampler == "sampling":
        return Sampling(settings.temperature, settings.top_k, settings.top_p, settings.seed)
    return Beam(settings.beams) if settings.sampler == "beam" else Greedy()
