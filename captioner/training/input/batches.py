"""Batches of captions: grouped by length, captions of a photo together, in shapes that repeat."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from captioner.data.cache.photo_rows import PhotoRows
from captioner.data.photo_captions import NumberedCaptions
from captioner.decoding import MAX_WORDS
from captioner.training.input.supervision import AttentionTargets
from captioner.vocabulary import END, PAD, START, Vocabulary

STEP = 4  # lengths are rounded up to its multiples: few shapes, little padding


def mirrored(vocabulary: Vocabulary) -> np.ndarray:
    """The id of each word in the caption of a mirrored photo, int32 (V,): left becomes right."""
    ids = np.arange(len(vocabulary), dtype=np.int32)
    if "left" in vocabulary and "right" in vocabulary:
        left, right = vocabulary.ids(["left", "right"])
        ids[[left, right]] = right, left
    return ids


def previous_words(targets: np.ndarray) -> np.ndarray:
    """The word before each of `targets` (N, T): START before the first, and PAD after END."""
    tokens = np.full_like(targets, START)
    tokens[:, 1:] = np.where(targets == END, PAD, targets)[:, :-1]
    return tokens


class Part(NamedTuple):
    """The part of every batch that one of several workers computes."""

    worker: int = 0  # from 0
    workers: int = 1
    devices: int = 1  # of all workers together

    def rows(self, count: int) -> slice:
        """Its rows of `count`, which is rounded up to a multiple of the devices."""
        size = -(-count // self.devices) * self.devices // self.workers
        return slice(self.worker * size, (self.worker + 1) * size)


WHOLE = Part()


class _Group(NamedTuple):
    """The captions of one length, padded; those of a photo follow each other."""

    length: int
    captions: np.ndarray  # their numbers, int32
    firsts: np.ndarray  # where each photo begins in `captions`, and where the last one ends
    photos_per_batch: int

    def shuffled(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The captions in a random order of their photos, and where each photo ends there."""
        order = rng.permutation(len(self.firsts) - 1)
        counts = np.diff(self.firsts)[order]
        ends = np.cumsum(counts)
        moved = np.repeat(self.firsts[:-1][order] - (ends - counts), counts)
        return self.captions[moved + np.arange(len(moved))], ends

    def batches(self, rng: np.random.Generator, batch_size: int) -> Iterator[np.ndarray]:
        """The captions of each batch of an epoch: it is full, or has no room for a photo."""
        captions, ends = self.shuffled(rng)
        first = 0
        while first < len(captions):
            photo = int(np.searchsorted(ends, first, side="right"))  # that of the first caption
            last_photo = min(photo + self.photos_per_batch, len(ends)) - 1
            after = min(first + batch_size, int(ends[last_photo]))
            yield captions[first:after]
            first = after


