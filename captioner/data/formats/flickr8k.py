"""Flickr8k as its authors published it (Hodosh, Young and Hockenmaier 2013, JAIR 47)."""

from collections import Counter
from pathlib import Path

from captioner.data.dataset import SPLITS, Dataset, collect, read_utf8
from captioner.data.photo_files import PhotoFiles

EXPECTED = "Flickr8k.token.txt and Images/"
ANNOTATIONS = ("Flickr8k.token.txt", "Flickr_8k.*Images.txt")


def recognises(folder: Path) -> bool:
    """Whether the folder holds the file of captions, perhaps in `Flickr8k_text/`."""
    return _captions_file(folder) is not None


def _captions_file(folder: Path) -> Path | None:
    name = ANNOTATIONS[0]
    found = [folder / name, *sorted(folder.glob(f"*/{name}"))]
    return next((path for path in found if path.is_file()), None)


def read(folder: Path) -> Dataset:
    """Reads `Flickr8k.token.txt` and, beside it, the lists of splits `Flickr_8k.*Images.txt`.

    Without lists, all photos are in train.
    """
    captions_file = _captions_file(folder)
    pairs, left_out = [], Counter()
    for line in read_utf8(captions_file).split("\n"):
        key, tab, caption = line.partition("\t")
        photo, hash_, number = key.rpartition("#")
        if tab and hash_ and number.isdigit():
            pairs.append((photo, caption))
        elif line.strip():
            left_out["malformed lines of Flickr8k.token.txt"] += 1
    files = PhotoFiles(folder)
    dataset = collect("Flickr8k", files, pairs, left_out)
    lists = {split: captions_file.with_name(f"Flickr_8k.{split}Images.txt") for split in SPLITS}
    if not any(file.is_file() for file in lists.values()):
        dataset.splits["train"] = list(dataset.captions)
        return dataset
    assigned: set[Path] = set()
    for split in reversed(SPLITS):  # a photo listed for dev or test, too, is not trained on
        lines = read_utf8(lists[split]).split("\n") if lists[split].is_file() else []
        photos = [files.find(line) for line in lines if line.strip()]
        new = [photo for photo in dict.fromkeys(photos) if photo and photo not in assigned]
        dataset.splits[split] = [photo for photo in new if photo in dataset.captions]
        assigned.update(new)
        if split != "train":
            dataset.held_out.update(new)
    return dataset
