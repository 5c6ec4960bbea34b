"""Photo -> Caption with a loaded checkpoint."""

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from captioner import beam_tree, checkpoints, decoding, occlusion
from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.decoder.inference import CompiledDecoder
from captioner.samplers import Beam, Greedy, Sampler
from captioner.vocabulary import Vocabulary

_GREY = np.full((8, 8, 3), 128, np.uint8)
_TOGETHER = 32  # coverings of a photo that are decoded at once
_REMEMBERED = 16  # photos whose grid is kept: what-ifs on one of them cost only the words


class Captioner:
    """Captions photos. Safe to call from several threads; one at a time computes."""

    def __init__(self, checkpoint: checkpoints.Checkpoint):
        self.checkpoint = checkpoint
        self._backbone = checkpoint.backbone.folded()
        self._decoder = CompiledDecoder(checkpoint.decoder)
        self._remembered: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path | str | None = None) -> "Captioner":
        """Loads a checkpoint folder; without one, the bundled checkpoint.

        Raises CheckpointError or BackboneError, each with one sentence that says why.
        """
        return cls(checkpoints.load(folder))

    def warm_up(self) -> None:
        """Captions a grey square, so that the first photo finds everything compiled."""
        self.caption(_GREY)

    def warm_up_occlusion(self) -> None:
        """The same for `occlusion`, whose batches have a shape of their own."""
        said = self.caption(_GREY).words[0].text
        next(self.occlusions(_GREY, [said]))

    @property
    def geometry(self) -> Geometry:
        return self.checkpoint.backbone.geometry

    @property
    def vocabulary(self) -> Vocabulary:
        return self.checkpoint.vocabulary

    def pixels(self, photo) -> np.ndarray:
        """What the network sees of a photo: uint8 (size, size, 3). Given these pixels in place of
        the photo, all answers are the same. Raises PhotoError for what is no photo."""
        return self.checkpoint.backbone.pixels(photo)

    def caption(
        self,
        photo,
        sampler: Sampler = Greedy(),
        prefix: Sequence[str] = (),
        covered: np.ndarray | None = None,
    ) -> Caption:
        """Captions one photo: a path, bytes, PIL.Image or uint8 array (H, W, 3).

        `prefix` words are forced; cells where `covered`, bool (rows, cols), is true are hidden
        from attention and from the first state.

        Raises PhotoError for what is no photo, UnknownWordError for a prefix outside the
        vocabulary, ValueError for a mask of another shape or one that covers everything.
        """
        pixels, visible = self.pixels(photo), self._visible(covered)
        with self._lock:
            return self._decode(self._grid(pixels), visible, sampler, prefix)[0]

    def beam_tree(
        self,
        photo,
        beams: int = 3,
        prefix: Sequence[str] = (),
        covered: np.ndarray | None = None,
    ) -> tuple[Caption, beam_tree.Tree]:
        """The caption that `Beam(beams)` finds, and the tree in which it was found.

        Raises as `caption` does, and ValueError if `beams` is not positive.
        """
        pixels, visible = self.pixels(photo), self._visible(covered)
        sampler, forced = Beam(beams), self.vocabulary.ids(prefix)
        with self._lock:
            seen = self._decoder.encode(self._grid(pixels), visible)
            found = decoding.search(self._decoder.step, seen, sampler, forced)
        caption = decoding.found_caption(found, 0, self.vocabulary, self.geometry)
        return caption, beam_tree.grow(found, 0, self.vocabulary)

    def probabilities(
        self, photo, words: Sequence[str], covered: np.ndarray | None = None
    ) -> np.ndarray:
        """How probable each word is when the sentence `words` is said: float32 (words,).

        Raises as `caption` does.
        """
        pixels, visible = self.pixels(photo), self._visible(covered)
        said = self.vocabulary.ids(words)
        with self._lock:
            return self._probabilities(self._grid(pixels), visible, said)[0]

    def probabilities_covered(
        self, photo, words: Sequence[str], covered: Sequence[np.ndarray]
    ) -> np.ndarray:
        """`probabilities` with each of N coverings, bool (N, rows, cols), at less cost than one
        by one: float32 (N, words). Raises as `caption` does."""
        pixels, said = self.pixels(photo), self.vocabulary.ids(words)
        visible = np.concatenate([self._visible(one) for one in covered])
        found = []
        for first in range(0, len(visible), _TOGETHER):
            # Batches of one size: another would have to be compiled first.
            rows = np.minimum(np.arange(first, first + _TOGETHER), len(visible) - 1)
            with self._lock:
                grid = np.repeat(self._grid(pixels), _TOGETHER, axis=0)
                found.append(self._probabilities(grid, visible[rows], said))
        return np.concatenate(found)[: len(visible)]

    def occlusion(
        self,
        photo,
        words: Sequence[str],
        covered: np.ndarray | None = None,
        report: Callable[[int, int], None] | None = None,
    ) -> np.ndarray:
        """By how much the probability of each word of a sentence falls when a part of the photo is
        covered (Zeiler and Fergus 2014, arXiv:1311.2901): float32 (words, rows, cols).

        Each cell stands for the patch of pixels around it, see `captioner.occlusion`; below 0 a
        word becomes likelier. Cells in `covered`, bool (rows, cols), stay hidden all the time.
        `report(done, of)` is called after each batch. Raises as `caption` does.
        """
        for done, of, maps in self.occlusions(photo, words, covered):
            if report:
                report(done, of)
            if done == of:
                return maps

    def occlusions(
        self, photo, words: Sequence[str], covered: np.ndarray | None = None
    ) -> Iterator[tuple[int, int, np.ndarray | None]]:
        """`occlusion` batch by batch: yields how many are done, of how many, and nothing; with the
        last one the maps. Others can caption photos between two batches."""
        pixels, visible = self.pixels(photo), self._visible(covered)
        said, grids = self.vocabulary.ids(words), []
        for batch in occlusion.covered(pixels, self.geometry):
            with self._lock:
                grids.append(self._backbone.features(batch))
            if len(grids) < self.geometry.rows:
                yield len(grids), self.geometry.rows, None
        with self._lock:
            after = self._probabilities(np.concatenate(grids), visible, said)
            before = self._probabilities(self._grid(pixels), visible, said)[0]
        maps = occlusion.falls(before, after, self.geometry)
        yield len(grids), self.geometry.rows, maps

    def vector_similarity(self, words: Sequence[str]) -> np.ndarray:
        """Cosine of every two words' vectors in the decoder: float32 (words, words), -1 to 1.

        Raises UnknownWordError for a word outside the vocabulary.
        """
        (vectors,) = self.checkpoint.decoder.embed.get_weights()  # (V, E)
        vectors = vectors[self.vocabulary.ids(words)]
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return np.clip(vectors @ vectors.T, -1, 1).astype(np.float32)

    def captions(
        self,
        photos_: Iterable,
        batch_size: int = 32,
        sampler: Sampler = Greedy(),
    ) -> Iterator[Caption]:
        """Captions many photos in order, `batch_size` at a time; raises PhotoError like `caption`
        when it comes to a photo that cannot be read."""
        waiting = iter(photos_)
        while some := list(itertools.islice(waiting, batch_size)):
            pixels = np.stack([self.pixels(photo) for photo in some])
            with self._lock:
                found = self._decode(self._backbone.features(pixels), self._visible(None), sampler)
            yield from found

    def forced(
        self, photos_: Iterable, texts: Iterable[Sequence[str]], batch_size: int = 32
    ) -> Iterator[list[Caption]]:
        """Says given sentences of many photos, word for word: where does it look meanwhile?

        `texts` are the sentences of each photo, as people write them. A photo is looked at once,
        `batch_size` photos at a time, and the words of _TOGETHER sentences are stepped together.
        As in training, a word outside the vocabulary is forced as the unknown token and a sentence
        is cut off after decoding.MAX_WORDS words. Yields for each photo a caption for each of its
        sentences; the unknown token's text is "<unk>", its probability is 0, and there are no
        alternatives.

        Raises PhotoError like `caption` when it comes to a photo that cannot be read, and
        ValueError if there are not as many lists of sentences as photos.
        """
        waiting = zip(photos_, texts, strict=True)
        while some := list(itertools.islice(waiting, batch_size)):
            pixels = np.stack([self.pixels(photo) for photo, _ in some])
            said = [
                (number, self.vocabulary.encode(text)[:-1][: decoding.MAX_WORDS])
                for number, (_, texts_) in enumerate(some)
                for text in texts_
            ]
            with self._lock:
                seen = self._decoder.encode(self._backbone.features(pixels), self._visible(None))
                captions = self._forced(seen, said)
            of_photo: list[list[Caption]] = [[] for _ in some]
            for (number, _), caption in zip(said, captions, strict=True):
                of_photo[number].append(caption)
            yield from of_photo

    def _forced(
        self, seen: decoding.EncodedPhotos, said: list[tuple[int, list[int]]]
    ) -> list[Caption]:
        """The captions of sentences, each with the row of its photo in `seen`."""
        found: list[Caption | None] = [None] * len(said)
        # Sentences of about one length go together, in batches of one size: another would have to
        # be compiled first.
        order = sorted(range(len(said)), key=lambda i: len(said[i][1]))
        for first in range(0, len(order), _TOGETHER):
            chosen = order[first : first + _TOGETHER]
            filled = chosen + chosen[-1:] * (_TOGETHER - len(chosen))
            rows, sentences = zip(*(said[i] for i in filled), strict=True)
            of_rows = seen.rows(np.array(rows))
            probable, attention = decoding.forced(self._decoder.step, of_rows, sentences)
            for n, i in enumerate(chosen):
                maps = attention[n].reshape(-1, self.geometry.rows, self.geometry.cols)
                words = [
                    Word(self.vocabulary[token], float(probable[n, t]), maps[t], [])
                    for t, token in enumerate(sentences[n])
                ]
                found[i] = Caption(words, self.geometry, seen.use_attention)
        return found

    def _decode(self, grid, visible, sampler, prefix=()) -> list[Caption]:
        """Grid (P, L, D), visible cells (1, L) -> P captions."""
        step, seen = self._decoder.step, self._decoder.encode(grid, visible)
        return decoding.decode(step, seen, self.vocabulary, self.geometry, sampler, prefix)

    def _probabilities(self, grid, visible, said: list[int]) -> np.ndarray:
        """Grid (P, L, D), visible cells (1, L) or (P, L), T ids -> (P, T)."""
        seen = self._decoder.encode(grid, visible)
        return decoding.probabilities(self._decoder.step, seen, said)

    def _visible(self, covered: np.ndarray | None) -> np.ndarray:
        grid = (self.geometry.rows, self.geometry.cols)
        if covered is None:
            return np.ones((1, self.geometry.cells), np.float32)
        covered = np.asarray(covered, bool)
        if covered.shape != grid:
            raise ValueError(f"covered must have the grid's shape {grid}, not {covered.shape}")
        if covered.all():
            raise ValueError("Something of the photo must stay uncovered.")
        return 1 - covered.reshape(1, -1).astype(np.float32)

    def _grid(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (S, S, 3) -> (1, L, D), from memory for a photo seen lately."""
        key = hashlib.blake2b(pixels.tobytes()).digest()
        if key not in self._remembered:
            self._remembered[key] = self._backbone.features(pixels[None])
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(key)
        return self._remembered[key]
