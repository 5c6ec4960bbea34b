"""Photos decoded once, in one memory-mapped array: for training that needs pixels, not features."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np

from captioner import photos
from captioner.data.augmentation import PLAIN, View
from captioner.files import new_array, write_text, write_whole


class PhotoStore:
    """Photos resized to a square, uint8 (N, side, side, 3), memory-mapped from `photos.npy`.

    The array is reused as long as the list of files, the side and the view stay the same.

    Attributes:
        pixels: the memory-mapped array, one row per readable photo.
        files: the readable photos, in the order of the rows.
        skipped: paths of the photos that cannot be decoded.
    """

    def __init__(self, folder: Path, files: Sequence[Path], side: int = 224, view: View = PLAIN):
        """Opens the store in `folder`, or decodes the photos into it, in this view of them.

        Raises:
            OSError: the disk is full; no partial file is left.
        """
        folder.mkdir(parents=True, exist_ok=True)
        array, manifest = folder / "photos.npy", folder / "photos.json"
        wanted = {"side": side, "files": [str(file) for file in files]}
        if view != PLAIN:
            wanted["view"] = asdict(view)
        stored = json.loads(manifest.read_text()) if manifest.is_file() else {}
        if array.is_file() and stored == {**wanted, "skipped": stored.get("skipped")}:
            self.skipped: list[str] = stored["skipped"]
        else:
            self.skipped = []
            write_whole(array, lambda temporary: self._decode(temporary, files, side, view))
            write_text(manifest, json.dumps({**wanted, "skipped": self.skipped}))
        skipped = set(self.skipped)
        self.files = [file for file in files if str(file) not in skipped]
        self.pixels = np.load(array, mmap_mode="r")[: len(self.files)]

    def _decode(self, path: Path, files: Sequence[Path], side: int, view: View) -> None:
        pixels = new_array(path, (len(files), side, side, 3), np.uint8)

        def decode(file: Path) -> np.ndarray | None:
            try:
                return view.apply(photos.squashed(file, side), file.name)
            except photos.PhotoError:
                return None

        row = 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for file, photo in zip(files, pool.map(decode, files), strict=True):
                if photo is None:
                    self.skipped.append(str(file))
                else:
                    pixels[row] = photo
                    row += 1
        pixels.flush()

    def __len__(self) -> int:
        return len(self.files)
