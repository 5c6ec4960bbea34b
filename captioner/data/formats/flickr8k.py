"""Flickr8k as its authors published it (Hodosh, Young and Hockenmaier 2013, JAIR 47)."""

from pathlib import Path

from captioner.data.dataset import SPLITS, Dataset, collect, files_in, read_utf8

EXPECTED = "Flickr8k.token.txt and Images/"
ANNOTATIONS = ("Flickr8k.token.txt", "Flickr_8k.*Images.txt")
PHOTOS = "Images"


def recognises(folder: Path) -> bool:
    """Whether the folder holds the file of captions."""
    return (folder / "Flickr8k.token.txt").is_file()


def read(folder: Path) -> Dataset:
    """Reads `Flickr8k.token.txt`, `Images/` and the lists of splits `Flickr_8k.*Images.txt`.

    Without lists, all photos are in train.
    """
    pairs, notes, malformed = [], [], 0
    for line in read_utf8(folder / "Flickr8k.token.txt").split("\n"):
        key, tab, caption = line.partition("\t")
        photo, hash_, number = key.rpartition("#")
        if tab and hash_ and number.isdigit():
            pairs.append((photo, caption))
        elif line.strip():
            malformed += 1
    if malformed:
        notes.append(f"malformed lines of Flickr8k.token.txt, left out: {malformed}")
    dataset = collect("Flickr8k", files_in(folder / PHOTOS), pairs, notes)
    lists = {split: folder / f"Flickr_8k.{split}Images.txt" for split in SPLITS}
    if not any(file.is_file() for file in lists.values()):
        dataset.splits["train"] = list(dataset.captions)
        return dataset
    by_name = {path.name: path for path in dataset.captions}
    taken: set[str] = set()
    for split in reversed(SPLITS):  # a photo listed for dev or test, too, is not trained on
        lines = read_utf8(lists[split]).split("\n") if lists[split].is_file() else []
        names = [n for n in dict.fromkeys(map(str.strip, lines)) if n and n not in taken]
        dataset.splits[split] = [by_name[n] for n in names if n in by_name]
        taken.update(names)
        if split != "train":
            dataset.held_out.update(folder / PHOTOS / n for n in names)
    return dataset
