"""Batches of captions: grouped by length, captions of a photo together, in shapes that repeat."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from captioner.data.photo_rows import PhotoRows
from captioner.decoding import MAX_WORDS
from captioner.training.supervision import AttentionTargets
from captioner.vocabulary import PAD, START, Vocabulary

STEP = 4  # lengths are rounded up to its multiples: few shapes, little padding


def mirrored(vocabulary: Vocabulary) -> np.ndarray:
    """The id of each word in the caption of a mirrored photo, int32 (V,): left becomes right."""
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
        captions: dict[Path, Sequence[str]],
        vocabulary: Vocabulary,
        caches: Sequence[PhotoRows],
        batch_size: int = 128,
        seed: int = 0,
        attention_targets: AttentionTargets | None = None,
    ):
        """Args:
        captions: of each photo.
        vocabulary: to encode them.
        caches: features of the photos, one cache for each view of them; the view of a photo is
            drawn at random for every batch.
        batch_size: captions of a batch.
        seed: of all random choices.
        attention_targets: for supervised attention.

        Raises:
            ValueError: no photo of the captions is in the cache.
        """
        self.caches, self.batch_size, self.seed = list(caches), batch_size, seed
        self._mirrored, self._attention_targets = mirrored(vocabulary), attention_targets
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
        """Batches of an epoch; shuffling changes it by one or two."""
        return len(self._plan(number))

    def epoch(self, number: int, start: int = 0) -> Iterator[dict[str, np.ndarray]]:
        """The batches of an epoch, from number `start` on."""
        for index, (length, examples) in enumerate(self._plan(number)):
            if index >= start:
                rng = np.random.default_rng((self.seed, number, index))
                yield self._batch(length, examples, rng)

    def _photos_per_batch(self, length: int) -> int:
        group = self._groups[length]
        captions = sum(len(examples) for examples in group.values())
        # 10 % above the mean, so that captions usually fill a batch before photos do.
        return min(self.batch_size, -(-self.batch_size * len(group) * 11 // (captions * 10)))

    def _plan(self, number: int) -> list[tuple[int, list[_Example]]]:
        """Length and captions of each batch of an epoch."""
        rng = np.random.default_rng((self.seed, number))
        plan = []
        for length, group in self._groups.items():
            max_photos = self._photos_per_batch(length)
            photos = list(group.values())
            batch: list[_Example] = []
            count = 0  # photos in the batch
            for position in rng.permutation(len(photos)):
                examples = photos[position]
                while examples:
                    room = self.batch_size - len(batch)
                    if room == 0 or count == max_photos:
                        plan.append((length, batch))
                        batch, count, room = [], 0, self.batch_size
                    batch, examples = batch + examples[:room], examples[room:]
                    count += 1
            plan.append((length, batch))
        return [plan[i] for i in rng.permutation(len(plan))]

    def _batch(self, length: int, examples: list[_Example], rng) -> dict[str, np.ndarray]:
        photos = list(dict.fromkeys(example.photo for example in examples))
        slots = {photo: slot for slot, photo in enumerate(photos)}
        views = rng.integers(len(self.caches), size=len(photos))
        rows = self.caches[0].array
        grid = np.zeros((self._photos_per_batch(length), *rows.shape[1:]), rows.dtype)
        # In the order of the rows on disk, which reads faster.
        for slot in sorted(range(len(photos)), key=lambda s: self.caches[0].row(photos[s])):
            cache = self.caches[views[slot]]
            grid[slot] = cache.array[cache.row(photos[slot])]
        shape = (self.batch_size, length)
        batch = {
            "grid": grid,
            "photo": np.zeros(self.batch_size, np.int32),
            "tokens": np.full(shape, PAD, np.int32),
            "targets": np.full(shape, PAD, np.int32),
            "weights": np.zeros(shape, np.float32),
        }
        batch["tokens"][:, 0] = START
        targets = self._attention_targets
        if targets:
            batch["inside"] = np.zeros((*shape, targets.geometry.cells), np.float16)
        for row, example in enumerate(examples):
            slot = slots[example.photo]
            view = self.caches[views[slot]].view
            ids = self._mirrored[example.tokens] if view.mirrored else example.tokens
            batch["photo"][row] = slot
            batch["targets"][row, : len(ids)] = ids
            batch["tokens"][row, 1 : len(ids)] = ids[:-1]
            batch["weights"][row, : len(ids)] = 1
            if targets:
                batch["inside"][row, : len(ids)] = targets.of(example.photo, ids, view)
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
