"""Memory of photos -> captions, word by word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from captioner import caption, vocabulary
from captioner.attention_maps import Geometry
from captioner.samplers import Greedy, Sampler

ALTERNATIVES = 5  # best words that are kept beside the chosen one
MAX_WORDS = 24  # longer than 99.8 % of Flickr8k's captions
_NEVER = [vocabulary.PAD, vocabulary.UNKNOWN, vocabulary.START]


class EncodedPhotos(NamedTuple):
    """What the decoder computes once per photo, for P photos: arrays here, tensors in the model."""

    values: np.ndarray  # (P, L, G), the cells; without attention (P, 1, G), their mean
    keys: np.ndarray  # (P, L, A), compared with the query; without attention (P, 1, 1), unused
    mask: np.ndarray  # (P, L), 0 for a visible cell, a large negative number for a hidden one
    state: np.ndarray  # (P, S), the first recurrent state

    @property
    def use_attention(self) -> bool:
        return self.values.shape[1] == self.mask.shape[1]

    def rows(self, index: np.ndarray) -> "EncodedPhotos":
        """The photos with these numbers, in this order; a number may come several times."""
        return EncodedPhotos(*(part[index] for part in self))


@dataclass(frozen=True)
class Step:
    """One word further: what there was to choose from and what was chosen, for K sentences a photo.

    Scores, probabilities and attention are those of the sentences before the choice; each of the
    sentences after it is told by the row that it grew from and the word that it took.
    """

    scores: np.ndarray  # (P, K) sums of log-probabilities
    log_probabilities: np.ndarray  # (P, K, V) the model's own
    offered: np.ndarray  # (P, K, V) less what a forced word or the end of the sentence excludes
    attention: np.ndarray  # (P, K, L)
    parents: np.ndarray  # (P, K)
    tokens: np.ndarray  # (P, K)


@dataclass(frozen=True)
class Search:
    """How the sentences of P photos were found."""

    steps: list[Step]
    scores: np.ndarray  # (P, K) at the end
    use_attention: bool = True

    def best(self, photo: int) -> int:
        """Row of the sentence with the best score per word: long ones are not punished."""
        return int(np.argmax(self.scores[photo] / _lengths(self.steps, photo)))


def decode(
    step: Callable,
    seen: EncodedPhotos,
    words: vocabulary.Vocabulary,
    geometry: Geometry,
    sampler: Sampler = Greedy(),
    prefix: Sequence[str] = (),
    max_words: int = MAX_WORDS,
) -> list[caption.Caption]:
    """Captions of P photos.

    `step([token, state, values, keys, mask])` -> logits (N, V), state, attention (N, L), as
    `model.step_model` does. The words of `prefix` are forced, the others chosen by the sampler.
    `<pad>`, `<unk>` and `<start>` never come, the first word is never `<end>`, and after
    `max_words` the sentence stops.

    Raises UnknownWordError for a prefix outside the vocabulary, ValueError if it is too long.
    """
    found = search(step, seen, sampler, words.ids(prefix), max_words)
    return [found_caption(found, photo, words, geometry) for photo in range(len(seen.state))]


def search(
    step: Callable,
    seen: EncodedPhotos,
    sampler: Sampler = Greedy(),
    forced: Sequence[int] = (),
    max_words: int = MAX_WORDS,
) -> Search:
    """Looks for sentences as `decode` does, and keeps what was considered on the way.

    Photos whose sentences have all ended are soon not stepped any more; END is all that they
    could go on with, and their attention is 0.
    """
    if len(forced) > max_words:
        raise ValueError(f"At most {max_words} words can be forced.")
    photos, width = len(seen.state), sampler.width
    seen = seen.rows(np.repeat(np.arange(photos), width)) if width > 1 else seen
    state, token = seen.state, np.full(photos * width, vocabulary.START, np.int32)
    # All sentences of a photo begin alike: only the first of them counts at the first choice.
    scores = np.where(np.arange(width) == 0, 0.0, -np.inf) + np.zeros((photos, 1))
    finished = np.zeros((photos, width), bool)
    draw, steps = sampler.start(), []
    going = np.arange(photos)  # those that the decoder still steps

    for number in range(max_words):
        logits, state, weights = step([token, state, seen.values, seen.keys, seen.mask])
        going_on = _log_probabilities(np.array(logits), first=number == 0)
        log_probabilities = np.full((photos, width, going_on.shape[-1]), -np.inf, going_on.dtype)
        log_probabilities[..., vocabulary.END] = 0.0
        log_probabilities[going] = going_on.reshape(len(going), width, -1)
        attention = np.zeros((photos, width, np.shape(weights)[-1]), np.float32)
        attention[going] = np.reshape(weights, (len(going), width, -1))
        offered = log_probabilities
        if number < len(forced):
            offered = np.full_like(log_probabilities, -np.inf)
            offered[..., forced[number]] = log_probabilities[..., forced[number]]
        elif finished.any():
            offered = log_probabilities.copy()
            offered[finished] = -np.inf
            offered[finished, vocabulary.END] = 0.0
        before = scores
        if number < len(forced):  # a choice of one: drawing for it would spend the seed
            parents, tokens, scores = Greedy().choose(offered, scores, None)
            parents = np.broadcast_to(np.arange(width), tokens.shape)
        else:
            parents, tokens, scores = sampler.choose(offered, scores, draw)
        steps.append(Step(before, log_probabilities, offered, attention, parents, tokens))
        finished = np.take_along_axis(finished, parents, 1) | (tokens == vocabulary.END)
        if finished.all():
            break
        state = np.reshape(state, (len(going), width, -1))
        if width > 1:
            state = np.take_along_axis(state, parents[going][..., None], 1)
        ended = finished[going].all(axis=1)
        if 2 * ended.sum() >= len(going) > 1:
            # By halves, since a graph is made for every size; some go with them that have ended.
            kept = np.sort(np.argsort(ended, kind="stable")[: -(-len(going) // 2)])
            seen, state = seen.rows(_rows(kept, width)), state[kept]
            going = going[kept]
        state = state.reshape(len(going) * width, -1)
        token = tokens[going].reshape(-1).astype(np.int32)

    return Search(steps, scores, seen.use_attention)


def _rows(photos: np.ndarray, width: int) -> np.ndarray:
    """Where the sentences of some photos lie, `width` a photo."""
    return (photos[:, None] * width + np.arange(width)).reshape(-1)


def forced(
    step: Callable, seen: EncodedPhotos, said: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Says N given sentences word for word, the n-th of the photo in row n of `seen`.

    `said` are their ids. Returns, for T words of the longest one, how probable each word was,
    float32 (N, T), and its attention (N, T, L); 0 where a sentence has ended. UNKNOWN can be
    forced, too; its probability is 0, since it never comes by itself.
    """
    count, lengths = len(said), np.array([len(sentence) for sentence in said], int)
    length = lengths.max(initial=0)
    going = np.arange(length) < lengths[:, None]  # (N, T)
    tokens = np.full((count, length), vocabulary.PAD, np.int32)
    tokens[going] = [token for sentence in said for token in sentence]
    probable = np.zeros((count, length), np.float32)
    attention = np.zeros((count, length, seen.mask.shape[1]), np.float32)
    state, token = seen.state, np.full(count, vocabulary.START, np.int32)
    for number in range(length):
        logits, state, weights = step([token, state, seen.values, seen.keys, seen.mask])
        token = tokens[:, number]
        log_probabilities = _log_probabilities(np.array(logits), first=number == 0)
        probable[:, number] = np.exp(log_probabilities[np.arange(count), token])
        attention[:, number] = np.reshape(weights, (count, -1))
    return probable * going, attention * going[..., None]


