"""Karpathy's `dataset_flickr8k.json`, `dataset_flickr30k.json` and `dataset_coco.json`.

Karpathy and Fei-Fei 2015, arXiv:1412.2306; its splits are those that most papers report.
"""

from collections import Counter
from pathlib import Path

from captioner.data.dataset import Dataset, DatasetError, collect_with_splits, read_json
from captioner.data.photo_files import PhotoFiles

EXPECTED = "dataset_*.json of Karpathy and the photos"
ANNOTATIONS = ("dataset_*.json", "dataset.json")


def recognises(folder: Path) -> bool:
    """Whether the folder holds such a file, perhaps in `annotations/`."""
    return bool(_files(folder))


def read(folder: Path) -> Dataset:
    """Reads photos, sentences and splits as the file names them; restval is train."""
    path = _files(folder)[0]
    images = read_json(path).get("images")
    if not isinstance(images, list):
        raise DatasetError(f"{path} lacks the list images of Karpathy's files")
    pairs, splits, left_out = [], [], Counter()
    malformed = f"malformed entries of {path.name}"
    for image in images:
        match image:
            case {"filename": str() as name, "sentences": list() as sentences} if name:
                # "val2014" and the like; a file name alone in Flickr's files
                name = f"{image['filepath']}/{name}" if image.get("filepath") else name
                splits.append((name, str(image.get("split", ""))))
                texts = [_text(sentence) for sentence in sentences]
                left_out[malformed] += texts.count(None)
                pairs += [(name, text) for text in texts if text is not None]
            case _:
                left_out[malformed] += 1
    return collect_with_splits(PhotoFiles(folder), pairs, splits, left_out)


def _files(folder: Path) -> list[Path]:
    places = [folder, folder / "annotations"]
    found = [path for place in places for name in ANNOTATIONS for path in sorted(place.glob(name))]
    return [path for path in found if path.is_file() and _begins_with_images(path)]


def _begins_with_images(path: Path) -> bool:
    """Other files are called dataset.json, too; reading all of COCO's takes seconds."""
    with path.open("rb") as file:
        return b'"images"' in file.read(1000)


def _text(sentence: object) -> str | None:
    match sentence:
        case {"raw": str() as text}:
            return text
        case {"tokens": list() as tokens} if all(isinstance(token, str) for token in tokens):
            return " ".join(tokens)
    return None
