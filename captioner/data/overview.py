"""What a data set contains, and what prevents training on it, before any training starts."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from captioner import photos
from captioner.data.dataset import SPLITS, Dataset, some_of
from captioner.decoding import MAX_WORDS
from captioner.vocabulary import standardise, too_few_words

MAX_OPENED = 10_000  # photos, evenly spread: a minute, even for COCO's 123,287
EXAMPLES = 4  # photos of a split


@dataclass(frozen=True)
class Example:
    """A photo with its captions."""

    photo: str  # path
    captions: list[str]


@dataclass(frozen=True)
class Split:
    """Part of a data set."""

    photos: int
    captions: int
    examples: list[Example]


@dataclass(frozen=True)
class Overview:
    """The contents of a data set, and its faults."""

    name: str
    photos: int  # with captions
    captions: int
    splits: dict[str, Split]  # train, dev, test
    words: int  # that the captions to train on have often enough
    notes: list[str]  # what training leaves out or cuts
    problems: list[str]  # what must be corrected before training, each one sentence


def overview(dataset: Dataset, min_count: int = 5) -> Overview:
    """Examines a data set, and opens its photos, or MAX_OPENED of them.

    `min_count` is that of the training: rarer words are not used.
    """
    captions = dataset.captions
    opened = _evenly_spread(sorted(captions), MAX_OPENED)
    broken = _unreadable(opened)
    splits = {name: _split(dataset, name, broken) for name in SPLITS}
    texts = [standardise(text) for photo in dataset.splits["train"] for text in captions[photo]]
    counts = Counter(chain.from_iterable(texts))
    problems = _split_problems(dataset, set(opened) - broken, broken)
    if texts and (trouble := too_few_words(counts, min_count)):
        problems.append(trouble)
    return Overview(
        name=dataset.name,
        photos=len(captions),
        captions=sum(map(len, captions.values())),
        splits=splits,
        words=sum(count >= min_count for count in counts.values()),
        notes=[*dataset.named_notes, *_notes(texts, broken)],
        problems=problems,
    )


def _evenly_spread(items: Sequence, count: int) -> list:
    """At most `count` of the items."""
    count = min(count, len(items))
    return [items[number * len(items) // count] for number in range(count)]


def _unreadable(files: Sequence[Path]) -> set[Path]:
    def is_readable(file: Path) -> bool:
        try:
            photos.open_photo(file)
        except photos.PhotoError:
            return False
        return True

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        readable = pool.map(is_readable, files)
        return {file for file, ok in zip(files, readable, strict=True) if not ok}


def _split(dataset: Dataset, name: str, broken: set[Path]) -> Split:
    files = dataset.splits[name]
    readable = [file for file in files if file not in broken]
    examples = [Example(str(f), dataset.captions[f]) for f in _evenly_spread(readable, EXAMPLES)]
    return Split(len(files), sum(len(dataset.captions[f]) for f in files), examples)


def _notes(texts: list[list[str]], broken: set[Path]) -> list[str]:
    notes = []
    if broken:
        names = sorted(photo.name for photo in broken)
        notes.append(f"photos that cannot be read: {len(broken)}{some_of(names)}")
    if long := sum(len(words) > MAX_WORDS for words in texts):
        notes.append(f"captions of more than {MAX_WORDS} words, cut there: {long}")
    if empty := sum(not words for words in texts):
        notes.append(f"captions without a word: {empty}")
    return notes


def _split_problems(dataset: Dataset, readable: set[Path], broken: set[Path]) -> list[str]:
    problems = []
    for name, use in (("train", "to train on"), ("dev", "to validate on")):
        files = dataset.splits[name]
        if not files:
            problems.append(
                f"No photo is in the split '{name}', {use}; name some in "
                f"Flickr_8k.{name}Images.txt or describe them in annotations/captions_{name}.json."
            )
        elif readable.isdisjoint(files) and not broken.isdisjoint(files):
            problems.append(
                f"No photo of the split '{name}' can be opened; upload them again, as JPEG or PNG."
            )
    return problems