def probabilities(step: Callable, seen: EncodedPhotos, said: Sequence[int]) -> np.ndarray:
    """How probable each word of one sentence is to P photos when it is said in this order.

    `said` are T ids. Returns float32 (P, T).
    """
    return forced(step, seen, [said] * len(seen.state))[0]


def _log_probabilities(logits: np.ndarray, first: bool) -> np.ndarray:
    """Over the words that may come; the others have -inf."""
    logits[:, _NEVER] = -np.inf
    if first:
        logits[:, vocabulary.END] = -np.inf
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def found_caption(
    found: Search, photo: int, words: vocabulary.Vocabulary, geometry: Geometry
) -> caption.Caption:
    """Follows the best sentence of a photo back to its first word."""
    row = found.best(photo)
    chosen = []
    for step in reversed(found.steps):
        token, parent = int(step.tokens[photo, row]), int(step.parents[photo, row])
        if token != vocabulary.END:
            chosen.append(_word(step, photo, parent, token, words, geometry))
        row = parent
    return caption.Caption(chosen[::-1], geometry, found.use_attention)


def _lengths(steps, photo) -> np.ndarray:
    """Tokens of every kept sentence, its END counted once."""
    rows = np.arange(steps[-1].tokens.shape[1])
    lengths = np.zeros(len(rows))
    ends = np.zeros(len(rows), int)
    for step in reversed(steps):
        is_end = step.tokens[photo, rows] == vocabulary.END
        ends += is_end
        lengths += 1
        rows = step.parents[photo, rows]
    return lengths - np.maximum(ends - 1, 0)


def _word(step, photo, parent, token, words, geometry) -> caption.Word:
    log_probabilities = step.log_probabilities[photo, parent]
    probabilities = np.exp(log_probabilities)
    best = np.argsort(-log_probabilities, kind="stable")[:ALTERNATIVES]
    return caption.Word(
        text=words[token],
        probability=float(probabilities[token]),
        attention=step.attention[photo, parent].reshape(geometry.rows, geometry.cols),
        alternatives=[(words[i], float(probabilities[i])) for i in best if probabilities[i] > 0],
    )