class CaptionBatches:
    """Batches of one split, the same for the same seed and epoch.

    A batch is a dictionary of arrays, whose shapes depend on its length group only:
        grid: rows of the caches, usually features, (P, L, D) float16.
        photo: the row of `grid` of each caption, (N,) int32. Captions of the same photo and length
            group are in the same batch and share it.
        tokens, targets: ids of the words before and after each step, (N, T) int32.
        weights: 1 for a word and 0 for padding, (N, T) float32.
        inside: only if attention is supervised, (N, T, L) float16, see `AttentionTargets.of`.
    """

    def __init__(
        self,
        captions: Mapping[Path, Sequence[str]],
        vocabulary: Vocabulary,
        caches: Sequence[PhotoRows],
        batch_size: int = 128,
        seed: int = 0,
        attention_targets: AttentionTargets | None = None,
        part: Part = WHOLE,
    ):
        """Args:
        captions: of each photo; if their words are numbered, they are not split again.
        vocabulary: to encode them.
        caches: features of the photos, one cache for each view of them; the view of a photo is
            drawn at random for every batch.
        batch_size: captions of a batch.
        seed: of all random choices.
        attention_targets: for supervised attention.
        part: of every batch, whose photos alone are read; `photo` counts those of all parts.

        Raises:
            ValueError: no photo of the captions is in the cache.
        """
        self.caches, self.batch_size, self.seed = list(caches), batch_size, seed
        self.part = part
        self._mirrored, self._attention_targets = mirrored(vocabulary), attention_targets
        if not isinstance(captions, NumberedCaptions):
            captions = NumberedCaptions(captions, vocabulary.clean)
        photos, counts = captions.photos, captions.counts
        rows = np.stack([cache.find(photos) for cache in self.caches])
        is_readable = (rows >= 0).all(axis=0)
        self._rows = rows[:, is_readable]  # in each cache, of each photo
        readable = itertools.compress(photos, is_readable)
        self._photos = list(readable) if attention_targets else []
        self._ids = vocabulary.encode_all(captions.words.words)  # of each number
        self._words = captions.words.numbers
        ends = np.flatnonzero(self._words == 0) + 1  # of each caption
        firsts = np.concatenate([[0], ends[:-1]])
        is_used = np.repeat(is_readable, counts)
        self._firsts, lengths = firsts[is_used], (ends - firsts)[is_used]
        self._lengths = np.minimum(lengths, MAX_WORDS).astype(np.int32)
        # The photo of each caption.
        self._photo = np.repeat(np.arange(is_readable.sum(), dtype=np.int32), counts[is_readable])
        self._groups = self._grouped()
        if not self._groups:
            raise ValueError("None of the captions' photos has features.")

    def count(self, number: int) -> int:
        """Batches of an epoch; shuffling changes it by one or two."""
        return len(self._plan(number))

    def epoch(self, number: int, start: int = 0) -> Iterator[dict[str, np.ndarray]]:
        """The batches of an epoch, from number `start` on."""
        plan = self._plan(number)
        for index in range(start, len(plan)):
            rng = np.random.default_rng((self.seed, number, index))
            yield self._batch(*plan[index], rng)

    def _grouped(self) -> list[_Group]:
        padded = -(-self._lengths // STEP) * STEP
        groups = []
        for length in np.unique(padded):
            captions = np.flatnonzero(padded == length).astype(np.int32)
            is_first = np.diff(self._photo[captions], prepend=-1) != 0
            firsts = np.append(np.flatnonzero(is_first), len(captions))
            # 10 % above the mean, so that captions usually fill a batch before photos do.
            most = -(-self.batch_size * (len(firsts) - 1) * 11 // (len(captions) * 10))
            groups.append(_Group(int(length), captions, firsts, min(self.batch_size, most)))
        return groups

    def _plan(self, number: int) -> list[tuple[_Group, np.ndarray]]:
        """Group and captions of each batch of an epoch."""
        rng = np.random.default_rng((self.seed, number))
        plan = [
            (group, captions)
            for group in self._groups
            for captions in group.batches(rng, self.batch_size)
        ]
        return [plan[i] for i in rng.permutation(len(plan))]

    def _batch(self, group: _Group, captions: np.ndarray, rng) -> dict[str, np.ndarray]:
        is_first = np.diff(self._photo[captions], prepend=-1) != 0
        photos, slots = self._photo[captions[is_first]], np.cumsum(is_first) - 1
        views = rng.integers(len(self.caches), size=len(photos))
        rows = self._rows[views, photos]
        features = self.caches[0].array
        part = self.part.rows(group.photos_per_batch)
        grid = np.zeros((part.stop - part.start, *features.shape[1:]), features.dtype)
        for number, cache in enumerate(self.caches):
            cache.prefetch(rows[part][views[part] == number])
        # In the order of the rows on disk, which reads faster.
        for slot in part.start + np.argsort(rows[part]):
            grid[slot - part.start] = self.caches[views[slot]].array[rows[slot]]

        count, shape = len(captions), (self.batch_size, group.length)
        steps = np.arange(group.length)
        present = np.zeros(shape, bool)
        present[:count] = steps < self._lengths[captions, None]
        places = (self._firsts[captions, None] + steps)[present[:count]]
        ids = self._ids[self._words[places]]
        is_mirrored = np.array([cache.view.mirrored for cache in self.caches])[views][slots]
        turned = np.repeat(is_mirrored, self._lengths[captions])
        targets = np.full(shape, PAD, np.int32)
        targets[present] = np.where(turned, self._mirrored[ids], ids)
        tokens = previous_words(targets)
        photo = np.zeros(self.batch_size, np.int32)
        photo[:count] = slots
        weights = present.astype(np.float32)
        batch = dict(photo=photo, tokens=tokens, targets=targets, weights=weights)
        part = self.part.rows(self.batch_size)
        batch = {"grid": grid, **{name: values[part] for name, values in batch.items()}}
        if self._attention_targets:
            batch["inside"] = self._attention_targets.of_batch(
                [self._photos[i] for i in photos],
                [self.caches[number].view for number in views],
                batch["photo"],
                batch["targets"],
            )
        return batch


def trimmed(batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A batch without the captions, photos and words that are only padding.

    It also has `places` (W,) int32: the indices, among its N T words, of those that count.
    """
    present = batch["weights"] != 0
    captions, words = (np.flatnonzero(present.any(axis)).max(initial=0) + 1 for axis in (1, 0))
    photo = batch["photo"][:captions]
    by_word = ("tokens", "targets", "weights", "inside")
    return {
        "grid": batch["grid"][: photo.max() + 1],
        "photo": photo,
        **{name: batch[name][:captions, :words] for name in by_word if name in batch},
        "places": np.flatnonzero(present[:captions, :words]).astype(np.int32),
    }
