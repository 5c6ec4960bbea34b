"""What a data set holds, and what stands against training on it: seen before anything starts."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from captioner import photos
from captioner.data.datasets import SPLITS, Dataset
from captioner.decoding import MAX_WORDS
from captioner.vocabulary import standardise

OPENED = 10_000  # photos at most, evenly spread: a minute, even for COCO's 123,287
COUNTS = (1, 2, 3, 5, 10, 20)  # at which the size of the vocabulary is given
WORDS, EXAMPLES, NAMES = 40, 4, 5  # shown: frequent words, photos of a split, names of a fault


@dataclass(frozen=True)
class Example:
    """A photo and all that is said of it."""

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
    """Plain data. Words and lengths are those of the captions to train on, as they are read."""

    name: str
    photos: int  # that have captions
    captions: int
    splits: dict[str, Split]  # train, dev, test
    opened: int  # photos that were opened to see whether they can be
    broken: dict[str, str]  # photo -> why it can't be opened
    missing: list[str]  # photos that captions name and that are not there
    silent: list[str]  # photos without captions
    lengths: dict[int, int]  # words -> captions of so many, shortest first
    vocabulary: dict[int, int]  # least count -> words seen at least so often
    words: list[tuple[str, int]]  # the most frequent ones, and how often
    notes: list[str]  # what is left out or cut; training goes on without it
    problems: list[str]  # what must be mended before a training, each one sentence

    def to_json(self) -> dict:
        """For JSON, whose keys are strings."""
        return asdict(self)


def overview(
    dataset: Dataset,
    min_count: int = 5,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Overview:
    """Looks at a data set as a training with this `min_count` would: every photo is opened as the
    app opens it, or OPENED of them where there are more. `report(done, total)` counts these.
    """
    captions = dataset.captions
    opened = _spread(sorted(captions), OPENED)
    broken = _broken(opened, report)
    splits = {name: _split(dataset, name, broken) for name in SPLITS}
    texts = [standardise(text) for photo in dataset.splits["train"] for text in captions[photo]]
    counts = Counter(chain.from_iterable(texts))
    vocabulary = {
        least: sum(count >= least for count in counts.values())
        for least in sorted({*COUNTS, min_count})
    }
    return Overview(
        name=dataset.name,
        photos=len(captions),
        captions=sum(map(len, captions.values())),
        splits=splits,
        opened=len(opened),
        broken={photo.name: why for photo, why in broken.items()},
        missing=dataset.missing,
        silent=[photo.name for photo in dataset.silent],
        lengths=dict(sorted(Counter(map(len, texts)).items())),
        vocabulary=vocabulary,
        words=counts.most_common(WORDS),
        notes=[*_named(dataset), *_notes(texts, broken)],
        problems=[
            *_split_problems(dataset, splits, set(opened) - broken.keys(), broken),
            *_word_problems(splits["train"], vocabulary[min_count], min_count),
        ],
    )


def _spread(items: Sequence, count: int) -> list:
    """At most `count` of the items, evenly spread over all."""
    if len(items) <= count:
        return list(items)
    return [items[number * len(items) // count] for number in range(count)]


def _broken(files: Sequence[Path], report: Callable[[int, int], None]) -> dict[Path, str]:
    def why(file: Path) -> str | None:
        try:
            photos.open_photo(file)
        except photos.PhotoError as error:
            return str(error)

    found = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (file, reason) in enumerate(zip(files, pool.map(why, files), strict=True), 1):
            if reason:
                found[file] = reason
            report(number, len(files))
    return found


def _split(dataset: Dataset, name: str, broken: dict[Path, str]) -> Split:
    files = dataset.splits[name]
    sound = [file for file in files if file not in broken]
    examples = [Example(str(f), dataset.captions[f]) for f in _spread(sound, EXAMPLES)]
    return Split(len(files), sum(len(dataset.captions[f]) for f in files), examples)


def _named(dataset: Dataset) -> list[str]:
    """The reader's notes; where it left photos out, with the names of some."""
    some = {
        "photos with captions that are not there": dataset.missing,
        "photos without captions": [photo.name for photo in dataset.silent],
    }
    return [note + _few(some.get(note.partition(":")[0], ())) for note in dataset.notes]


def _few(names: Sequence[str]) -> str:
    """(a.jpg, b.jpg and others)"""
    if not names:
        return ""
    return f" ({', '.join(names[:NAMES])}{' and others' if len(names) > NAMES else ''})"


def _notes(texts: list[list[str]], broken: dict[Path, str]) -> list[str]:
    notes = []
    if broken:
        names = [photo.name for photo in broken]
        notes.append(f"photos that cannot be opened, left out: {len(broken)}{_few(names)}")
    if long := sum(len(words) > MAX_WORDS for words in texts):
        notes.append(f"captions of more than {MAX_WORDS} words, cut there: {long}")
    if empty := sum(not words for words in texts):
        notes.append(f"captions without a word: {empty}")
    return notes


def _split_problems(
    dataset: Dataset, splits: dict[str, Split], sound: set[Path], broken: dict[Path, str]
) -> list[str]:
    problems = []
    for name, use in (("train", "to learn from"), ("dev", "to measure what was learnt")):
        files = dataset.splits[name]
        if not files:
            problems.append(
                f"No photo is in the split '{name}', {use}; name some in "
                f"Flickr_8k.{name}Images.txt or describe them in annotations/captions_{name}.json."
            )
        elif sound.isdisjoint(files) and not broken.keys().isdisjoint(files):
            problems.append(
                f"No photo of the split '{name}' can be opened; send them anew, as JPEG or PNG."
            )
    return problems


def _word_problems(train: Split, words: int, min_count: int) -> list[str]:
    if train.captions == 1:
        return ["There is only one caption to learn from; describe more photos."]
    if train.captions and not words:
        return [
            f"No word stands {min_count} times in the captions to learn from; choose a smaller "
            "min_count or describe more photos."
        ]
    return []
