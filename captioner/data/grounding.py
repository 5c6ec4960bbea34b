"""Which words of a caption name an object whose place in the photo is known.

Training supervises attention with it, and evaluation measures attention with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from captioner import scenes
from captioner.data import nouns
from captioner.data.boxes import Box
from captioner.data.dataset import Dataset
from captioner.data.formats import coco


@dataclass(frozen=True)
class Grounding:
    """The objects in the photos of one split of a data set, and the words that name them."""

    boxes: Mapping[Path, Sequence[Box]]  # photo -> its objects, each of a category in `categories`
    nouns: Mapping[str, str]  # word -> its noun, which may be a category
    categories: frozenset[str]  # of all objects
    complete: bool  # whether every object has its box: true of drawn scenes, not of a detector

    def objects(self, photo: Path, word: str) -> list[Box]:
        """The objects in a photo that a word names; empty if there are none or it is unknown."""
        if (noun := self.nouns.get(word)) is None:
            return []
        return [box for box in self.boxes.get(photo, ()) if box.category == noun]


def read(folder: Path | str, dataset: Dataset, split: str) -> Grounding:
    """Reads the boxes of a split of the data set in `folder`, if it has any.

    The categories of photos are renamed to nouns; categories that no single word names are left
    out.

    Raises:
        DatasetError: a file of boxes is malformed.
    """
    found = coco.read_boxes(folder, split)
    drawn = scenes.is_scenes_folder(Path(folder))
    if not drawn:
        found = {name: _renamed(boxes) for name, boxes in found.items()}
    of_split = {photo: found[photo.name] for photo in dataset.splits[split] if photo.name in found}
    categories = frozenset(box.category for boxes in found.values() for box in boxes)
    return Grounding(of_split, scenes.NOUNS if drawn else nouns.NOUNS, categories, drawn)


def _renamed(boxes: Sequence[Box]) -> list[Box]:
    named = [(nouns.of_category(box.category), box) for box in boxes]
    return [replace(box, category=noun) for noun, box in named if noun]
