"""Recent photos, and the network's inputs of them: a query names one by its key, and need not send
it."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image

from captioner.photos import PhotoError, open_photo
from captioner.ui.shared.results import content_key

MAX_BYTES = 32_000_000  # bytes: some 200 photos for a backbone of 224 x 224 pixels
MAX_FILES = 500


class RecentPhotos:
    """At most `max_bytes` of inputs, and files of photos, by their keys. It forgets those that were
    not used for longest."""

    def __init__(self, max_bytes: int = MAX_BYTES):
        self._max_bytes = max_bytes
        self._inputs: OrderedDict[str, np.ndarray] = OrderedDict()
        self._files: OrderedDict[str, Path] = OrderedDict()
        self._lock = Lock()

    def add(self, pixels: np.ndarray) -> None:
        """Stores an input, uint8 (size, size, 3)."""
        key = content_key(Image.fromarray(pixels))
        with self._lock:
            self._inputs[key] = pixels
            self._inputs.move_to_end(key)
            while sum(one.nbytes for one in self._inputs.values()) > self._max_bytes:
                self._inputs.popitem(last=False)

    def find(self, key: str) -> np.ndarray | None:
        """Returns the input with that key, or None."""
        with self._lock:
            if key in self._inputs:
                self._inputs.move_to_end(key)
            return self._inputs.get(key)

    def add_file(self, key: str, path: str | Path) -> None:
        """Remembers where the photo with that key is; the file may be deleted later."""
        with self._lock:
            self._files[key] = Path(path)
            self._files.move_to_end(key)
            while len(self._files) > MAX_FILES:
                self._files.popitem(last=False)

    def photo(self, key: str) -> Image.Image | None:
        """Returns the whole photo with that key, or None."""
        with self._lock:
            path = self._files.get(key)
        try:
            photo = open_photo(path) if path and path.is_file() else None
        except PhotoError:
            return None
        return photo if photo and content_key(photo) == key else None
