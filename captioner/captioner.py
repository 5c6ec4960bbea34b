"""Photo -> Caption with a loaded checkpoint."""

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from captioner import checkpoints, decoding, model, photos
from captioner.attention import Geometry
from captioner.caption import Caption
from captioner.samplers import Greedy, Sampler
from captioner.vocabulary import Vocabulary

_REMEMBERED = 16  # photos whose grid is kept: what-ifs on one of them cost only the words


class Captioner:
    """Captions photos. Safe to call from several threads; one at a time computes."""

    def __init__(self, checkpoint: checkpoints.Checkpoint):
        self.checkpoint = checkpoint
        self._look = model.looking(checkpoint.decoder)
        self._step = model.stepping(checkpoint.decoder)
        self._remembered: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path | str | None = None) -> "Captioner":
        """Loads a checkpoint folder; without one, the bundled checkpoint.

        Raises CheckpointError or BackboneError, each with one sentence that says why.
        """
        return cls(checkpoints.load(folder))

    def warm_up(self) -> None:
        """Captions a grey square, so that the first photo finds everything compiled."""
        self.caption(np.full((8, 8, 3), 128, np.uint8))

    @property
    def geometry(self) -> Geometry:
        return self.checkpoint.backbone.geometry

    @property
    def vocabulary(self) -> Vocabulary:
        return self.checkpoint.vocabulary

    def caption(
        self,
        photo,
        sampler: Sampler = Greedy(),
        prefix: Sequence[str] = (),
        covered: np.ndarray | None = None,
    ) -> Caption:
        """Captions one photo: a path, bytes, PIL.Image or uint8 array (H, W, 3).

        `prefix` words are forced; cells where `covered`, bool (rows, cols), is true are hidden
        from attention and from the first state.

        Raises PhotoError for what is no photo, UnknownWordError for a prefix outside the
        vocabulary, ValueError for a mask of another shape or one that covers everything.
        """
        pixels = self.checkpoint.backbone.pixels(photos.open_photo(photo))
        visible = self._visible(covered)
        with self._lock:
            return self._decode(self._grid(pixels), visible, sampler, prefix)[0]

    def captions(
        self,
        photos_: Iterable,
        batch_size: int = 32,
        sampler: Sampler = Greedy(),
    ) -> Iterator[Caption]:
        """Captions many photos in order, `batch_size` at a time; raises PhotoError like `caption`
        when it comes to a photo that cannot be read."""
        backbone = self.checkpoint.backbone
        waiting = iter(photos_)
        while some := list(itertools.islice(waiting, batch_size)):
            pixels = np.stack([backbone.pixels(photos.open_photo(photo)) for photo in some])
            with self._lock:
                found = self._decode(backbone.features(pixels), self._visible(None), sampler)
            yield from found

    def _decode(self, grid, visible, sampler, prefix=()) -> list[Caption]:
        """Grid (P, L, D), visible cells (1, L) -> P captions."""
        visible = np.broadcast_to(visible, grid.shape[:2])
        seen = decoding.Seen(*self._look.predict_on_batch([grid, visible]))
        step = self._step.predict_on_batch
        return decoding.decode(step, seen, self.vocabulary, self.geometry, sampler, prefix)

    def _visible(self, covered: np.ndarray | None) -> np.ndarray:
        grid = (self.geometry.rows, self.geometry.cols)
        if covered is None:
            return np.ones((1, self.geometry.cells), np.float32)
        covered = np.asarray(covered, bool)
        if covered.shape != grid:
            raise ValueError(f"covered must have the grid's shape {grid}, not {covered.shape}")
        if covered.all():
            raise ValueError("Something of the photo must stay uncovered.")
        return 1 - covered.reshape(1, -1).astype(np.float32)

    def _grid(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (S, S, 3) -> (1, L, D), from memory for a photo seen lately."""
        key = hashlib.blake2b(pixels.tobytes()).digest()
        if key not in self._remembered:
            self._remembered[key] = self.checkpoint.backbone.features(pixels[None])
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(key)
        return self._remembered[key]
