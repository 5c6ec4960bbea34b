"""Names for what stands in photos that nobody described, so that a captioner learns more nouns.

People who described a few thousand photos never wrote of pizzas, trains or zebras. A classifier
knows them: where it is sure of one, the photo gets a caption that names it. (A self-training as by
pseudo-labels, Lee 2013, with another network's.) Where it is a captioner can tell that has learnt
already, asked for something that it knows: would a dog be standing in the grass, or in the snow?
Without one only the beginning of the caption is known, "a zebra …", after which nothing is learnt.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from captioner import decoding, model
from captioner.checkpoints import Checkpoint
from captioner.files import write_text
from captioner.photos import PhotoError, squashed
from captioner.training.datasets import GOES_ON, Dataset, DatasetError


@dataclass(frozen=True)
class Kind:
    """Nouns of which much the same can be said."""

    like: str  # a noun of this kind that people did write about
    ends: str  # how a sentence about it may go on, divided by semicolons
    classes: str  # what people would call it, and which of ImageNet's 1,000 classes it is

    @property
    def nouns(self) -> dict[str, list[int]]:
        """Noun -> its classes, counted from 0."""
        result = {}
        for entry in self.classes.split(";"):
            noun, *ranges = entry.split()
            result[noun.replace("-", " ")] = classes = []
            for first, _, last in (part.partition("-") for part in ranges):
                classes.extend(range(int(first), int(last or first) + 1))
        return result


# Left out is what people wear, hold or stand at: there, the caption should begin with them.
KINDS = (
    Kind(
        "dog",
        "is standing in the grass; is standing in a field; is standing in the water; "
        "is standing in the snow; is standing on a dirt road; is standing on the beach; "
        "is sitting on a rock; is sitting on a couch; is standing by a fence; "
        "is standing in front of a building",
        "cat 281-285; rabbit 330-332; squirrel 335; pig 341-343; bear 294-297; lion 291; "
        "tiger 292; cheetah 293; leopard 288-290; wolf 269-271; fox 277-280; monkey 365-384; "
        "panda 388; kangaroo 104; koala 105; frog 30-32; turtle 33-37; lizard 38-48; snake 52-68; "
        "butterfly 321-326",
    ),
    Kind(
        "horse",
        "is standing in the grass; is standing in a field; is standing in the water; "
        "is standing in the snow; is standing on a dirt road; is standing by a fence; "
        "is standing in front of a building",
        "horse 339; cow 345-347; sheep 348-350; camel 354; elephant 101 385 386; zebra 340; "
        "deer 351-353; llama 355",
    ),
    Kind("dog", "is swimming in the water; is on the beach", "whale 147-148; crocodile 49-50"),
    Kind(
        "bird",
        "is flying in the air; is sitting in a tree; is standing in the water; "
        "is standing on a rock; is standing in the grass",
        "bird 10-24 80-96 127-146; chicken 7-8; ostrich 9; duck 97-98; goose 99; swan 100",
    ),
    Kind(
        "plane",
        "is flying in the sky; is on the ground; is in front of a building",
        "plane 404 895 908",
    ),
    Kind(
        "car",
        "is parked on a street; is parked in a parking lot; is parked on a dirt road; "
        "is parked in front of a building; is parked in the grass; is parked in the snow",
        "bus 654 779 874; car 436 468 511 627 656 661 817; truck 555 569 675 717 864 867; "
        "motorcycle 665 670; tractor 866",
    ),
    Kind(
        "train",
        "is on the tracks; is on a bridge; is at a station; is on a street",
        "train 466 547 565 705 820 829",
    ),
    Kind(
        "boat",
        "is in the water; is on a lake; is on a river; is on the beach",
        "boat 472 484 554 625 628 780 814 871 914 576",
    ),
    Kind(
        "building",
        "on a city street; by the water; behind a fence; behind some trees; "
        "with people in front of it",
        "tower 442; lighthouse 437; church 497; castle 483; building 663 668 698; "
        "bridge 821 839 888; fountain 562",
    ),
    Kind(
        "sign",
        "on a street; on a building; on a wall; on a pole; in the grass",
        "sign 919; clock 409 530 892; parking-meter 704; traffic-light 920",
    ),
    Kind(
        "food",
        "on a plate; on a table; in a box",
        "pizza 963; hot-dog 934; hamburger 933; sandwich 931; banana 954; broccoli 937; "
        "orange 950; apple 948; soup 925; cake 927",
    ),
    Kind("table", "with food; with food in a restaurant; with food and a glass", "plate 923"),
    Kind(
        "table",
        "in a kitchen; in a room; in a restaurant; in front of a window",
        "laptop 620 681; computer 508 527 664; television 851; bed 564; couch 831; desk 526; "
        "table 532; toilet 861; sink 896; bathtub 435; refrigerator 760; microwave 651; stove 827; "
        "vase 883; teddy-bear 850",
    ),
    Kind("ball", "in the air; over a field", "balloon 417"),
)
LEAST = 0.4  # how probable a noun's classes must be together
KEPT = 3  # captions of a photo at most
RARE = 0.03  # share of the named photos; rarer nouns are said more than once
_BATCH, _SIZE = 32, 224
_TINY = 1e-30


def nouns() -> dict[str, list[int]]:
    """Noun -> its classes, counted from 0."""
    return {noun: classes for kind in KINDS for noun, classes in kind.nouns.items()}


def named(
    files: Sequence[Path], teacher: keras.Model, report: Callable[[int, int], None]
) -> dict[Path, str]:
    """Photo -> noun, where the teacher is sure of one.

    Raises DatasetError if the teacher does not tell ImageNet's classes apart; with 1,001 of them
    the first is "background".
    """
    classes = teacher.output["logits"].shape[-1] if "logits" in teacher.output else 0
    if classes not in (1000, 1001):
        raise DatasetError("The teacher does not tell ImageNet's 1,000 classes apart.")
    judge = keras.Model(teacher.inputs, keras.ops.softmax(teacher.output["logits"]))
    known = nouns()
    words = list(known)
    result = {}
    for first in range(0, len(files), _BATCH):
        photos, pixels = [], []
        for file in files[first : first + _BATCH]:
            try:
                pixels.append(squashed(file, _SIZE))
            except PhotoError:
                continue
            photos.append(file)
        if photos:
            shares = judge.predict_on_batch(np.stack(pixels))[:, classes - 1000 :]
            sums = np.stack([shares[:, which].sum(axis=1) for which in known.values()], axis=1)
            for photo, row in zip(photos, sums, strict=True):
                if row.max() >= LEAST:
                    result[photo] = words[row.argmax()]
        report(min(first + _BATCH, len(files)), len(files))
    return result


def begun(names: Mapping[Path, str]) -> dict[Path, list[str]]:
    """Photo -> one caption, which begins with its noun and goes on."""
    return {photo: [f"{_a(noun)} {GOES_ON}"] for photo, noun in names.items()}


def completed(
    names: Mapping[Path, str], captioner: Checkpoint, report: Callable[[int, int], None]
) -> dict[Path, list[str]]:
    """Photo -> captions that name its noun and go on as suits the photo best.

    Of the ends of its kind those are taken which the captioner finds likeliest after the noun of
    the kind that it knows: KEPT, but no more than half of them. Half of what it finds on average is
    taken off the logarithm: what is likely for any photo says little of this one. Captions with a
    rare noun come as often as the root of how much rarer it is than RARE (repeat factor sampling,
    Gupta et al. 2019, arXiv:1908.03195).

    Raises UnknownWordError if the captioner does not know a kind's noun, or a word of its ends.
    """
    said, result = _Likelihood(captioner), {}
    rarity = {n: RARE * len(names) / count for n, count in Counter(names.values()).items()}
    for kind in KINDS:
        photos = [photo for photo, noun in names.items() if noun in kind.nouns]
        if photos:
            ends = [end.strip() for end in kind.ends.split(";")]
            likely = said.of(photos, ["a", kind.like], [end.split() for end in ends])
            order = np.argsort(likely.mean(axis=0) / 2 - likely, axis=1, kind="stable")
            for photo, best in zip(photos, order[:, : min(KEPT, len(ends) // 2)], strict=True):
                noun = names[photo]
                times = math.ceil(math.sqrt(max(1.0, rarity[noun])))
                result[photo] = [f"{_a(noun)} {ends[end]}" for end in best] * times
            report(len(result), len(names))
    return result


class _Likelihood:
    """How likely a captioner finds it that a sentence goes on in this way or that."""

    def __init__(self, captioner: Checkpoint):
        self._words, self._backbone = captioner.vocabulary, captioner.backbone
        self._look, self._step = model.looking(captioner.decoder), model.stepping(captioner.decoder)

    def of(self, photos: Sequence[Path], begun: list[str], ends: list[list[str]]) -> np.ndarray:
        """Log-probabilities of the ends after the words that it has begun with: (photos, ends)."""
        sentences = [self._words.ids(begun + end) for end in ends]
        likely = np.zeros((len(photos), len(ends)))
        for first in range(0, len(photos), _BATCH):
            some = slice(first, first + _BATCH)
            seen = self._see(photos[some])
            for column, ids in enumerate(sentences):
                shares = decoding.probabilities(self._step.predict_on_batch, seen, ids)
                likely[some, column] = np.log(shares[:, len(begun) :] + _TINY).sum(axis=1)
        return likely

    def _see(self, photos: Sequence[Path]) -> decoding.Seen:
        pixels = np.stack([self._backbone.pixels(photo) for photo in photos])
        grid = self._backbone.features(pixels)
        return decoding.Seen(
            *self._look.predict_on_batch([grid, np.ones(grid.shape[:2], np.float32)])
        )


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def write(out: Path, dataset: Dataset, described: Mapping[Path, Sequence[str]]) -> None:
    """A data set of its own in `out`, laid out as Flickr8k: one that there is, and the photos that
    have a caption now to train on beside it. Photos are linked, not copied.

    Raises DatasetError if two photos have the same name.
    """
    images = out / "Images"
    images.mkdir(parents=True, exist_ok=True)
    captions = dataset.captions | dict(described)
    lines = []
    for photo, texts in captions.items():
        link = images / photo.name
        if link.is_symlink() and link.resolve() != photo.resolve():
            raise DatasetError(f"There are two photos called {photo.name}.")
        if not link.is_symlink():
            link.symlink_to(photo.resolve())
        lines += [f"{photo.name}#{number}\t{text}" for number, text in enumerate(texts)]
    write_text(out / "Flickr8k.token.txt", "\n".join(lines) + "\n")
    for split, photos in dataset.splits.items():
        files = [*photos, *(described if split == "train" else [])]
        if files:
            text = "".join(f"{file.name}\n" for file in files)
            write_text(out / f"Flickr_8k.{split}Images.txt", text)
