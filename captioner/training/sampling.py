"""Sampling of captions for training: all words of a batch in one compiled function."""

import keras
import numpy as np
from keras import ops

from captioner.decoder.model import Decoder
from captioner.decoding import MAX_WORDS, NEVER, EncodedPhotos
from captioner.training.machines.devices import with_xla
from captioner.training.training_model import features
from captioner.vocabulary import END, PAD, START

_LARGE = 1e9  # subtracted from the logit of a word that must not come


class CaptionSampler(keras.Model):
    """Draws captions at temperature 1 from copies of a decoder and, optionally, of a backbone."""

    def __init__(self, decoder: Decoder, network: keras.Model | None = None):
        """Args:
        decoder: samples; without dropout, in float32.
        network: of a backbone that is trained, too; the grids are then pixels.
        """
        super().__init__()
        self.decoder, self.network = decoder, network
        self.compile(jit_compile=with_xla())

    def follow(self, decoder: Decoder, network: keras.Model | None = None) -> None:
        """Copies the weights of the networks that are trained."""
        for copy, trained in ((self.decoder, decoder), (self.network, network)):
            for copied, weight in zip(copy.weights, trained.weights, strict=True) if copy else ():
                copied.assign(ops.copy(weight.value))  # the trained one may be donated

    def sample(self, grid: np.ndarray, photo: np.ndarray, seed) -> np.ndarray:
        """Draws a caption for each of N rows of the grid.

        Args:
            grid: features (P, L, D), or pixels (P, size, size, 3) for the network.
            photo: the row of each caption's photo, int32 (N,).
            seed: of the random numbers.

        Returns:
            Ids with END, then PAD, int32 (N, MAX_WORDS).
        """
        points = np.random.default_rng(seed).random((len(photo), MAX_WORDS), np.float32)
        inputs = {"grid": grid, "photo": photo, "points": points}
        return np.asarray(self.predict_on_batch(inputs), np.int32)

    def call(self, inputs):
        grid, photo = inputs["grid"], inputs["photo"]
        decoder = self.decoder
        if self.network is not None:
            grid = features(self.network, grid, decoder.config)
        photos = decoder.encode(ops.cast(grid, "float32"), ops.ones(ops.shape(grid)[:2]))
        photos = EncodedPhotos(*(ops.take(part, photo, axis=0) for part in photos))
        prepared = decoder.prepared()

        words = np.arange(decoder.config.vocabulary)
        never = np.where(np.isin(words, NEVER), -_LARGE, 0).astype(np.float32)
        not_first = np.where(words == END, -_LARGE, 0).astype(np.float32)
        empty = ops.zeros_like(photo)

        def step(number, token, state, ended, tokens):
            """Draws word `number` of N captions after the last one, `token` (N,). The decoder's
            `state` is (N, S), `ended` bool (N,), and `tokens` (N, MAX_WORDS) are all words."""
            embedding = decoder.embed(token)
            after = decoder.step(embedding, state, photos, prepared)
            logits = decoder.logits(after.state, after.context) + never
            logits = logits + not_first * ops.cast(number == 0, "float32")
            shares = ops.cumsum(ops.softmax(logits, axis=-1), axis=-1)
            point = ops.take(inputs["points"], number, axis=1)[:, None] * shares[:, -1:]
            # The first word above the point: rounding cannot draw a forbidden last word.
            drawn = ops.cast(ops.argmax(ops.cast(shares > point, "int32"), axis=-1), "int32")
            drawn = ops.where(ended, PAD, drawn)
            tokens = ops.where(ops.arange(MAX_WORDS) == number, drawn[:, None], tokens)
            return number + 1, drawn, after.state, ops.logical_or(ended, drawn == END), tokens

        def unfinished(number, token, state, ended, tokens):
            return ops.logical_and(number < MAX_WORDS, ops.logical_not(ops.all(ended)))

        start = (
            ops.convert_to_tensor(0, "int32"),
            empty + START,
            photos.state,
            ops.zeros_like(photo, dtype="bool"),
            ops.tile(empty[:, None], (1, MAX_WORDS)) + PAD,
        )
        return ops.while_loop(unfinished, step, start)[-1]
