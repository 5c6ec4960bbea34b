"""Batches of what the decoder itself says, each sentence weighed by how good it was.

Self-critical sequence training (Rennie et al. 2017, arXiv:1612.00563): what it says by chance is
made likelier if it scores better than usual, and unlikelier if worse. What is usual for a photo is
the mean of its other sentences (Luo 2020, arXiv:2003.09971). A caption that someone wrote goes
with them, so that it does not forget how likely the words of others are (Paulus et al. 2017,
arXiv:1705.04304).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from captioner import decoding, vocabulary
from captioner.data.grounding import Grounding
from captioner.data.photo_rows import PhotoRows
from captioner.decoder import model
from captioner.decoder.inference import CompiledDecoder
from captioner.decoding import MAX_WORDS
from captioner.evaluation import hallucination, metrics
from captioner.samplers import drawn
from captioner.training.batches import STEP, mirrored
from captioner.training.supervision import AttentionTargets
from captioner.vocabulary import END, PAD, START, Vocabulary

SENTENCES = 5  # of each photo in a batch; and one that someone wrote
_END = vocabulary.SPECIAL[END]  # scored as a word, or sentences would stop anywhere


@dataclass(frozen=True)
class _ByChance:
    """A sampler whose sentences are drawn each for itself, those of one photo, too."""

    seed: Sequence[int]

    width = 1

    def start(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def choose(self, log_probabilities, scores, draw):
        point = draw.random((*log_probabilities.shape[:-1], 1))
        tokens = drawn(log_probabilities, point)  # (B, 1)
        return np.zeros_like(tokens), tokens, scores


class OwnCaptions:
    """Batches as those of `CaptionBatches`, but of sentences drawn from a decoder as it is when a
    batch is asked for.

    `weights` (N, T) of a sentence are how much its CIDEr-D is above the mean of the photo's other
    sentences; they may be negative. One caption that people wrote of every photo follows, of
    weight `written_weight`, unless that is 0.
    """

    def __init__(
        self,
        captions: dict[Path, Sequence[str]],
        words: Vocabulary,
        caches: Sequence[PhotoRows],
        decoder: model.Decoder,
        batch_size: int = 160,
        seed: int = 0,
        written_weight: float = 0.0,
        where: AttentionTargets | None = None,
        data_sets: Sequence[Collection[Path]] = (),
        groundings: Sequence[Grounding] = (),
        hallucination_penalty: float = 0.0,
    ):
        """`decoder` is what is drawn from at first, then the one that `follow` is given.
        `batch_size` counts its own sentences. `where` attention should lie, if that is taught, at
        the nouns of its own sentences as well. `data_sets` are the photos of each, if there are
        several: CIDEr weighs words by how rare they are, and that is another weight in each.
        `hallucination_penalty` is taken off a sentence's CIDEr-D for every noun in it that names
        nothing in its photo, as CHAIR counts them; `groundings` know what there is.

        Raises ValueError if no caption's photo is in the cache, or the batch is too small.
        """
        if batch_size < SENTENCES:
            raise ValueError(f"batch_size must be {SENTENCES} or more to learn from own sentences")
        self.photos = [photo for photo in captions if captions[photo] and photo in caches[0]]
        if not self.photos:
            raise ValueError("None of the captions' photos has features.")
        self.words, self.caches, self.seed = words, list(caches), seed
        self.each = batch_size // SENTENCES  # photos in a batch
        self.written_weight, self._where = written_weight, where
        self._mirrored = mirrored(words)
        self._captions = captions
        self._written = {p: [[*metrics.tokens(c), _END] for c in captions[p]] for p in self.photos}
        self._cider: dict[Path, metrics.Cider] = {}
        for photos in data_sets or [self.photos]:
            there = [photo for photo in photos if photo in self._written]
            scorer = metrics.Cider([self._written[photo] for photo in there])
            self._cider |= dict.fromkeys(there, scorer)
        self._present = {
            photo: (grounding, hallucination.present(photo, captions[photo], grounding))
            for grounding in groundings
            for photo in grounding.boxes
            if hallucination_penalty and photo in self._written
        }
        self._penalty = hallucination_penalty
        self._decoder = self._leader = decoder
        self._compiled = CompiledDecoder(decoder)

    def follow(self, leader: model.Decoder) -> None:
        """From now on sentences are drawn with the weights of `leader`."""
        self._leader = leader

    def count(self, number: int) -> int:
        """Batches in an epoch: every photo comes once."""
        return -(-len(self.photos) // self.each)

    def epoch(self, number: int, start: int = 0) -> Iterator[dict[str, np.ndarray]]:
        """The batches of an epoch from the `start`-th on; the last one is filled up with photos
        from the beginning."""
        order = np.random.default_rng((self.seed, number)).permutation(len(self.photos))
        order = np.resize(order, self.count(number) * self.each)
        for index in range(start, self.count(number)):
            chosen = order[index * self.each : (index + 1) * self.each]
            yield self._batch([self.photos[i] for i in chosen], (self.seed, number, index))

    def _batch(self, photos: Sequence[Path], seed: tuple[int, ...]) -> dict[str, np.ndarray]:
        views = np.random.default_rng(seed).integers(len(self.caches), size=len(photos))
        sources = [self.caches[view] for view in views]
        pairs = zip(sources, photos, strict=True)
        grid = np.stack([source.array[source.row(photo)] for source, photo in pairs])
        photo = np.repeat(np.arange(len(photos), dtype=np.int32), SENTENCES)
        said = self._said(grid, photo, seed)
        own = said.reshape(len(photos), SENTENCES, -1)
        turned = np.array([source.view.mirrored for source in sources])
        each = zip(own, photos, turned, strict=True)
        rewards = np.array([self._rewards(*one) for one in each])
        others = (rewards.sum(axis=1, keepdims=True) - rewards) / (SENTENCES - 1)
        weight = (rewards - others).reshape(-1)
        if self.written_weight:
            said = np.concatenate([said, self._by_others(photos, turned, seed)])
            photo = np.concatenate([photo, np.arange(len(photos), dtype=np.int32)])
            weight = np.concatenate([weight, np.full(len(photos), self.written_weight)])
        length = -(-int((said != PAD).sum(axis=1).max()) // STEP) * STEP  # few, so few graphs
        targets = said[:, :length]
        tokens = np.full_like(targets, PAD)
        tokens[:, 0], tokens[:, 1:] = START, np.where(targets == END, PAD, targets)[:, :-1]
        weights = np.where(targets == PAD, 0.0, weight[:, None]).astype(np.float32)
        batch = dict(grid=grid, photo=photo, tokens=tokens, targets=targets, weights=weights)
        if self._where:
            shown = [source.view for source in sources]
            each = zip(targets, photo, strict=True)
            batch["inside"] = np.stack([self._where.of(photos[i], t, shown[i]) for t, i in each])
        return batch

    def _said(self, grid: np.ndarray, photo: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
        """Sentences of the photos: ids with END, int32 (N, MAX_WORDS)."""
        if self._leader is not self._decoder:
            self._decoder.set_weights(self._leader.get_weights())
        seen = self._compiled.encode(grid).rows(photo)
        found = decoding.search(self._compiled.step, seen, _ByChance(seed))
        tokens = np.concatenate([step.tokens for step in found.steps], axis=1).astype(np.int32)
        over = (tokens == END).cumsum(axis=1) - (tokens == END)  # ENDs before each word
        tokens = np.where(over > 0, PAD, tokens)
        spare = MAX_WORDS - tokens.shape[1]
        return np.pad(tokens, ((0, 0), (0, spare)), constant_values=PAD)

    def _by_others(self, photos: Sequence[Path], turned: np.ndarray, seed) -> np.ndarray:
        """One caption of each photo that someone wrote, drawn by chance, as `_said` gives them."""
        draw = np.random.default_rng((*seed, 1))
        rows = np.full((len(photos), MAX_WORDS), PAD, np.int32)
        for row, photo in zip(rows, photos, strict=True):
            texts = self._captions[photo]
            ids = self.words.encode(texts[draw.integers(len(texts))])[:MAX_WORDS]
            row[: len(ids)] = ids
        return np.where(turned[:, None], self._mirrored[rows], rows)

    def _rewards(self, rows: np.ndarray, photo: Path, turned: bool) -> list[float]:
        """CIDEr-D of sentences (N, T) of one photo, seen mirrored or not, less the penalty."""
        candidates, penalties = [], []
        for row in self._mirrored[rows] if turned else rows:
            said = [self.words[number] for number in row if number not in (PAD, END)]
            candidates.append(metrics.tokens(" ".join(said)) + [_END] * (END in row))
            penalties.append(self._penalty * self._absent(photo, " ".join(said)))
        scores = self._cider[photo](candidates, self._written[photo])
        return [score - penalty for score, penalty in zip(scores, penalties, strict=True)]

    def _absent(self, photo: Path, sentence: str) -> int:
        """How many nouns of a sentence name nothing in the photo, where that is known."""
        if photo not in self._present:
            return 0
        grounding, there = self._present[photo]
        return sum(noun not in there for noun in hallucination.named(sentence, grounding))
