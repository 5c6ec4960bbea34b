"""Captions as plain data: showing one needs no model."""

from dataclasses import dataclass, replace

import numpy as np

from captioner.attention_maps import Geometry, place
from captioner.words import join


@dataclass(frozen=True)
class Word:
    """One word of a caption.

    Attributes:
        text: the word.
        probability: of the model at temperature 1, whatever the sampler.
        attention: float32 (rows, cols), not negative, with sum 1.
        alternatives: (word, probability), best first. `<end>` means that the sentence could have
            ended there.
        heads: of a transformer, whose `attention` is their mean: the attention of each head,
            float32 (layers, heads, rows, cols); else None.
        self_attention: of a transformer: the attention of each head to `<start>` and the words
            before this one, float32 (layers, heads, index of the word + 1); else None.
    """

    text: str
    probability: float
    attention: np.ndarray
    alternatives: list[tuple[str, float]]
    heads: np.ndarray | None = None
    self_attention: np.ndarray | None = None

    def to_json(self) -> dict:
        """Its fields as plain JSON, without those that are None."""
        value = {
            "text": self.text,
            "probability": rounded(self.probability),
            "attention": rounded(self.attention),
            "alternatives": [[text, rounded(share)] for text, share in self.alternatives],
        }
        for name in ("heads", "self_attention"):
            if (weights := getattr(self, name)) is not None:
                value[name] = rounded(weights)
        return value


def rounded(values, digits: int = 6):
    """A number, or numbers in arrays or lists, as JSON."""
    return np.round(np.asarray(values, np.float64), digits).tolist()


@dataclass(frozen=True)
class Caption:
    """A sentence, word by word, and the geometry of its attention maps.

    Without attention, where the context is the mean of all cells, every map is uniform.
    """

    words: list[Word]
    geometry: Geometry
    use_attention: bool = True

    @property
    def text(self) -> str:
        return join([word.text for word in self.words])

    @property
    def maps(self) -> np.ndarray:
        """All maps, float32 (words, rows, cols)."""
        if not self.words:
            return np.zeros((0, self.geometry.rows, self.geometry.cols), np.float32)
        return np.stack([word.attention for word in self.words])

    @property
    def heads(self) -> list[tuple[int, int]]:
        """(layer, head) of all heads of a transformer; empty for other captioners."""
        heads = self.words[0].heads if self.words else None
        return [] if heads is None else list(np.ndindex(heads.shape[:2]))

    def of_head(self, layer: int, head: int) -> "Caption":
        """The same with the attention of one head in place of the mean of all."""
        words = [replace(word, attention=word.heads[layer, head]) for word in self.words]
        return replace(self, words=words)

    @property
    def confidence(self) -> float:
        """Geometric mean of the probabilities of its words; 0 for an empty caption."""
        if not self.words:
            return 0.0
        logs = np.log([max(word.probability, 1e-12) for word in self.words])
        return float(np.exp(logs.mean()))

    def placed_attention(self, i: int, size: tuple[int, int], smooth: bool = True) -> np.ndarray:
        """The map of word `i` on a photo of `size` (width, height), see `attention_maps.place`."""
        return place(self.words[i].attention, self.geometry, size, smooth)

    def to_json(self, photo: str | None = None) -> dict:
        """`{"photo", "caption", "words"}`, the JSON of the command line and the web API."""
        return {
            "photo": photo,
            "caption": self.text,
            "words": [word.to_json() for word in self.words],
        }
