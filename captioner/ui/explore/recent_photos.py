"""The network's inputs of recent photos: a query names one by its key, and need not send it."""

from collections import OrderedDict
from threading import Lock

import numpy as np
from PIL import Image

from captioner.ui.shared.results import content_key

MOST = 32_000_000  # bytes: some 200 photos for a backbone of 224 x 224 pixels


class RecentPhotos:
    """Inputs by their keys. It forgets those that were not used for longest.

    Args:
        most: How many bytes it holds.
    """

    def __init__(self, most: int = MOST):
        self._most = most
        self._inputs: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def add(self, pixels: np.ndarray) -> None:
        """Stores an input, uint8 (size, size, 3)."""
        key = content_key(Image.fromarray(pixels))
        with self._lock:
            self._inputs[key] = pixels
            self._inputs.move_to_end(key)
            while sum(one.nbytes for one in self._inputs.values()) > self._most:
                self._inputs.popitem(last=False)

    def find(self, key: str) -> np.ndarray | None:
        """Returns the input with that key, or None."""
        with self._lock:
            if key in self._inputs:
                self._inputs.move_to_end(key)
            return self._inputs.get(key)
