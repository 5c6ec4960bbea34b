"""Batches of random crops. Each step has its own generator: a resumed run repeats the batches."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from captioner.data.augmentation import random_crop
from captioner.data.cache.photo_store import PhotoStore

T = TypeVar("T")


def photo_numbers(count: int, step: int, batch_size: int, seed: int) -> np.ndarray:
    """Which of `count` photos are in the batch of a step (B,); an epoch shows each once."""
    epoch, first = divmod(step * batch_size, count)
    order = np.random.default_rng((seed, 0, epoch)).permutation(count)
    return np.take(order, range(first, first + batch_size), mode="wrap")


def prefetched(make: Callable[[int], T], start: int) -> Iterator[T]:
    """make(start), make(start + 1), ... without end; two threads prepare the next three."""
    with ThreadPoolExecutor(2) as pool:
        waiting = deque(pool.submit(make, step) for step in range(start, start + 3))
        for step in itertools.count(start + 3):
            yield waiting.popleft().result()
            waiting.append(pool.submit(make, step))


def crop_batches(
    store: PhotoStore,
    schedule: Callable[[int], tuple[int, float]],
    batch_size: int,
    seed: int,
    start: int = 0,
) -> Iterator[np.ndarray]:
    """Batches of crops, uint8 (B, size, size, 3), from step `start` on.

    `schedule(step)` returns the size of the crops in pixels, and the least share of the photo's
    area that they show.
    """

    def make(step: int) -> np.ndarray:
        rng = np.random.default_rng((seed, step))
        size, min_area = schedule(step)
        numbers = photo_numbers(len(store), step, batch_size, seed)
        return np.stack([random_crop(store.pixels[i], rng, size, min_area)[0] for i in numbers])

    return prefetched(make, start)
