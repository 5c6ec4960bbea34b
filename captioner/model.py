"""The decoder: attention over the grid, a GRU, and the way to words.

After Show, Attend and Tell (Xu et al. 2015, arXiv:1502.03044) with the additive attention of
Bahdanau et al. (2014, arXiv:1409.0473). Keras 3 and keras.ops only, so every backend runs it.

Letters in shape comments: P photos, N captions, T words, L cells, D channels of the backbone's
grid, E embedding, A attention, U units of the GRU, V vocabulary.
"""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import keras
from keras import layers, ops


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of a decoder."""

    vocabulary: int  # V
    channels: int  # D
    cells: int  # L
    grid_units: int = 384  # what a cell is projected to, and what attention sums up
    attention: int = 256  # A; the tanh over L x A values is the dearest part of a step
    embedding: int = 256  # E
    units: int = 512  # U
    dropout: float = 0.0  # on grid, embedding and the last hidden layer, while training

    def to_json(self) -> dict:
        return asdict(self)


class Memory(NamedTuple):
    """What is computed once per photo."""

    values: object  # (P, L, grid_units), summed up by attention
    keys: object  # (P, L, A), compared with the query
    mask: object  # (P, L): 0 for a visible cell, a large negative number for a covered one


class Decoder(keras.Model):
    """Grid -> words. `step` is the one function that both training and decoding go through."""

    def __init__(self, config: DecoderConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.grid = layers.Dense(config.grid_units, activation="relu", name="grid")
        self.key = layers.Dense(config.attention, name="key")
        self.query = layers.Dense(config.attention, use_bias=False, name="query")
        self.score = layers.Dense(1, use_bias=False, name="score")
        self.initial = layers.Dense(config.units, activation="tanh", name="initial")
        self.embed = layers.Embedding(config.vocabulary, config.embedding, name="embed")
        self.cell = layers.GRUCell(config.units, name="cell")
        self.hidden = layers.Dense(config.units, activation="relu", name="hidden")
        self.words = layers.Dense(config.vocabulary, dtype="float32", name="words")
        self.drop_grid = layers.Dropout(config.dropout)
        self.drop_embedding = layers.Dropout(config.dropout)
        self.drop_hidden = layers.Dropout(config.dropout)
        for layer in self.layers:  # Keras does not hand its precision down
            if layer is not self.words:
                layer.dtype_policy = self.dtype_policy
        self._build_layers()

    def _build_layers(self):
        """Creates all weights, so that they can be loaded before the first photo is seen."""
        c = self.config
        self.grid.build((None, c.cells, c.channels))
        self.key.build((None, c.cells, c.grid_units))
        self.query.build((None, c.units + c.embedding))
        self.score.build((None, c.cells, c.attention))
        self.initial.build((None, c.grid_units))
        self.embed.build((None,))
        self.cell.build((None, c.embedding + c.grid_units))
        self.hidden.build((None, c.units + c.grid_units))
        self.words.build((None, c.units))
        self.built = True

    def look(self, grid, visible, training=False):
        """Grid (P, L, D) and visible cells (P, L), 1 or 0 -> Memory, first state (P, U)."""
        values = self.grid(self.drop_grid(grid, training=training))  # (P, L, grid_units)
        visible = ops.cast(visible, values.dtype)
        seen = visible[:, :, None]
        mean = ops.sum(values * seen, axis=1) / ops.maximum(ops.sum(seen, axis=1), 1)
        return Memory(values, self.key(values), (1 - visible) * -1e9), self.initial(mean)

    def step(self, embedding, state, memory):
        """One word: embedding (N, E) of the word just said, state (N, U), Memory of N photos.

        Returns the next state (N, U), the context (N, grid_units), which is the sum of the cells
        weighted by attention, and the attention (N, L) itself. The query holds the state and the
        word just said: without it the map would lag one word behind.
        """
        query = self.query(ops.concatenate([state, embedding], axis=-1))  # (N, A)
        energy = self.score(ops.tanh(memory.keys + query[:, None, :]))[:, :, 0]  # (N, L)
        weights = ops.softmax(ops.cast(energy + memory.mask, "float32"), axis=-1)
        shares = ops.cast(weights, memory.values.dtype)
        context = ops.einsum("nl,nlg->ng", shares, memory.values)  # (N, grid_units)
        state, _ = self.cell(ops.concatenate([embedding, context], axis=-1), [state])
        return state, context, weights

    def logits(self, state, context, training=False):
        """State (..., U) and context (..., grid_units) of a step -> (..., V), float32."""
        hidden = self.hidden(ops.concatenate([state, context], axis=-1))
        return self.words(self.drop_hidden(hidden, training=training))

    def call(self, inputs, training=False):
        """Teacher forcing over captions that share photos.

        inputs: `grid` (P, L, D); `photo` (N,), the row of each caption's photo; `tokens` (N, T),
        beginning with START. Returns `logits` (N, T, V) and `attention` (N, T, L), float32.
        The encoder runs once per photo and the way to the vocabulary once over all words.
        """
        grid, photo, tokens = inputs["grid"], inputs["photo"], inputs["tokens"]
        memory, state = self.look(grid, ops.ones(ops.shape(grid)[:2]), training=training)
        memory = Memory(*(ops.take(part, photo, axis=0) for part in memory))
        state = ops.take(state, photo, axis=0)
        embeddings = self.drop_embedding(self.embed(tokens), training=training)  # (N, T, E)

        def one_word(carry, embedding):
            carry = self.step(embedding, carry[0], memory)
            return carry, carry  # the TensorFlow backend wants both to be alike

        # A loop of the backend, so that captions of any length share one compiled graph.
        start = (state, ops.zeros_like(memory.values[:, 0]), ops.zeros(ops.shape(memory.mask)))
        _, steps = ops.scan(one_word, start, ops.swapaxes(embeddings, 0, 1))
        states, contexts, maps = (ops.swapaxes(part, 0, 1) for part in steps)
        logits = self.logits(states, contexts, training=training)
        return {"logits": logits, "attention": maps}


def looking(decoder: Decoder) -> keras.Model:
    """A model for what happens once per photo: [grid (P, L, D), visible (P, L)] ->
    [values, keys, mask, state]."""
    c = decoder.config
    grid = keras.Input((c.cells, c.channels), name="cells")
    visible = keras.Input((c.cells,), name="visible")
    memory, state = decoder.look(grid, visible)
    return keras.Model([grid, visible], [*memory, state], name="looking")


def stepping(decoder: Decoder) -> keras.Model:
    """A model for one word: [token (N,), state, values, keys, mask] -> [logits, state,
    attention]."""
    c = decoder.config
    token = keras.Input((), dtype="int32", name="token")
    state = keras.Input((c.units,), name="state")
    values = keras.Input((c.cells, c.grid_units), name="values")
    keys = keras.Input((c.cells, c.attention), name="keys")
    mask = keras.Input((c.cells,), name="mask")
    after, context, weights = decoder.step(decoder.embed(token), state, Memory(values, keys, mask))
    return keras.Model(
        [token, state, values, keys, mask],
        [decoder.logits(after, context), after, weights],
        name="stepping",
    )
