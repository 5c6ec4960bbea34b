"""Batches of captions sampled from the decoder, weighted by their reward.

Self-critical sequence training (Rennie et al. 2017, arXiv:1612.00563): a caption with a better
CIDEr-D than the baseline becomes more likely, a worse one less likely. The baseline is the mean of
the photo's other samples (Luo 2020, arXiv:2003.09971). References are trained on as well, so that
the language stays natural (Paulus et al. 2017, arXiv:1705.04304).
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import keras
import numpy as np

from captioner.data.cache.photo_rows import PhotoRows
from captioner.data.grounding import Grounding
from captioner.decoder import model
from captioner.decoding import MAX_WORDS
from captioner.evaluation import hallucination, metrics
from captioner.training.input.batches import STEP, mirrored, previous_words
from captioner.training.input.supervision import AttentionTargets
from captioner.training.sampling import CaptionSampler
from captioner.vocabulary import END, PAD, SPECIAL, Vocabulary

SENTENCES = 5  # sampled for each photo of a batch
_END = SPECIAL[END]  # scored as a word, or sentences would stop anywhere


class SampledCaptions:
    """Batches like those of `CaptionBatches`, of captions sampled when a batch is requested.

    `weights` (N, T) are the advantage of a caption: its reward minus the mean reward of the photo's
    other captions, so they may be negative. If `written_weight` is above 0, a reference of each
    photo follows with this weight.
    """

    def __init__(
        self,
        captions: dict[Path, Sequence[str]],
        vocabulary: Vocabulary,
        caches: Sequence[PhotoRows],
        decoder: model.Decoder,
        batch_size: int = 160,
        seed: int = 0,
        written_weight: float = 0.0,
        attention_targets: AttentionTargets | None = None,
        data_sets: Sequence[Collection[Path]] = (),
        groundings: Sequence[Grounding] = (),
        hallucination_penalty: float = 0.0,
        balance_data_sets: bool = False,
        network: keras.Model | None = None,
    ):
        """Args:
        captions: references of each photo.
        vocabulary: to encode them.
        caches: features of the photos, one cache for each view of them; or pixels, with a network.
        decoder: samples, with its own weights until `follow` is called.
        batch_size: sampled captions of a batch.
        seed: of all random choices.
        written_weight: of references.
        attention_targets: for supervised attention, also of sampled nouns.
        data_sets: photos of each data set, if several; CIDEr weights words by how rare they are
            in one data set.
        groundings: the objects in the photos.
        hallucination_penalty: is subtracted from the reward for every noun that names no object
            in the photo, as CHAIR counts them.
        balance_data_sets: photos of small data sets come several times in an epoch, so that all
            data sets have about as many.
        network: of a backbone that is trained, too.

        Raises:
            ValueError: no photo is in the cache, or the batch is too small.
        """
        if batch_size < SENTENCES:
            raise ValueError(f"batch_size must be {SENTENCES} or more for self_critical.")
        self.photos = [photo for photo in captions if captions[photo] and photo in caches[0]]
        if not self.photos:
            raise ValueError("None of the captions' photos has features.")
        self.vocabulary, self.caches, self.seed = vocabulary, list(caches), seed
        self.photos_per_batch = batch_size // SENTENCES
        self.written_weight, self._attention_targets = written_weight, attention_targets
        self._mirrored = mirrored(vocabulary)
        self._captions = captions
        self._references = {
            photo: [[*metrics.tokens(text), _END] for text in captions[photo]]
            for photo in self.photos
        }
        self._cider: dict[Path, metrics.Cider] = {}
        for photos in data_sets or [self.photos]:
            known = [photo for photo in photos if photo in self._references]
            scorer = metrics.Cider([self._references[photo] for photo in known])
            self._cider |= dict.fromkeys(known, scorer)
        if balance_data_sets:
            largest = max(map(len, data_sets), default=0)
            repeats = {photo: round(largest / len(one)) for one in data_sets for photo in one}
            self.photos = [p for p in self.photos for _ in range(repeats.get(p, 1))]
        self._penalty = hallucination_penalty
        self._objects = {
            photo: (grounding, hallucination.present(photo, captions[photo], grounding))
            for grounding in groundings
            for photo in grounding.boxes
            if hallucination_penalty and photo in self._references
        }
        self._sampler = CaptionSampler(decoder, network)
        self._trained: tuple | None = None

    def follow(self, decoder: model.Decoder, network: keras.Model | None = None) -> None:
        """From now on samples with the present weights of a decoder, and of a network."""
        self._trained = decoder, network

    def count(self, number: int) -> int:
        """Batches of an epoch, in which every photo comes once, or as often as balancing needs."""
        return -(-len(self.photos) // self.photos_per_batch)

    def epoch(self, number: int, start: int = 0) -> Iterator[dict[str, np.ndarray]]:
        """The batches of an epoch, from number `start` on; first photos fill up the last one."""
        order = np.random.default_rng((self.seed, number)).permutation(len(self.photos))
        order = np.resize(order, (self.count(number), self.photos_per_batch))
        for index in range(start, self.count(number)):
            photos = [self.photos[i] for i in order[index]]
            yield self._batch(photos, (self.seed, number, index))

    def _batch(self, photos: Sequence[Path], seed: tuple[int, ...]) -> dict[str, np.ndarray]:
        numbers = np.random.default_rng(seed).integers(len(self.caches), size=len(photos))
        caches = [self.caches[number] for number in numbers]
        views = [cache.view for cache in caches]
        mirrored = np.array([view.mirrored for view in views])
        pairs = zip(caches, photos, strict=True)
        grid = np.stack([cache.array[cache.row(photo)] for cache, photo in pairs])
        photo = np.repeat(np.arange(len(photos), dtype=np.int32), SENTENCES)
        if self._trained:
            self._sampler.follow(*self._trained)
        sentences = self._sampler.sample(grid, photo, seed)
        each = zip(sentences.reshape(len(photos), SENTENCES, -1), photos, mirrored, strict=True)
        rewards = np.array([self._rewards(*one) for one in each])
        baseline = (rewards.sum(axis=1, keepdims=True) - rewards) / (SENTENCES - 1)
        weight = (rewards - baseline).reshape(-1)
        if self.written_weight:
            sentences = np.concatenate([sentences, self._random_references(photos, mirrored, seed)])
            photo = np.concatenate([photo, np.arange(len(photos), dtype=np.int32)])
            weight = np.concatenate([weight, np.full(len(photos), self.written_weight)])
        length = -(-int((sentences != PAD).sum(axis=1).max()) // STEP) * STEP  # few, so few graphs
        targets = sentences[:, :length]
        tokens = previous_words(targets)
        weights = np.where(targets == PAD, 0.0, weight[:, None]).astype(np.float32)
        batch = dict(grid=grid, photo=photo, tokens=tokens, targets=targets, weights=weights)
        if self._attention_targets:
            batch["inside"] = self._attention_targets.of_batch(photos, views, photo, targets)
        return batch

    def _random_references(self, photos: Sequence[Path], mirrored: np.ndarray, seed) -> np.ndarray:
        """A random reference of each photo, in the form of the sampled captions."""
        draw = np.random.default_rng((*seed, 1))
        rows = np.full((len(photos), MAX_WORDS), PAD, np.int32)
        for row, photo in zip(rows, photos, strict=True):
            texts = self._captions[photo]
            ids = self.vocabulary.encode(texts[draw.integers(len(texts))])[:MAX_WORDS]
            row[: len(ids)] = ids
        return np.where(mirrored[:, None], self._mirrored[rows], rows)

    def _rewards(self, rows: np.ndarray, photo: Path, mirrored: bool) -> list[float]:
        """CIDEr-D of sentences (N, T) of one photo, minus the hallucination penalty."""
        grounding, objects = self._objects.get(photo, (None, ()))
        candidates, absent = [], []  # absent: how many nouns name no object in the photo, if known
        for row in self._mirrored[rows] if mirrored else rows:
            words = [self.vocabulary[number] for number in row if number not in (PAD, END)]
            sentence = " ".join(words)
            candidates.append(metrics.tokens(sentence) + [_END] * (END in row))
            nouns = hallucination.named(sentence, grounding) if grounding else ()
            absent.append(sum(noun not in objects for noun in nouns))
        scores = self._cider[photo](candidates, self._references[photo])
        return [score - self._penalty * n for score, n in zip(scores, absent, strict=True)]
