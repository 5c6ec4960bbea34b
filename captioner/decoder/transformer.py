"""The transformer decoder: layers of self-attention over the words so far and of cross-attention
over the cells, with several heads each.

After Vaswani et al. 2017, "Attention Is All You Need" (arXiv:1706.03762), put together as in
TensorFlow's image captioning tutorial of today: layer norm after each sum, a head as wide as the
whole layer if its size is not set otherwise, positions that are trained.

Letters in shape comments, beside those of `model`: H heads of one layer, A size of a head, U units,
R positions, K layers.
"""

import numpy as np
from keras import layers, ops

from captioner.decoder.attention import HIDDEN, MultiHeadAttention
from captioner.decoder.designs import DecoderConfig
from captioner.decoder.model import Decoder, Stepped
from captioner.decoding import EncodedPhotos


class TransformerLayer(layers.Layer):
    """Self-attention, cross-attention and a feed-forward network, each added to its input and
    normalised."""

    def __init__(self, config: DecoderConfig, **kwargs):
        super().__init__(autocast=False, **kwargs)  # the masks stay float32
        c = self.config = config
        sizes = {"heads": c.heads, "size": c.attention, "units": c.units, "dropout": c.dropout}
        policy = {"dtype": self.dtype_policy}
        self.self_attention = MultiHeadAttention(**sizes, **policy)
        self.cross_attention = MultiHeadAttention(**sizes, scale=c.attention_scale, **policy)
        self.expand = layers.Dense(2 * c.units, activation="relu", **policy)
        self.contract = layers.Dense(c.units, **policy)
        self.drop = layers.Dropout(c.dropout, **policy)
        self.norms = [layers.LayerNormalization(**policy) for _ in range(3)]

    def build(self):
        c = self.config
        self.self_attention.build((None, None, c.units), (None, None, c.units))
        self.cross_attention.build((None, None, c.units), (None, c.cells, c.channels))
        self.expand.build((None, None, c.units))
        self.contract.build((None, None, 2 * c.units))
        for norm in self.norms:
            norm.build((None, None, c.units))
        self.built = True

    def call(self, x, words, hide_words, cells, hide_cells=0.0, training=False):
        """Computes T words of N captions.

        Args:
            x: (N, T, U).
            words: keys and values of the words that can be attended to, both (N, M, H A).
            hide_words: float32, 0 or a large negative number, that broadcasts to (N, H, T, M).
            cells: keys and values of the cells, both (N, L, H A).
            hide_cells: the same for the cells, that broadcasts to (N, H, T, L).

        Returns:
            The output (N, T, U), and the weights of the words (N, H, T, M) and the cells
            (N, H, T, L).
        """
        read, of_words = self.self_attention(x, *words, hide_words, training=training)
        x = self.norms[0](x + read)
        read, of_cells = self.cross_attention(x, *cells, hide=hide_cells, training=training)
        x = self.norms[1](x + read)
        read = self.drop(self.contract(self.expand(x)), training=training)
        return self.norms[2](x + read), of_words, of_cells


