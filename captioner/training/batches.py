"""Captions -> batches: grouped by length, captions of a photo together, shapes that repeat."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from captioner.data.photo_rows import PhotoRows
from captioner.decoding import MAX_WORDS
from captioner.training.supervision import AttentionTargets
from captioner.vocabulary import PAD, START, Vocabulary

STEP = 4  # lengths are rounded up to multiples of this: few shapes, little padding


def mirrored(vocabulary: Vocabulary) -> np.ndarray:
    """For every word's id that of the word in its place where the photo is mirrored, int32 (V,)."""
    ids = np.arange(len(vocabulary), dtype=np.int32)
    if "left" in vocabulary and "right" in vocabulary:
        left, right = vocabulary.ids(["left", "right"])
        ids[[left, right]] = right, left
    return ids


@dataclass(frozen=True)
class _Example:
    photo: Path
    tokens: np.ndarray  # int32, without START, with END unless it was cut off


class CaptionBatches:
    """Batches of one split, the same for the same seed and epoch.

    A batch is a dictionary of arrays whose shapes depend on its length group alone:
    `grid`, rows of the caches, mostly features (P, L, D) float16; `photo` (N,) int32; `tokens`
    and `targets` (N, T) int32; `weights` (N, T) float32, 0 where there is no word. Captions of a
    photo stand in one batch when they are of one length group, and share its row of `grid`.
    Where attention is taught, also `inside` (N, T, L) float16: see `AttentionTargets.of`.
    """

    def __init__(
        self,
        captions: dict[Path, Sequence[str]],
        vocabulary: Vocabulary,
        caches: Sequence[PhotoRows],
        batch_size: int = 128,
        seed: int = 0,
        where: AttentionTargets | None = None,
    ):
        """`caches`: the features of the photos, and those of other views of them; which of these a
        photo is seen in is drawn for every batch. `where` attention should lie, if that is taught.

        Raises ValueError if no caption's photo is in the cache.
        """
        self.caches, self.batch_size, self.seed = list(caches), batch_size, seed
        self._mirrored, self._where = mirrored(vocabulary), where
        groups: dict[int, dict[Path, list[_Example]]] = defaultdict(lambda: defaultdict(list))
        for photo, texts in captions.items():
            if photo not in self.caches[0]:
                continue
            for text in texts:
                tokens = np.array(vocabulary.encode(text)[:MAX_WORDS], np.int32)
                length = -(-len(tokens) // STEP) * STEP
                groups[length][photo].append(_Example(photo, tokens))
        if not groups:
            raise ValueError("None of the captions' photos has features.")
        self._groups = {length: groups[length] for length in sorted(groups)}

    def count(self, number: int) -> int:
        """Batches in an epoch; the shuffling lets it vary by one or two."""
        return len(self._plan(number))

    def epoch(self, number: int, start: int = 0) -> Iterator[dict[str, np.ndarray]]:
        """The batches of an epoch from the `start`-th on."""
        for index, (length, examples) in enumerate(self._plan(number)):
            if index >= start:
                rng = np.random.default_rng((self.seed, number, index))
                yield self._batch(length, examples, rng)

    def _photos_per_batch(self, length: int) -> int:
        group = self._groups[length]
        captions = sum(len(examples) for examples in group.values())
        # 10 % more than the mean, so that it is mostly the captions that fill a batch.
        return min(self.batch_size, -(-self.batch_size * len(group) * 11 // (captions * 10)))

    def _plan(self, number: int) -> list[tuple[int, list[_Example]]]:
        rng = np.random.default_rng((self.seed, number))
        plan = []
        for length, group in self._groups.items():
            most_photos = self._photos_per_batch(length)
            photos = list(group.values())
            batch: list[_Example] = []
            held = 0
            for position in rng.permutation(len(photos)):
                examples = photos[position]
                while examples:
                    room = self.batch_size - len(batch)
                    if room == 0 or held == most_photos:
                        plan.append((length, batch))
                        batch, held, room = [], 0, self.batch_size
                    batch, examples = batch + examples[:room], examples[room:]
                    held += 1
            plan.append((length, batch))
        return [plan[i] for i in rng.permutation(len(plan))]

    def _batch(self, length: int, examples: list[_Example], rng) -> dict[str, np.ndarray]:
        photos = list(dict.fromkeys(example.photo for example in examples))
        slots = {photo: slot for slot, photo in enumerate(photos)}
        view = rng.integers(len(self.caches), size=len(photos))
        rows = self.caches[0].array
        grid = np.zeros((self._photos_per_batch(length), *rows.shape[1:]), rows.dtype)
        # Rows of one cache are read in the order they lie on disk.
        for slot in sorted(range(len(photos)), key=lambda s: self.caches[0].row(photos[s])):
            source = self.caches[view[slot]]
            grid[slot] = source.array[source.row(photos[slot])]
        shape = (self.batch_size, length)
        photo = np.zeros(self.batch_size, np.int32)
        tokens, targets = np.full(shape, PAD, np.int32), np.full(shape, PAD, np.int32)
        weights = np.zeros(shape, np.float32)
        more = {}
        if self._where:
            more["inside"] = np.zeros((*shape, self._where.geometry.cells), np.float16)
        tokens[:, 0] = START
        for row, example in enumerate(examples):
            slot = slots[example.photo]
            shown = self.caches[view[slot]].view
            ids = self._mirrored[example.tokens] if shown.mirrored else example.tokens
            photo[row] = slot
            targets[row, : len(ids)] = ids
            tokens[row, 1 : len(ids)] = ids[:-1]
            weights[row, : len(ids)] = 1
            if self._where:
                more["inside"][row, : len(ids)] = self._where.of(example.photo, ids, shown)
        return {
            "grid": grid,
            "photo": photo,
            "tokens": tokens,
            "targets": targets,
            "weights": weights,
            **more,
        }


def trimmed(batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A batch without the captions, photos and words that only fill up its shape.

    `places` (W,) int32 is added: where, among its N T words, those are that count.
    """
    there = batch["weights"] != 0
    count, length = (np.flatnonzero(there.any(axis)).max(initial=0) + 1 for axis in (1, 0))
    photo = batch["photo"][:count]
    by_word = ("tokens", "targets", "weights", "inside")
    words = {name: batch[name][:count, :length] for name in by_word if name in batch}
    places = np.flatnonzero(there[:count, :length]).astype(np.int32)
    return {"grid": batch["grid"][: photo.max() + 1], "photo": photo, **words, "places": places}
