"""Memory of photos -> captions, word by word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from captioner import caption, vocabulary
from captioner.attention import Geometry
from captioner.samplers import Greedy, Sampler

ALTERNATIVES = 5  # best words that are kept beside the chosen one
MAX_WORDS = 24  # longer than 99.8 % of Flickr8k's captions
_NEVER = [vocabulary.PAD, vocabulary.UNKNOWN, vocabulary.START]


@dataclass(frozen=True)
class Seen:
    """What the decoder remembers of P photos, as `model.looking` returns it."""

    values: np.ndarray  # (P, L, grid_units)
    keys: np.ndarray  # (P, L, A)
    mask: np.ndarray  # (P, L)
    state: np.ndarray  # (P, U)

    def rows(self, index) -> "Seen":
        return Seen(self.values[index], self.keys[index], self.mask[index], self.state[index])


@dataclass
class _Trace:
    """What one step said, for every kept sentence."""

    parents: np.ndarray  # (B, K) rows of the step before
    tokens: np.ndarray  # (B, K)
    log_probabilities: np.ndarray  # (B, K, V) before the choice, of the sentence grown from
    attention: np.ndarray  # (B, K, L)


def decode(
    step: Callable,
    seen: Seen,
    words: vocabulary.Vocabulary,
    geometry: Geometry,
    sampler: Sampler = Greedy(),
    prefix: Sequence[str] = (),
    max_words: int = MAX_WORDS,
) -> list[caption.Caption]:
    """Captions of P photos.

    `step([token, state, values, keys, mask])` -> logits (N, V), state, attention (N, L), as
    `model.stepping` does. The words of `prefix` are forced, the others chosen by the sampler.
    `<pad>`, `<unk>` and `<start>` never come, the first word is never `<end>`, and after
    `max_words` the sentence stops.

    Raises UnknownWordError for a prefix outside the vocabulary, ValueError if it is too long.
    """
    forced = words.ids(prefix)
    if len(forced) > max_words:
        raise ValueError(f"At most {max_words} words can be forced.")
    photos, width = len(seen.state), sampler.width
    rows = np.repeat(np.arange(photos), width)
    seen = seen.rows(rows) if width > 1 else seen
    state, token = seen.state, np.full(len(rows), vocabulary.START, np.int32)
    # All sentences of a photo begin alike: only the first of them counts at the first choice.
    scores = np.where(np.arange(width) == 0, 0.0, -np.inf) + np.zeros((photos, 1))
    finished = np.zeros((photos, width), bool)
    draw, traces = sampler.start(), []

    for number in range(max_words):
        logits, state, weights = step([token, state, seen.values, seen.keys, seen.mask])
        log_probabilities = _log_probabilities(np.array(logits), first=number == 0)
        log_probabilities = log_probabilities.reshape(photos, width, -1)
        weights = np.asarray(weights).reshape(photos, width, -1)
        offered = log_probabilities
        if number < len(forced):
            offered = np.full_like(log_probabilities, -np.inf)
            offered[..., forced[number]] = log_probabilities[..., forced[number]]
        elif finished.any():
            offered = log_probabilities.copy()
            offered[finished] = -np.inf
            offered[finished, vocabulary.END] = 0.0
        if number < len(forced):  # a choice of one: drawing for it would spend the seed
            parents, tokens, scores = Greedy().choose(offered, scores, None)
            parents = np.broadcast_to(np.arange(width), tokens.shape)
        else:
            parents, tokens, scores = sampler.choose(offered, scores, draw)
        traces.append(_Trace(parents, tokens, log_probabilities, weights))
        finished = np.take_along_axis(finished, parents, 1) | (tokens == vocabulary.END)
        if finished.all():
            break
        state = np.asarray(state)
        if width > 1:
            state = state.reshape(photos, width, -1)
            state = np.take_along_axis(state, parents[..., None], 1).reshape(len(rows), -1)
        token = tokens.reshape(-1).astype(np.int32)

    return [_assemble(traces, photo, scores[photo], words, geometry) for photo in range(photos)]


def _log_probabilities(logits: np.ndarray, first: bool) -> np.ndarray:
    """Over the words that may come; the others have -inf."""
    logits[:, _NEVER] = -np.inf
    if first:
        logits[:, vocabulary.END] = -np.inf
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def _assemble(traces, photo, scores, words, geometry) -> caption.Caption:
    """Follows the best sentence of a photo back to its first word."""
    lengths = _lengths(traces, photo)
    branch = int(np.argmax(scores / lengths))  # per word: long sentences are not punished
    chosen = []
    for trace in reversed(traces):
        token, parent = int(trace.tokens[photo, branch]), int(trace.parents[photo, branch])
        if token != vocabulary.END:
            chosen.append(_word(trace, photo, parent, token, words, geometry))
        branch = parent
    return caption.Caption(chosen[::-1], geometry)


def _lengths(traces, photo) -> np.ndarray:
    """Tokens of every kept sentence, its END counted once."""
    branches = np.arange(traces[-1].tokens.shape[1])
    lengths = np.zeros(len(branches))
    ends = np.zeros(len(branches), int)
    for trace in reversed(traces):
        is_end = trace.tokens[photo, branches] == vocabulary.END
        ends += is_end
        lengths += 1
        branches = trace.parents[photo, branches]
    return lengths - np.maximum(ends - 1, 0)


def _word(trace, photo, parent, token, words, geometry) -> caption.Word:
    log_probabilities = trace.log_probabilities[photo, parent]
    probabilities = np.exp(log_probabilities)
    best = np.argsort(-log_probabilities, kind="stable")[:ALTERNATIVES]
    return caption.Word(
        text=words[token],
        probability=float(probabilities[token]),
        attention=trace.attention[photo, parent].reshape(geometry.rows, geometry.cols),
        alternatives=[(words[i], float(probabilities[i])) for i in best if probabilities[i] > 0],
    )
