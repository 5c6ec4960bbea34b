"""Decoding: from encoded photos to captions, word by word."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from captioner import vocabulary
from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.samplers import Greedy, Sampler, best, log_softmax
from captioner.vocabulary import END, Vocabulary

ALTERNATIVES = 5  # most probable words that a `Word` keeps
MAX_WORDS = 24  # longer than 99.8 % of Flickr8k's captions
NEVER = [vocabulary.PAD, vocabulary.UNKNOWN, vocabulary.START]


class EncodedPhotos(NamedTuple):
    """What the decoder computes once per photo, for P photos: arrays here, tensors in the model."""

    values: np.ndarray  # (P, L, G), the cells; without attention (P, 1, G), their mean
    keys: np.ndarray  # (P, L, A), compared with the query; without attention (P, 1, 1), unused
    mask: np.ndarray  # (P, L), 0 for a visible cell, a large negative number for a hidden one
    state: np.ndarray  # (P, S), the first recurrent state

    @property
    def use_attention(self) -> bool:
        return self.values.shape[1] == self.mask.shape[1]

    def rows(self, index: np.ndarray | slice) -> "EncodedPhotos":
        """The photos with these numbers, in this order; a number may come several times."""
        return EncodedPhotos(*(part[index] for part in self))


@dataclass(frozen=True)
class Step:
    """One step of a search that keeps K sentences per photo.

    Scores, probabilities and attention belong to the sentences before the step. Each sentence after
    it is the row that it extends and the token that it appends. `...` is (layers, heads) of a
    transformer, else nothing.
    """

    scores: np.ndarray  # (P, K) sums of log-probabilities
    log_probabilities: np.ndarray  # (P, K, V) of the model
    offered: np.ndarray  # (P, K, V) the same, -inf where a forced word or an END excludes a word
    attention: np.ndarray  # (P, K, ..., L)
    self_attention: np.ndarray | None  # (P, K, ..., R) of a transformer
    parents: np.ndarray  # (P, K) rows
    tokens: np.ndarray  # (P, K)


@dataclass(frozen=True)
class Search:
    """The steps by which the sentences of P photos were found."""

    steps: list[Step]
    scores: np.ndarray  # (P, K) at the end
    use_attention: bool = True

    def best(self, photo: int) -> int:
        """Row of the sentence with the best mean score per token, so that length costs nothing."""
        rows = np.arange(self.scores.shape[1])
        lengths, ends = np.zeros(len(rows)), np.zeros(len(rows), int)
        for step in reversed(self.steps):
            ends += step.tokens[photo, rows] == END
            lengths += 1
            rows = step.parents[photo, rows]
        lengths -= np.maximum(ends - 1, 0)  # a finished sentence repeats END, which counts once
        return int(np.argmax(self.scores[photo] / lengths))

    def caption(self, photo: int, words: Vocabulary, geometry: Geometry) -> Caption:
        """The best sentence of a photo, followed back from its last word to its first."""
        row, chosen = self.best(photo), []
        for number, step in reversed(list(enumerate(self.steps))):
            token, row = int(step.tokens[photo, row]), int(step.parents[photo, row])
            if token == END:
                continue
            log_probabilities = step.log_probabilities[photo, row]
            shares = np.exp(log_probabilities)
            likely = best(log_probabilities, min(ALTERNATIVES, len(shares)))
            # Copies: views would keep the maps of all sentences in memory.
            self_attention = step.self_attention
            if self_attention is not None:  # the newest word is the last
                self_attention = self_attention[photo, row][..., -number - 1 :].copy()
            word = Word(
                text=words[token],
                probability=float(shares[token]),
                alternatives=[(words[i], float(shares[i])) for i in likely if shares[i] > 0],
                self_attention=self_attention,
                **word_maps(step.attention[photo, row].copy(), geometry),
            )
            chosen.append(word)
        return Caption(chosen[::-1], geometry, self.use_attention)


# What computes the words of some sentences, step by step: it yields the inputs of a step, and is
# sent the outputs.
Steps = Generator[list[np.ndarray], Sequence[np.ndarray], object]


def run(step: Callable, steps: Steps):
    """What the generator returns, after `step` has computed each of its steps."""
    outputs = None
    while True:
        try:
            inputs = steps.send(outputs)
        except StopIteration as end:
            return end.value
        outputs = step(inputs)


def decode(
    step: Callable,
    photos: EncodedPhotos,
    words: Vocabulary,
    geometry: Geometry,
    sampler: Sampler = Greedy(),
    prefix: Sequence[str] = (),
    max_words: int = MAX_WORDS,
) -> list[Caption]:
    """Captions P photos.

    `<pad>`, `<unk>` and `<start>` are never chosen, and `<end>` never comes first.

    Args:
        step: `[token, state, values, keys, mask]` -> logits (N, V), state, attention (N, ..., L)
            and of a transformer self-attention (N, ..., R), as `model.step_model`.
        photos: P encoded photos.
        words: the vocabulary.
        geometry: of the grid.
        sampler: chooses each word after the prefix.
        prefix: forced first words.
        max_words: the sentence stops after so many.

    Raises:
        UnknownWordError: A word of the prefix is not in the vocabulary.
        ValueError: The prefix is longer than `max_words`.
    """
    found = run(step, search(photos, sampler, words.ids(prefix), max_words))
    return [found.caption(photo, words, geometry) for photo in range(len(photos.state))]


def search(
    photos: EncodedPhotos,
    sampler: Sampler = Greedy(),
    forced: Sequence[int] = (),
    max_words: int = MAX_WORDS,
) -> Steps:
    """The steps of a `Search` for sentences as `decode` finds them.

    Photos whose sentences have all ended leave the batch after a while: from then on END is all
    that is offered to them, and their attention is 0. `forced` are the ids of the prefix.
    """
    if len(forced) > max_words:
        raise ValueError(f"At most {max_words} words can be forced.")
    count, width = len(photos.state), sampler.width
    photos = photos.rows(np.repeat(np.arange(count), width)) if width > 1 else photos
    state, token = photos.state, np.full(count * width, vocabulary.START, np.int32)
    # All sentences of a photo start equal, so only the first of them counts at the first step.
    scores = np.where(np.arange(width) == 0, 0.0, -np.inf) + np.zeros((count, 1))
    finished = np.zeros((count, width), bool)
    draw, steps = sampler.start(), []
    active = np.arange(count)  # photos that the decoder still steps

    def of_all(rows: np.ndarray, fill) -> np.ndarray:
        """Rows of the active photos -> (P, K, ...), with `fill` for the other photos."""
        parts = np.full((count, width, *rows.shape[1:]), fill, rows.dtype)
        parts[active] = rows.reshape(len(active), width, *rows.shape[1:])
        return parts

    for number in range(max_words):
        logits, state, *attended = yield [token, state, *photos[:3]]
        stepped = _log_probabilities(np.array(logits), first=number == 0)
        only_end = np.where(np.arange(stepped.shape[-1]) == END, 0.0, -np.inf)
        log_probabilities = of_all(stepped, only_end)
        attention = [of_all(np.asarray(weights, np.float32), 0) for weights in attended]

        before, offered = scores, log_probabilities
        if number < len(forced):
            offered = np.full_like(log_probabilities, -np.inf)
            offered[..., forced[number]] = log_probabilities[..., forced[number]]
            # Not the sampler's choice: drawing among one word would use up its random numbers.
            parents, tokens, scores = Greedy().choose(offered, scores, None)
            parents = np.broadcast_to(np.arange(width), tokens.shape)
        else:
            if finished.any():
                offered = log_probabilities.copy()
                offered[finished] = only_end
            parents, tokens, scores = sampler.choose(offered, scores, draw)
        maps, words = (*attention, None)[:2]
        steps.append(Step(before, log_probabilities, offered, maps, words, parents, tokens))
        finished = np.take_along_axis(finished, parents, 1) | (tokens == END)
        if finished.all():
            break

        state = np.reshape(state, (len(active), width, -1))
        if width > 1:
            state = np.take_along_axis(state, parents[active][..., None], 1)
        ended = finished[active].all(axis=1)
        if 2 * ended.sum() >= len(active) > 1:
            # The batch is halved, not trimmed, since each new size is compiled: some that have
            # ended stay in it.
            half = np.sort(np.argsort(ended, kind="stable")[: -(-len(active) // 2)])
            rows = (half[:, None] * width + np.arange(width)).reshape(-1)
            photos, state, active = photos.rows(rows), state[half], active[half]
        state = state.reshape(len(active) * width, -1)
        token = tokens[active].reshape(-1).astype(np.int32)

    return Search(steps, scores, photos.use_attention)


def force(photos: EncodedPhotos, sentences: Sequence[Sequence[int]]) -> Steps:
    """The steps that force one sentence word for word on each photo.

    Args:
        photos: N encoded photos.
        sentences: N lists of ids. UNKNOWN may be among them; its probability is 0.

    Returns:
        Steps that return, for T words of the longest sentence, the probability of each word,
        float32 (N, T), and its attention (N, T, ..., L); 0 after the end of a sentence.
    """
    count, lengths = len(sentences), np.array([len(sentence) for sentence in sentences], int)
    length = lengths.max(initial=0)
    present = np.arange(length) < lengths[:, None]  # (N, T)
    tokens = np.full((count, length), vocabulary.PAD, np.int32)
    tokens[present] = [token for sentence in sentences for token in sentence]
    probabilities = np.zeros((count, length), np.float32)
    attention = np.zeros((count, length, photos.mask.shape[1]), np.float32)
    state, token = photos.state, np.full(count, vocabulary.START, np.int32)
    for number in range(length):
        logits, state, weights, *_ = yield [token, state, *photos[:3]]
        token = tokens[:, number]
        log_probabilities = _log_probabilities(np.array(logits), first=number == 0)
        probabilities[:, number] = np.exp(log_probabilities[np.arange(count), token])
        if number == 0:
            attention = np.zeros((count, length, *weights.shape[1:]), np.float32)
        attention[:, number] = weights
    attention[~present] = 0
    return probabilities * present, attention


def word_maps(attention: np.ndarray, geometry: Geometry) -> dict[str, np.ndarray | None]:
    """Attention (..., L) of one word -> the fields `attention` and `heads` of its `Word`."""
    maps = attention.reshape(*attention.shape[:-1], geometry.rows, geometry.cols)
    if maps.ndim == 2:
        return {"attention": maps, "heads": None}
    return {"attention": maps.mean(axis=(0, 1)), "heads": maps}


def _log_probabilities(logits: np.ndarray, first: bool) -> np.ndarray:
    """Over the words that may come; the others have -inf."""
    logits[:, NEVER] = -np.inf
    if first and logits.shape[1] > len(vocabulary.SPECIAL):
        logits[:, END] = -np.inf
    return log_softmax(logits)
