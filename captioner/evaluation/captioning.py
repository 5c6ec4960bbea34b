"""The captions that are evaluated: of which photos, and what they are like as a whole."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from captioner import Caption, photos
from captioner.data import datasets
from captioner.evaluation import metrics
from captioner.samplers import Sampler

BATCH = 32  # photos that are captioned at once


def references(dataset: datasets.Dataset, split: str, count: int = 0) -> dict[Path, list[str]]:
    """The first `count` photos of a split, by name, and those of their captions that hold a word;
    0 for all photos. Raises DatasetError if there is no such split."""
    if count < 0:
        raise datasets.DatasetError("The number of photos must be 0, for all of them, or more.")
    chosen = sorted(dataset.split(split))[: count or None]
    return {photo: [t for t in dataset.captions[photo] if metrics.tokens(t)] for photo in chosen}


def captions(
    captioner,
    written: Mapping[Path, Sequence[str]],
    sampler: Sampler,
    step: Callable[[str, int, int], None],
) -> tuple[dict[Path, Caption], float]:
    """What is said of the photos that have references and can be read, and seconds per photo.

    That is the time from file to caption in batches of BATCH; the first batch, in which things are
    compiled, does not count where there are others. `step(doing, done, total)` may raise to stop.

    Raises DatasetError if there is no such photo.
    """
    waiting = [photo for photo, texts in written.items() if texts]
    opened: list[Path] = []
    said: list[Caption] = []

    def readable():
        for photo in waiting:
            try:
                pixels = photos.open_photo(photo, captioner.geometry.size)
            except photos.PhotoError:
                continue
            opened.append(photo)
            yield pixels

    begun = [(0, time.perf_counter())]  # after so many photos
    for caption in captioner.captions(readable(), BATCH, sampler):
        said.append(caption)
        if len(said) == BATCH:
            begun.append((BATCH, time.perf_counter()))
        step("captioning", len(said), len(waiting))
    if not said:
        raise datasets.DatasetError("No photo of this split can be read and has a reference.")
    before, since = next(mark for mark in reversed(begun) if mark[0] < len(said))
    seconds = (time.perf_counter() - since) / (len(said) - before)
    return dict(zip(opened, said, strict=True)), seconds


def left_out(
    dataset: datasets.Dataset, written: Mapping[Path, Sequence[str]], captioned: Collection[Path]
) -> dict[str, str]:
    """What of the data was not evaluated, in words; empty if nothing is missing."""
    silent = [photo.name for photo, texts in written.items() if not texts]
    unread = [p.name for p, texts in written.items() if texts and p not in captioned]
    why = []
    for names, reason in ((unread, "unreadable"), (silent, "without a reference in words")):
        if names:
            more = ", .." if len(names) > 5 else ""
            why.append(f"{len(names)} {reason} ({', '.join(names[:5])}{more})")
    missing = {"photos": f"Photos left out: {', '.join(why)}."} if why else {}
    if dataset.notes:
        missing["data"] = f"Of the whole data set: {'; '.join(dataset.notes)}."
    return missing


def told(said: Sequence[str], learnt: Sequence[str]) -> dict[str, float]:
    """What one or more captions are like:

    photos            how many there are
    words             their mean length
    distinct_words    in all captions together
    unique            share of photos whose caption no other photo got
    novel             share of captions that stand word for word in none of `learnt`; absent where
                      that is empty
    repeats           share of captions that say some group of three words again
    """
    words = [tuple(metrics.tokens(text)) for text in said]
    counts = Counter(words)
    known = {tuple(metrics.tokens(text)) for text in learnt}
    repeats = [max(metrics.ngrams(list(one), 3).values(), default=0) > 1 for one in words]
    shares = {
        "words": [len(one) for one in words],
        "unique": [counts[one] == 1 for one in words],
        "novel": [one not in known for one in words] if known else [],
        "repeats": repeats,
    }
    means = {name: sum(each) / len(each) for name, each in shares.items() if each}
    return {"photos": len(said), "distinct_words": len(set().union(*words)), **means}
