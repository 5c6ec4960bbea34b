"""What all decoders have in common, and their two parts for decoding.

They use only Keras 3 and keras.ops, so they run on every backend.

Letters in shape comments: P photos, N captions, T words, L cells, D channels of the backbone's
grid, E word embedding, S state, V vocabulary; H heads of all layers together.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras

from captioner.decoder.designs import DESIGNS, DecoderConfig
from captioner.decoding import EncodedPhotos


class Stepped(NamedTuple):
    """What one step computes for N captions."""

    state: object  # after the word, (N, S)
    context: object  # from which the next word is predicted, (N, C)
    attention: object  # to the cells, float32 (N, L), or (N, layers, heads, L)
    # To the words so far, the newest last, float32 (N, layers, heads, positions).
    self_attention: object = None


class Decoder(keras.Model):
    """Turns the grid of a photo into words. Training and decoding give the same logits.

    Subclasses have the layers `embed` (ids -> E) and `words` (-> logits), and the methods below.
    """

    def __init__(self, config: DecoderConfig, **kwargs):
        super().__init__(**kwargs)
        self.config, self.design = config, DESIGNS[config.design]

    @property
    def state_size(self) -> int:
        """S."""
        raise NotImplementedError

    @property
    def encoded_shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Shapes of `EncodedPhotos.values` and `.keys` for one photo."""
        raise NotImplementedError

    # Not a property: Keras would store its layers' weights under its name.
    def energy_layers(self) -> list[keras.layers.Layer]:
        """Layers whose weights multiply the attention energies of the cells."""
        raise NotImplementedError

    def by_rows(self, function: Callable, used: Sequence[keras.layers.Layer], *arrays):
        """`function(*arrays)`, a loop over words or cells that uses the weights of some layers.
        It computes each row of its arrays without the others; a training on several devices may
        replace this by `Devices.by_rows`."""
        return function(*arrays)

    def encode(self, grid, visible, training=False) -> EncodedPhotos:
        """Computes what stays the same for all words of a photo.

        Args:
            grid: features (P, L, D).
            visible: 1 for a visible cell and 0 for a hidden one, (P, L).
        """
        raise NotImplementedError

    def prepared(self):
        """What `step` can share between the many steps of a training; None for nothing."""
        return None

    def step(self, embedding, state, photos: EncodedPhotos, prepared=None) -> Stepped:
        """Computes one word of N captions.

        Args:
            embedding: (N, E) of the previous word.
            state: (N, S).
            photos: one row per caption. Their first state is not used.
            prepared: of `prepared`, where many steps follow.
        """
        raise NotImplementedError

    def logits(self, state, context, training=False):
        """State (..., S) and context (..., C) of a step -> logits (..., V), float32."""
        raise NotImplementedError

    def call(self, inputs, training=False):
        """Teacher forcing over captions that share photos: each photo is encoded once.

        Args:
            inputs: `grid` (P, L, D); `photo` (N,), the row of each caption's photo; `tokens`
                (N, T), beginning with START; optionally `places` (W,), indices into the N * T
                words for which logits are wanted.

        Returns:
            `logits` (N, T, V), or (W, V) with `places`, and `attention` (N, T, L), which can be
            supervised: where there are heads, the mean of the last layer's; both float32.
        """
        raise NotImplementedError


def encoder_model(decoder: Decoder) -> keras.Model:
    """The part that runs once per photo: [grid (P, L, D), visible (P, L)] -> [values, keys, mask,
    state], the fields of `EncodedPhotos`."""
    c = decoder.config
    grid = keras.Input((c.cells, c.channels), name="cells")
    visible = keras.Input((c.cells,), name="visible")
    return keras.Model([grid, visible], list(decoder.encode(grid, visible)), name="encoder")


def step_model(decoder: Decoder) -> keras.Model:
    """The part that runs once per word: [token (N,), state, values, keys, mask] -> [logits, state,
    attention], and self-attention where the decoder has it."""
    token = keras.Input((), dtype="int32", name="token")
    state = keras.Input((decoder.state_size,), name="state")
    values_shape, keys_shape = decoder.encoded_shapes
    values = keras.Input(values_shape, name="values")
    keys = keras.Input(keys_shape, name="keys")
    mask = keras.Input((decoder.config.cells,), name="mask")
    photos = EncodedPhotos(values, keys, mask, state)
    after = decoder.step(decoder.embed(token), state, photos)
    attention = [each for each in after[2:] if each is not None]
    return keras.Model(
        [token, state, values, keys, mask],
        [decoder.logits(after.state, after.context), after.state, *attention],
        name="step",
    )
