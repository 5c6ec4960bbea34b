"""Random crops of photos. In distillation the same pixels go to teacher and student."""

import itertools
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from captioner import photos
from captioner.files import new_array, write_text, write_whole

T = TypeVar("T")


class PhotoStore:
    """Photos as one memory-mapped uint8 array (N, side, side, 3): decoded once, read by page.

    Photos are squashed to a square, as the captioner sees them. Those that cannot be read are
    left out and named in `skipped`.
    """

    def __init__(self, folder: Path, files: Sequence[Path], side: int = 224):
        array, manifest = folder / "photos.npy", folder / "photos.json"
        wanted = {"side": side, "files": [str(f) for f in files]}
        known = json.loads(manifest.read_text()) if manifest.is_file() else {}
        if {k: known.get(k) for k in wanted} != wanted or not array.is_file():
            self.skipped: list[str] = []
            write_whole(array, lambda temporary: self._decode(temporary, files, side))
            write_text(manifest, json.dumps({**wanted, "skipped": self.skipped}))
        else:
            self.skipped = known["skipped"]
        self.pixels = np.load(array, mmap_mode="r")[: len(files) - len(self.skipped)]
        skipped = set(self.skipped)
        self.files = [file for file in files if str(file) not in skipped]

    def _decode(self, path: Path, files: Sequence[Path], side: int) -> None:
        pixels = new_array(path, (len(files), side, side, 3), np.uint8)

        def read(file: Path):
            try:
                return photos.squashed(file, side)
            except photos.PhotoError:
                return None

        row = 0
        with ThreadPoolExecutor(2) as pool:
            for file, photo in zip(files, pool.map(read, files), strict=True):
                if photo is None:
                    self.skipped.append(str(file))
                else:
                    pixels[row] = photo
                    row += 1
        pixels.flush()

    def __len__(self) -> int:
        return len(self.pixels)


def random_box(rng: np.random.Generator, side: int, min_area: float) -> tuple[float, ...]:
    """A box (left, upper, right, lower) of `min_area` to all of the photo, aspect 3:4 to 4:3."""
    area = rng.uniform(min_area, 1.0) * side * side
    aspect = np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
    width, height = min(side, np.sqrt(area * aspect)), min(side, np.sqrt(area / aspect))
    left, upper = rng.uniform(0, side - width), rng.uniform(0, side - height)
    return left, upper, left + width, upper + height


def resized(photo: np.ndarray, box: tuple[float, ...], size: int) -> np.ndarray:
    """The part of a photo within a box of `random_box`: uint8 (size, size, 3)."""
    image = Image.fromarray(photo).resize((size, size), Image.Resampling.BILINEAR, box=box)
    return np.asarray(image)


def jittered(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same pixels, of other brightness and contrast: uint8."""
    contrast, brightness = rng.uniform(0.7, 1.3), rng.uniform(-30, 30)
    levels = np.clip((np.arange(256) - 128) * contrast + 128 + brightness, 0, 255)
    return levels.astype(np.uint8)[pixels]


def varied(photo: np.ndarray, rng: np.random.Generator, size: int, min_area: float) -> np.ndarray:
    """A random crop, flipped half of the time, of other brightness and contrast: uint8."""
    return varied_part(photo, rng, size, min_area)[0]


def varied_part(
    photo: np.ndarray, rng: np.random.Generator, size: int, min_area: float
) -> tuple[np.ndarray, tuple[float, ...], bool]:
    """What `varied` returns, the box that it shows, in pixels of the photo, and whether flipped."""
    box = random_box(rng, len(photo), min_area)
    pixels = resized(photo, box, size)
    mirrored = bool(rng.random() < 0.5)
    return jittered(pixels[:, ::-1] if mirrored else pixels, rng), box, mirrored


def numbers(count: int, step: int, batch_size: int, seed: int) -> np.ndarray:
    """The photos, of `count`, that are in the batch of a step; an epoch shows each once."""
    epoch, first = divmod(step * batch_size, count)
    order = np.random.default_rng((seed, 0, epoch)).permutation(count)
    return np.take(order, range(first, first + batch_size), mode="wrap")


def in_order(make: Callable[[int], T], start: int) -> Iterator[T]:
    """make(start), make(start + 1), ...; the next ones are made by other threads meanwhile."""
    with ThreadPoolExecutor(2) as pool:
        waiting = deque(pool.submit(make, step) for step in range(start, start + 3))
        for step in itertools.count(start + 3):
            yield waiting.popleft().result()
            waiting.append(pool.submit(make, step))


def batches(
    store: PhotoStore, schedule, batch_size: int, seed: int, start: int = 0
) -> Iterator[np.ndarray]:
    """Batches (B, size, size, 3) from step `start` on; `schedule(step)` -> (size, min_area).

    Every step draws from its own generator, so a resumed run sees what an undisturbed one sees.
    """

    def make(step: int) -> np.ndarray:
        rng = np.random.default_rng((seed, step))
        size, min_area = schedule(step)
        photos = numbers(len(store), step, batch_size, seed)
        return np.stack([varied(store.pixels[i], rng, size, min_area) for i in photos])

    return in_order(make, start)
