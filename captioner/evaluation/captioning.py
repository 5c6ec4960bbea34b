"""The captions that are evaluated: of which photos, and their statistics."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from captioner import Caption, photos
from captioner.data import datasets
from captioner.evaluation import metrics
from captioner.samplers import Sampler

BATCH = 32  # photos


def references(dataset: datasets.Dataset, split: str, count: int = 0) -> dict[Path, list[str]]:
    """The references of the first `count` photos of a split, sorted by name; 0 for all photos.

    References without a word are left out. Raises DatasetError if there is no such split.
    """
    if count < 0:
        raise datasets.DatasetError("The number of photos must be 0, for all of them, or more.")
    chosen = sorted(dataset.split(split))[: count or None]
    return {photo: [t for t in dataset.captions[photo] if metrics.tokens(t)] for photo in chosen}


def captions(
    captioner,
    references: Mapping[Path, Sequence[str]],
    sampler: Sampler,
    step: Callable[[str, int, int], None],
) -> tuple[dict[Path, Caption], float]:
    """Captions the photos that have references and can be read.

    `step` is called with (stage, done, total) after each photo, and may raise to stop.

    Returns:
        (photo -> caption, seconds per photo). That is the time from file to caption, in batches of
        BATCH. The first batch, in which functions are compiled, does not count if there are others.

    Raises:
        DatasetError: There is no such photo.
    """
    described = [photo for photo, texts in references.items() if texts]
    opened: list[Path] = []
    results: dict[Path, Caption] = {}

    def readable():
        for photo in described:
            try:
                pixels = photos.open_photo(photo, captioner.geometry.size)
            except photos.PhotoError:
                continue
            opened.append(photo)
            yield pixels

    start = time.perf_counter()
    for caption in captioner.captions(readable(), BATCH, sampler):
        results[opened[len(results)]] = caption
        if len(results) == BATCH:
            first_batch_end = time.perf_counter()
        step("captioning", len(results), len(described))
    if not results:
        raise datasets.DatasetError("No photo of this split can be read and has a reference.")
    end, count = time.perf_counter(), len(results)
    if count > BATCH:
        return results, (end - first_batch_end) / (count - BATCH)
    return results, (end - start) / count


def left_out(
    dataset: datasets.Dataset, references: Mapping[Path, Sequence[str]], captioned: Collection[Path]
) -> dict[str, str]:
    """Sentences about the data that were not evaluated, by "photos" and "data"; {} if all were."""
    wordless = [photo.name for photo, texts in references.items() if not texts]
    unreadable = [p.name for p, texts in references.items() if texts and p not in captioned]
    parts = []
    for names, reason in ((unreadable, "unreadable"), (wordless, "without a reference in words")):
        if names:
            more = ", .." if len(names) > 5 else ""
            parts.append(f"{len(names)} {reason} ({', '.join(names[:5])}{more})")
    missing = {"photos": f"Photos left out: {', '.join(parts)}."} if parts else {}
    if dataset.notes:
        missing["data"] = f"Of the whole data set: {'; '.join(dataset.notes)}."
    return missing


def statistics(captions: Sequence[str], trained_on: Sequence[str]) -> dict[str, float]:
    """Statistics of one or more captions.

    Returns:
        photos            their number
        words             their mean length
        distinct_words    in all captions together
        unique            share of photos whose caption no other photo has
        novel             share of captions that do not occur word for word in `trained_on`; absent
                          if that is empty
        repeats           share of captions with a sequence of three words that occurs twice
    """
    words = [tuple(metrics.tokens(text)) for text in captions]
    counts = Counter(words)
    known = {tuple(metrics.tokens(text)) for text in trained_on}
    values = {
        "words": [len(one) for one in words],
        "unique": [counts[one] == 1 for one in words],
        "novel": [one not in known for one in words] if known else [],
        "repeats": [max(metrics.ngrams(one, 3).values(), default=0) > 1 for one in words],
    }
    means = {name: sum(each) / len(each) for name, each in values.items() if each}
    return {"photos": len(captions), "distinct_words": len(set().union(*words)), **means}