class TransformerDecoder(Decoder):
    """A transformer whose state is all that its self-attention can attend to.

    The state is the number of words so far and, for each layer, keys and values of the last R
    words, the newest last.
    """

    def __init__(self, config: DecoderConfig, **kwargs):
        super().__init__(config, **kwargs)
        c, policy = config, {"dtype": self.dtype_policy}
        self.embed = layers.Embedding(c.vocabulary, c.embedding, name="embed", **policy)
        self.places = layers.Embedding(c.positions, c.embedding, name="places", **policy)
        self.blocks = [TransformerLayer(c, name=f"layer_{n}", **policy) for n in range(c.layers)]
        self.words = layers.Dense(c.vocabulary, dtype="float32", name="words")
        self.embed.build((None,))
        self.places.build((None,))
        for block in self.blocks:
            block.build()
        self.words.build((None, c.units))
        self.built = True

    @property
    def state_size(self) -> int:
        return 1 + int(np.prod(self._stored))

    @property
    def _stored(self) -> tuple[int, ...]:
        """Shape of the keys and values in the state of one caption: (K, 2, R, H A)."""
        c = self.config
        return c.layers, 2, c.positions, c.heads * c.attention

    @property
    def encoded_shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        c = self.config
        return ((c.cells, c.layers * c.heads * c.attention),) * 2

    def energy_layers(self) -> list[layers.Layer]:
        return [block.cross_attention.query for block in self.blocks]

    def encode(self, grid, visible, training=False) -> EncodedPhotos:
        """See `Decoder.encode`; values and keys are those of all layers, side by side."""
        keys, values = map(list, zip(*self._cells(grid), strict=True))
        keys, values = (ops.concatenate(parts, axis=-1) for parts in (keys, values))
        hidden = 1 - ops.cast(visible, "float32")
        # A symbolic tensor must come first: JAX does not know what to do with one that follows.
        state = ops.cast(visible[:, :1], values.dtype) * ops.zeros((1, self.state_size))
        return EncodedPhotos(values, keys, hidden * HIDDEN, state)

    def _cells(self, grid):
        """Keys and values of the cells for each layer."""
        attentions = [block.cross_attention for block in self.blocks]
        return [(attention.key(grid), attention.value(grid)) for attention in attentions]

    def step(self, embedding, state, photos, prepared=None) -> Stepped:
        """See `Decoder.step`; the context is the output (N, U) of the last layer. All heads of all
        layers attend: attention (N, K, H, L), self-attention (N, K, H, R)."""
        c = self.config
        number = ops.cast(state[:, 0], "int32")  # of words before this one
        stored = ops.reshape(state[:, 1:], (-1, *self._stored))
        x = (embedding + self.places(ops.minimum(number, c.positions - 1)))[:, None]  # (N, 1, U)
        empty = ops.less(ops.arange(c.positions), c.positions - 1 - number[:, None])  # (N, R)
        hide_words = ops.where(empty, HIDDEN, 0.0)[:, None, None]
        hide_cells = photos.mask[:, None, None]
        parts = [ops.split(part, c.layers, axis=-1) for part in (photos.keys, photos.values)]
        stores, attention, self_attention = [], [], []
        for n, (block, *cells) in enumerate(zip(self.blocks, *parts, strict=True)):
            newest = [block.self_attention.key(x), block.self_attention.value(x)]
            words = [
                ops.concatenate([stored[:, n, i, 1:], ops.cast(new, stored.dtype)], axis=1)
                for i, new in enumerate(newest)
            ]
            x, of_words, of_cells = block(x, words, hide_words, cells, hide_cells=hide_cells)
            stores.append(ops.stack(words, axis=1))
            attention.append(of_cells[:, :, 0])
            self_attention.append(of_words[:, :, 0])
        stores = ops.reshape(ops.stack(stores, axis=1), (-1, self.state_size - 1))
        after = ops.concatenate([state[:, :1] + 1, stores], axis=-1)
        return Stepped(after, x[:, 0], ops.stack(attention, 1), ops.stack(self_attention, 1))

    def logits(self, state, context, training=False):
        return self.words(context)

    def call(self, inputs, training=False):
        """See `Decoder.call`: all words in one pass, each of which attends to those before it."""
        grid, photo, tokens = inputs["grid"], inputs["photo"], inputs["tokens"]
        c, order = self.config, ops.arange(ops.shape(tokens)[1])
        x = self.embed(tokens) + self.places(ops.minimum(order, c.positions - 1))
        age = order[:, None] - order  # of each word for each other one, (T, T)
        unseen = ops.logical_or(age < 0, age >= c.positions)
        hide_words = ops.where(unseen, HIDDEN, 0.0)
        for block, of_photos in zip(self.blocks, self._cells(grid), strict=True):
            cells = [ops.take(part, photo, axis=0) for part in of_photos]
            words = block.self_attention.key(x), block.self_attention.value(x)
            x, _, of_cells = block(x, words, hide_words, cells, training=training)
        if "places" in inputs:
            x = ops.take(ops.reshape(x, (-1, c.units)), inputs["places"], axis=0)
        # That of the last layer alone: supervised in all layers, all heads look alike.
        return {"logits": self.words(x), "attention": ops.mean(of_cells, axis=1)}
