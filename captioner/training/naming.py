"""Names for what stands in photos that nobody described, so that a captioner learns more nouns.

People who described a few thousand photos never wrote of pizzas, trains or zebras. A classifier
knows them: where it is sure of one, the photo gets a caption that names it. (A self-training as by
pseudo-labels, Lee 2013, with another network's.) Where it is wrong, or has no class for it, as for
giraffes, somebody who looked can say it. How the sentence goes on is left to the captioner: "a
zebra …", after which nothing is learnt; or `completing` completes it.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from captioner.files import write_text
from captioner.photos import PhotoError, squashed
from captioner.training.datasets import GOES_ON, Dataset, DatasetError, read_text
from captioner.training.everyday import nouns, with_article

LEAST = 0.4  # how probable a noun's classes must be together
_BATCH, _SIZE = 32, 224


def labels(file: Path) -> dict[str, str]:
    """File name of a photo -> noun, from lines with a tab between them; no noun: not to be named.

    Raises DatasetError if there is no such file, a line is not one, or a noun none of `everyday`.
    """
    result, known = {}, nouns()
    try:
        lines = read_text(file).splitlines()
    except (OSError, DatasetError) as error:
        raise DatasetError(f"{file} can't be read: {error}") from error
    for number, line in enumerate(lines, 1):
        photo, tab, noun = line.partition("\t")
        if not tab or (noun and noun not in known):
            raise DatasetError(
                f"Line {number} of {file} must be a photo, a tab, and a noun from "
                f"captioner/training/everyday.py or nothing: {line[:80]!r}"
            )
        result[photo] = noun
    return result


def named(
    files: Sequence[Path],
    teacher: keras.Model,
    report: Callable[[int, int], None],
    said: Mapping[str, str] | None = None,
) -> dict[Path, str]:
    """Photo -> noun: what `labels` said of it, else the teacher's where it is sure of one.

    Raises DatasetError if the teacher does not tell ImageNet's classes apart; with 1,001 of them
    the first is "background".
    """
    said = said or {}
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
                sure = words[row.argmax()] if row.max() >= LEAST else ""
                if noun := said.get(photo.name, sure):
                    result[photo] = noun
        report(min(first + _BATCH, len(files)), len(files))
    return result


def begun(names: Mapping[Path, str]) -> dict[Path, list[str]]:
    """Photo -> one caption, which begins with its noun and goes on."""
    return {photo: [f"{with_article(noun)} {GOES_ON}"] for photo, noun in names.items()}


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
