"""The captioner: photos in, captions out."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from captioner import beam_tree, checkpoints, decoding, occlusion
from captioner.attention_maps import Geometry
from captioner.batching.joint_decoding import SIZES, padded
from captioner.batching.networks import Networks, Request
from captioner.caption import Caption, Word
from captioner.samplers import Beam, Greedy, Sampler
from captioner.vocabulary import Vocabulary

_GREY = np.full((8, 8, 3), 128, np.uint8)
_BATCH = 32  # sentences, or masks of one photo, that are decoded together


class Captioner:
    """Captions photos with a loaded checkpoint. Thread-safe; one call computes at a time, and
    captions that wait for it are computed together.

    Every method that takes a photo accepts a path, bytes, a PIL.Image or a uint8 array (H, W, 3),
    and raises PhotoError if it cannot be read. `covered`, bool (rows, cols), hides the cells where
    it is true from attention and from the first state; a mask of another shape, or one that covers
    everything, raises ValueError. A word outside the vocabulary raises UnknownWordError.
    """

    def __init__(self, checkpoint: checkpoints.Checkpoint):
        self.checkpoint = checkpoint
        self._networks = Networks(checkpoint)

    @classmethod
    def load(cls, folder: Path | str | None = None) -> "Captioner":
        """Loads a checkpoint folder; without one, the bundled checkpoint.

        Raises:
            CheckpointError: The folder is damaged, incomplete or of another format.
            BackboneError: The weights of its backbone must be downloaded, which fails.
        """
        return cls(checkpoints.load(folder))

    def warm_up(self) -> None:
        """Captions a grey square, so that everything is compiled before the first photo."""
        self.caption(_GREY)

    def warm_up_occlusion(self) -> None:
        """The same for `occlusion`, whose batches have another shape."""
        word = self.caption(_GREY).words[0].text
        next(self.occlusions(_GREY, [word]))

    def warm_up_batches(self) -> None:
        """The same for captions that are computed together."""
        visible = self._visible(None)
        photos = [np.full_like(self.pixels(_GREY), grey) for grey in range(max(SIZES))]
        for size in SIZES[1:]:
            requests = [Request(pixels, visible, decoding.search) for pixels in photos[:size]]
            with self._networks.exclusive():
                self._networks.results(requests)

    @property
    def geometry(self) -> Geometry:
        return self.checkpoint.backbone.geometry

    @property
    def vocabulary(self) -> Vocabulary:
        return self.checkpoint.vocabulary

    def pixels(self, photo) -> np.ndarray:
        """The network's input for a photo, uint8 (size, size, 3). As a photo, these pixels give
        the same results."""
        return self.checkpoint.backbone.pixels(photo)

    def caption(
        self,
        photo,
        sampler: Sampler = Greedy(),
        prefix: Sequence[str] = (),
        covered: np.ndarray | None = None,
    ) -> Caption:
        """Captions one photo; `prefix` forces the first words."""
        return self._search(photo, sampler, prefix, covered).caption(
            0, self.vocabulary, self.geometry
        )

    def beam_tree(
        self,
        photo,
        beams: int = 3,
        prefix: Sequence[str] = (),
        covered: np.ndarray | None = None,
    ) -> tuple[Caption, beam_tree.Tree]:
        """The caption that `Beam(beams)` finds, and the tree of its search."""
        search = self._search(photo, Beam(beams), prefix, covered)
        caption = search.caption(0, self.vocabulary, self.geometry)
        return caption, beam_tree.build(search, 0, self.vocabulary)

    def probabilities(
        self, photo, words: Sequence[str], covered: np.ndarray | None = None
    ) -> np.ndarray:
        """The probability of each word of a sentence, float32 (words,)."""
        pixels, visible = self.pixels(photo), self._visible(covered)
        ids = self.vocabulary.ids(words)
        steps = partial(decoding.force, sentences=[ids])
        probabilities, _ = self._networks.result(Request(pixels, visible, steps))
        return probabilities[0]

    def probabilities_covered(
        self, photo, words: Sequence[str], covered: Sequence[np.ndarray]
    ) -> np.ndarray:
        """`probabilities` under each of N masks (N, rows, cols): float32 (N, words)."""
        pixels, ids = self.pixels(photo), self.vocabulary.ids(words)
        visible = np.concatenate([self._visible(mask) for mask in covered])
        parts = []
        for first in range(0, len(visible), _BATCH):
            # Batches of one size: another would have to be compiled first.
            masks = padded(visible[first : first + _BATCH], _BATCH)
            with self._networks.exclusive():
                grid = np.repeat(self._networks.grids([pixels]), _BATCH, axis=0)
                parts.append(self._probabilities(grid, masks, ids))
        return np.concatenate(parts)[: len(visible)]

    def occlusion(
        self, photo, words: Sequence[str], covered: np.ndarray | None = None
    ) -> np.ndarray:
        """How much the probability of each word of a sentence falls when a part of the photo is
        covered (Zeiler and Fergus 2014, arXiv:1311.2901).

        Returns:
            float32 (words, rows, cols): one value for the patch of pixels around each cell, see
            `captioner.occlusion`. It is negative where covering makes a word more probable.
        """
        *_, (_, _, maps) = self.occlusions(photo, words, covered)
        return maps

    def occlusions(
        self, photo, words: Sequence[str], covered: np.ndarray | None = None
    ) -> Iterator[tuple[int, int, np.ndarray | None]]:
        """`occlusion` in batches, between which other threads can caption.

        Yields:
            (batches done, batches in all, None), with the last batch the maps in place of None.
        """
        pixels, visible = self.pixels(photo), self._visible(covered)
        ids, grids = self.vocabulary.ids(words), []
        for batch in occlusion.covered(pixels, self.geometry):
            with self._networks.exclusive():
                grids.append(self._networks.backbone.features(batch))
            if len(grids) < self.geometry.rows:
                yield len(grids), self.geometry.rows, None
        with self._networks.exclusive():
            patched = self._probabilities(np.concatenate(grids), visible, ids)
        whole = self.probabilities(pixels, words, covered)
        yield len(grids), self.geometry.rows, occlusion.falls(whole, patched, self.geometry)

    def vector_similarity(self, words: Sequence[str]) -> np.ndarray:
        """Cosine similarity of the decoder's word vectors, float32 (words, words)."""
        (vectors,) = self.checkpoint.decoder.embed.get_weights()  # (V, E)
        vectors = vectors[self.vocabulary.ids(words)]
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return np.clip(vectors @ vectors.T, -1, 1).astype(np.float32)

    def captions(
        self, photos: Iterable, batch_size: int = 32, sampler: Sampler = Greedy()
    ) -> Iterator[Caption]:
        """Captions many photos, `batch_size` at a time, in order."""
        remaining = iter(photos)
        while batch := list(itertools.islice(remaining, batch_size)):
            pixels = np.stack([self.pixels(photo) for photo in batch])
            with self._networks.exclusive():
                decoder = self._networks.decoder
                encoded = decoder.encode(self._networks.backbone.features(pixels))
                captions = decoding.decode(
                    decoder.step, encoded, self.vocabulary, self.geometry, sampler
                )
            yield from captions

    def forced(
        self, photos: Iterable, references: Iterable[Sequence[str]], batch_size: int = 32
    ) -> Iterator[list[Caption]]:
        """Forces the reference captions of many photos word for word, to see their attention.

        As in training, a word outside the vocabulary becomes the unknown token, and a sentence is
        cut after decoding.MAX_WORDS words.

        Args:
            photos: the photos.
            references: captions of each photo, as people wrote them.
            batch_size: photos that are encoded together.

        Yields:
            For each photo, a caption for each of its references, without alternatives. The unknown
            token has the text "<unk>" and probability 0.

        Raises:
            ValueError: `photos` and `references` have different lengths.
        """
        remaining = zip(photos, references, strict=True)
        while batch := list(itertools.islice(remaining, batch_size)):
            pixels = np.stack([self.pixels(photo) for photo, _ in batch])
            sentences = [
                (row, self.vocabulary.encode(text)[:-1][: decoding.MAX_WORDS])
                for row, (_, texts) in enumerate(batch)
                for text in texts
            ]
            with self._networks.exclusive():
                grid = self._networks.backbone.features(pixels)
                encoded = self._networks.decoder.encode(grid)
                captions = iter(self._forced(encoded, sentences))
            for _, texts in batch:
                yield list(itertools.islice(captions, len(texts)))

    def _forced(
        self, encoded: decoding.EncodedPhotos, sentences: list[tuple[int, list[int]]]
    ) -> list[Caption]:
        """Captions of (row of the photo, ids of the sentence)."""
        captions: list[Caption | None] = [None] * len(sentences)
        # Sentences of similar length go together, in batches of one size: another would have to be
        # compiled first.
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i][1]))
        for first in range(0, len(order), _BATCH):
            chosen = order[first : first + _BATCH]
            filled = chosen + chosen[-1:] * (_BATCH - len(chosen))
            rows, ids = zip(*(sentences[i] for i in filled), strict=True)
            steps = decoding.force(encoded.rows(np.array(rows)), ids)
            probabilities, attention = decoding.run(self._networks.decoder.step, steps)
            for n, i in enumerate(chosen):
                words = [
                    Word(
                        self.vocabulary[token],
                        float(probabilities[n, t]),
                        alternatives=[],
                        **decoding.word_maps(attention[n, t], self.geometry),
                    )
                    for t, token in enumerate(ids[n])
                ]
                captions[i] = Caption(words, self.geometry, encoded.use_attention)
        return captions

    def _search(self, photo, sampler, prefix, covered) -> decoding.Search:
        """The search for the caption of one photo, together with others that wait."""
        pixels, visible = self.pixels(photo), self._visible(covered)
        steps = partial(decoding.search, sampler=sampler, forced=self.vocabulary.ids(prefix))
        return self._networks.result(Request(pixels, visible, steps, sampler.width))

    def _probabilities(self, grid, visible, ids: list[int]) -> np.ndarray:
        """Grid (P, L, D), visible cells (1, L) or (P, L), T ids -> (P, T)."""
        decoder = self._networks.decoder
        steps = decoding.force(decoder.encode(grid, visible), [ids] * len(grid))
        return decoding.run(decoder.step, steps)[0]

    def _visible(self, covered: np.ndarray | None) -> np.ndarray:
        """A mask (rows, cols) -> 1 for visible cells, 0 for the others, float32 (1, L)."""
        grid = (self.geometry.rows, self.geometry.cols)
        covered = np.zeros(grid, bool) if covered is None else np.asarray(covered, bool)
        if covered.shape != grid:
            raise ValueError(f"covered must have the grid's shape {grid}, not {covered.shape}")
        if covered.all():
            raise ValueError("At least one cell of the photo must stay uncovered.")
        return 1 - covered.reshape(1, -1).astype(np.float32)
