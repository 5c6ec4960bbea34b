"""Which words of a caption name an object whose place in the photo is known.

One table serves training, which teaches attention by it, and evaluation, which measures by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from captioner import scenes
from captioner.data import boxes, nouns
from captioner.data.boxes import Box
from captioner.data.datasets import Dataset


@dataclass(frozen=True)
class Grounding:
    """The objects in the photos of one split of a data set, and the words that name them."""

    boxes: Mapping[Path, Sequence[Box]]  # photo -> its objects, each of a category in `categories`
    nouns: Mapping[str, str]  # word -> the noun that it stands for, which may be a category
    categories: frozenset[str]  # of all objects that were found
    complete: bool  # whether every object has its box: of drawn scenes; a detector misses some

    def objects(self, photo: Path, word: str) -> list[Box]:
        """The objects in a photo that a word names; empty if there are none, or nobody knows."""
        if (noun := self.nouns.get(word)) is None:
            return []
        return [box for box in self.boxes.get(photo, ()) if box.category == noun]


def read(folder: Path | str, dataset: Dataset, split: str) -> Grounding:
    """What is known of the photos of a split of the data set that `folder` holds.

    Boxes come from `annotations/instances_*.json`; without these files there are none, for any
    photo. Of photos, the categories are renamed to the nouns of `nouns.NOUNS`, and those that no
    word names are left out. Raises DatasetError if a file is not as COCO's are.
    """
    found = boxes.read(folder, split)
    drawn = scenes.is_scenes_folder(Path(folder))
    if not drawn:
        found = {name: _named(there) for name, there in found.items()}
    known = {photo: found[photo.name] for photo in dataset.splits[split] if photo.name in found}
    categories = frozenset(box.category for there in found.values() for box in there)
    return Grounding(known, scenes.NOUNS if drawn else nouns.NOUNS, categories, drawn)


def _named(there: Sequence[Box]) -> list[Box]:
    named = [(nouns.of_category(box.category), box) for box in there]
    return [replace(box, category=noun) for noun, box in named if noun]
