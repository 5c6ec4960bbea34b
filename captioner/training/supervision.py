"""Where attention should lie, word by word: within the boxes of what a word names.

The weak supervision by categories of Liu et al. (2017), Attention Correctness in Neural Image
Captioning, arXiv:1605.09553.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from captioner.attention_maps import Geometry
from captioner.data import boxes
from captioner.data.augmentation import View
from captioner.data.grounding import Grounding
from captioner.vocabulary import Vocabulary


class AttentionTargets:
    """The cells of a photo that belong to the words of its captions, where that is known."""

    def __init__(self, groundings: Sequence[Grounding], vocabulary: Vocabulary, geometry: Geometry):
        """`groundings`: one for each data set."""
        self.geometry = geometry
        self._of = {photo: grounding for grounding in groundings for photo in grounding.boxes}
        self._words = {
            number: word
            for number, word in enumerate(vocabulary.words)
            if any(grounding.nouns.get(word) in grounding.categories for grounding in groundings)
        }

    def of(self, photo: Path, tokens: Sequence[int], view: View) -> np.ndarray:
        """For each of T words, by id, which share of each cell's square is covered by the objects
        that it names, in this view of the photo: float16 (T, cells). Zeros where it names none.
        """
        inside = np.zeros((len(tokens), self.geometry.cells), np.float16)
        grounding = self._of.get(photo)
        if grounding is None:
            return inside
        for position, token in enumerate(tokens):
            word = self._words.get(int(token))
            if word and (objects := grounding.objects(photo, word)):
                shown = view.apply_to_boxes(objects, photo.name)
                inside[position] = boxes.coverage(shown, self.geometry)
        return inside
