"""Targets of supervised attention: the cells that the boxes of a word's object cover.

Supervision by categories of Liu et al. (2017), Attention Correctness in Neural Image Captioning,
arXiv:1605.09553.
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
    """The cells of a photo that the words of its captions name."""

    def __init__(self, groundings: Sequence[Grounding], vocabulary: Vocabulary, geometry: Geometry):
        """`groundings`: the objects in the photos, one for each data set."""
        self.geometry = geometry
        self._of_photo = {photo: grounding for grounding in groundings for photo in grounding.boxes}
        self._words = {
            number: word
            for number, word in enumerate(vocabulary.words)
            if any(grounding.nouns.get(word) in grounding.categories for grounding in groundings)
        }

    def of(self, photo: Path, tokens: Sequence[int], view: View) -> np.ndarray:
        """Share of each cell that the objects named by each of T words cover, float16 (T, cells);
        zeros for a word that names no object with a box in this view of the photo."""
        inside = np.zeros((len(tokens), self.geometry.cells), np.float16)
        grounding = self._of_photo.get(photo)
        if grounding is None:
            return inside
        for position, token in enumerate(tokens):
            word = self._words.get(int(token))
            if word and (objects := grounding.objects(photo, word)):
                visible = view.apply_to_boxes(objects, photo.name)
                inside[position] = boxes.coverage(visible, self.geometry)
        return inside

    def of_batch(
        self, photos: Sequence[Path], views: Sequence[View], photo: np.ndarray, tokens: np.ndarray
    ) -> np.ndarray:
        """`of` for the tokens (N, T) of captions of `photos[photo]`: (N, T, cells)."""
        captions = zip(photo, tokens, strict=True)
        return np.stack([self.of(photos[i], ids, views[i]) for i, ids in captions])
