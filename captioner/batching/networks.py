"""The networks of a captioner, which one thread at a time computes with."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from captioner import decoding
from captioner.batching import joint_decoding
from captioner.batching.micro_batches import MicroBatches
from captioner.checkpoints import Checkpoint
from captioner.decoder.inference import CompiledDecoder

_CACHED = 64  # photos whose features stay in memory: a what-if then only steps the words
_PHOTOS = 8  # that are encoded together; fewer than half as many are faster one by one


class Request(NamedTuple):
    """What to compute for one photo."""

    pixels: np.ndarray  # uint8 (size, size, 3)
    visible: np.ndarray  # float32 (1, L): 1 for a visible cell, 0 for a hidden one
    steps: Callable[[decoding.EncodedPhotos], decoding.Steps]
    rows: int = 1  # of each step


class Networks:
    """Backbone and decoder. `result` is thread-safe; the other methods need a turn of `exclusive`.

    Requests that wait for each other are computed together, whatever they are about. Each gets
    what it gets by itself.
    """

    def __init__(self, checkpoint: Checkpoint):
        self.backbone = checkpoint.backbone.folded()
        self.decoder = CompiledDecoder(checkpoint.decoder)
        self._cache: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._turns = MicroBatches(self.results, joint_decoding.SIZES[-1])
        self.exclusive = self._turns.exclusive

    def result(self, request: Request):
        """What the request's steps return."""
        return self._turns.result(request, request.rows)

    def results(self, requests: Sequence[Request]) -> list:
        """The same of several, or the exception that each of them raises."""
        grids = self.grids([request.pixels for request in requests])
        visible = np.concatenate([request.visible for request in requests])
        size = joint_decoding.padded_size(len(requests))
        encoded = self.decoder.encode(
            joint_decoding.padded(grids, size), joint_decoding.padded(visible, size)
        )
        runs = [
            request.steps(encoded.rows(slice(row, row + 1))) for row, request in enumerate(requests)
        ]
        return joint_decoding.decode(self.decoder.step, runs)

    def grids(self, photos: Sequence[np.ndarray]) -> np.ndarray:
        """P photos, uint8 (S, S, 3) -> features (P, L, D), from the cache for recent photos."""
        keys = [hashlib.blake2b(pixels.tobytes()).digest() for pixels in photos]
        pairs = zip(keys, photos, strict=True)
        missing = {key: pixels for key, pixels in pairs if key not in self._cache}
        while missing:
            size = _PHOTOS if len(missing) > _PHOTOS // 2 else 1
            batch = list(missing)[:size]
            pixels = np.stack([missing.pop(key) for key in batch])
            features = self.backbone.features(joint_decoding.padded(pixels, size))
            for key, grid in zip(batch, features, strict=False):
                self._cache[key] = grid.copy()  # a view would keep the whole batch in memory
        for key in keys:
            self._cache.move_to_end(key)
        grids = np.stack([self._cache[key] for key in keys])
        while len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return grids
