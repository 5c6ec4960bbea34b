"""Names for what stands in photos that nobody described, so that a captioner learns more nouns.

People who described a few thousand photos never wrote of pizzas, trains or zebras. A classifier
knows them: where it is sure of one, the photo gets the beginning of a caption, "a zebra …", after
which nothing is learnt. How the sentence goes on is left to the captioner. (A self-training as by
pseudo-labels, Lee 2013, with another network's.)
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from captioner.files import write_text
from captioner.photos import PhotoError, open_photo
from captioner.training.datasets import GOES_ON, Dataset, DatasetError

# What people would call it, and which of ImageNet's 1,000 classes it is. Left out is what people
# wear, hold or stand at: there, the caption should begin with them.
CLASSES = """
bird 10-24 80-96 127-146; chicken 7-8; ostrich 9; duck 97-98; goose 99; swan 100
cat 281-285; rabbit 330-332; squirrel 335; pig 341-343; cow 345-347; sheep 348-350; camel 354
elephant 101 385 386; zebra 340; bear 294-297; lion 291; tiger 292; cheetah 293; leopard 288-290
deer 351-353; llama 355; wolf 269-271; fox 277-280; monkey 365-384; panda 388; kangaroo 104
koala 105; whale 147-148; frog 30-32; turtle 33-37; lizard 38-48; crocodile 49-50; snake 52-68
butterfly 321-326
plane 404 895 908; train 466 547 565 705 820 829; bus 654 779 874; car 436 468 511 627 656 661 817
truck 555 569 675 717 864 867; motorcycle 665 670; tractor 866; boat 472 484 554 625 628 780 814
boat 871 914 576
clock 409 530 892; tower 442; lighthouse 437; church 497; castle 483; building 663 668 698
bridge 821 839 888; fountain 562; sign 919; parking-meter 704; traffic-light 920; balloon 417
pizza 963; hot-dog 934; hamburger 933; sandwich 931; banana 954; broccoli 937; orange 950; apple 948
soup 925; cake 927; plate 923
laptop 620 681; computer 508 527 664; television 851; bed 564; couch 831; desk 526; table 532
toilet 861; sink 896; bathtub 435; refrigerator 760; microwave 651; stove 827; vase 883
teddy-bear 850
"""
LEAST = 0.6  # how probable a noun's classes must be together
_BATCH, _SIZE = 32, 224


def nouns(text: str = CLASSES) -> dict[str, list[int]]:
    """Noun -> its classes, counted from 0."""
    result: dict[str, list[int]] = {}
    for entry in text.replace("\n", ";").split(";"):
        noun, *ranges = entry.split() or [""]
        for first, _, last in (part.partition("-") for part in ranges):
            classes = range(int(first), int(last or first) + 1)
            result.setdefault(noun.replace("-", " "), []).extend(classes)
    return result


def beginning(noun: str) -> str:
    """The caption that begins with a noun and goes on."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun} {GOES_ON}"


def named(
    files: Sequence[Path], teacher: keras.Model, report: Callable[[int, int], None]
) -> dict[Path, str]:
    """Photo -> beginning of a caption, where the teacher is sure of one of the nouns.

    Raises DatasetError if the teacher does not tell ImageNet's classes apart; with 1,001 of them
    the first is "background".
    """
    classes = teacher.output["logits"].shape[-1] if "logits" in teacher.output else 0
    if classes not in (1000, 1001):
        raise DatasetError("The teacher does not tell ImageNet's 1,000 classes apart.")
    judge = keras.Model(teacher.inputs, keras.ops.softmax(teacher.output["logits"]))
    known = nouns()
    begun = [beginning(noun) for noun in known]
    result = {}
    for first in range(0, len(files), _BATCH):
        photos, pixels = [], []
        for file in files[first : first + _BATCH]:
            try:
                small = open_photo(file).resize((_SIZE, _SIZE), Image.Resampling.BILINEAR)
            except PhotoError:
                continue
            photos.append(file)
            pixels.append(np.asarray(small))
        if photos:
            shares = judge.predict_on_batch(np.stack(pixels))[:, classes - 1000 :]
            sums = np.stack([shares[:, which].sum(axis=1) for which in known.values()], axis=1)
            for photo, row in zip(photos, sums, strict=True):
                if row.max() >= LEAST:
                    result[photo] = begun[row.argmax()]
        report(min(first + _BATCH, len(files)), len(files))
    return result


def write(out: Path, dataset: Dataset, names: Mapping[Path, str]) -> None:
    """A data set of its own in `out`, laid out as Flickr8k: one that there is, and the named photos
    to train on beside it. Photos are linked, not copied.

    Raises DatasetError if two photos have the same name.
    """
    images = out / "Images"
    images.mkdir(parents=True, exist_ok=True)
    captions = dataset.captions | {photo: [text] for photo, text in names.items()}
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
        files = [*photos, *(names if split == "train" else [])]
        if files:
            text = "".join(f"{file.name}\n" for file in files)
            write_text(out / f"Flickr_8k.{split}Images.txt", text)
