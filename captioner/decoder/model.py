"""The decoder: attention over the grid, a recurrent cell, and the way to words.

After Show, Attend and Tell (Xu et al. 2015, arXiv:1502.03044) with the additive attention of
Bahdanau et al. (2014, arXiv:1409.0473). Keras 3 and keras.ops only, so every backend runs it.

Letters in shape comments: P photos, N captions, T words, L cells, D channels of the backbone's
grid, G grid units, E embedding, A attention, U units of the recurrent cell, S its state (U, or 2 U
for an LSTM), V vocabulary. M is L, or 1 without attention.
"""

from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

import keras
import numpy as np
from keras import layers, ops

from captioner.decoder.designs import CELLS, DESIGNS
from captioner.decoder.gru import GRUCell
from captioner.vocabulary import UNKNOWN


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of a decoder and how it is put together.

    Raises ValueError for a design or a cell that there is none of, and for sizes that do not fit.
    """

    vocabulary: int  # V
    channels: int  # D
    cells: int  # L
    grid_units: int = 384  # G: what a cell is projected to, and what attention sums up
    attention: int = 256  # A; the tanh over L x A values is the dearest part of a step
    embedding: int = 256  # E
    units: int = 512  # U
    dropout: float = 0.0  # where the design has it, while training
    design: str = "compact"  # one of DESIGNS
    cell: str = "gru"  # or "lstm"
    attends: bool = True  # else the whole photo is seen at once, as the mean of its cells
    remembers: bool = True  # else every word finds an empty state: see `Decoder._recur`
    # Times what attention compares cells by. Far above 1 it decides for few cells early on, since
    # as small a step of its weights then changes it more.
    sharpness: float = 1.0
    gate: bool = False  # the context is scaled, word by word, by beta of Show, Attend and Tell

    def __post_init__(self):
        if self.design not in DESIGNS:
            raise ValueError(f"there is no design '{self.design}'")
        if self.cell not in CELLS:
            raise ValueError(f"there is no recurrent cell '{self.cell}'")
        if DESIGNS[self.design].bidirectional and self.grid_units % 2:
            raise ValueError("grid_units must be even: half of them for each direction")
        if DESIGNS[self.design].merges and self.grid_units != self.units:
            raise ValueError(f"in the design {self.design} grid_units and units must be the same")

    @property
    def state(self) -> int:
        """S: numbers of the recurrent state."""
        return self.units * (2 if self.cell == "lstm" else 1)

    def to_json(self) -> dict:
        return asdict(self)


class Memory(NamedTuple):
    """What is computed once per photo."""

    values: object  # (P, M, G), summed up by attention; without it, the one context there is
    keys: object  # (P, M, A), compared with the query; without attention (P, M, 1), unused
    mask: object  # (P, L): 0 for a visible cell, a large negative number for a covered one


class Decoder(keras.Model):
    """Grid -> words. `step` is the one function that both training and decoding go through."""

    def __init__(self, config: DecoderConfig, **kwargs):
        super().__init__(**kwargs)
        self.config, self.design = config, DESIGNS[config.design]
        c, d = config, self.design
        if d.bidirectional:
            reader = layers.LSTM(c.grid_units // 2, return_sequences=True, dtype=self.dtype_policy)
            self.grid = layers.Bidirectional(reader, name="grid")
        else:
            self.grid = layers.Dense(c.grid_units, activation="relu", name="grid")
        if c.attends:
            self.key = layers.Dense(c.attention, name="key")
            self.query = layers.Dense(c.attention, use_bias=d.biased_attention, name="query")
            self.score = layers.Dense(1, use_bias=d.biased_attention, name="score")
        if d.first_state:
            self.initial = layers.Dense(c.state, activation="tanh", name="initial")
        if c.gate:
            self.beta = layers.Dense(1, activation="sigmoid", name="beta")
        self.embed = layers.Embedding(c.vocabulary, c.embedding, name="embed")
        cell = layers.LSTMCell if c.cell == "lstm" else GRUCell
        self.cell = cell(c.units, name="cell")
        self.hidden = layers.Dense(c.units, activation=d.hidden_activation, name="hidden")
        if d.normalised:
            self.normalise = layers.BatchNormalization(name="normalise")
        self.words = layers.Dense(c.vocabulary, dtype="float32", name="words")
        for place in ("grid", "embedding", "hidden"):
            drop = layers.Dropout(c.dropout if place in d.dropped else 0.0)
            setattr(self, f"drop_{place}", drop)
        for layer in self.layers:  # Keras does not hand its precision down
            if layer is not self.words:
                layer.dtype_policy = self.dtype_policy
        self._build_layers()

    def _build_layers(self):
        """Creates all weights, so that they can be loaded before the first photo is seen."""
        c, d = self.config, self.design
        self.grid.build((None, c.cells, c.channels))
        if c.attends:
            self.key.build((None, c.cells, c.grid_units))
            self.query.build((None, c.units + c.embedding * d.word_in_query))
            self.score.build((None, c.cells, c.attention))
        if d.first_state:
            self.initial.build((None, c.grid_units))
        if c.gate:
            self.beta.build((None, c.units))
        self.embed.build((None,))
        self.cell.build((None, c.embedding + (0 if d.merges else c.grid_units)))
        beside = c.grid_units if d.context_in_hidden and not d.merges else 0
        self.hidden.build((None, c.units + beside))
        if d.normalised:
            self.normalise.build((None, c.units))
        self.words.build((None, c.units))
        self.built = True

    def look(self, grid, visible, training=False):
        """Grid (P, L, D) and visible cells (P, L), 1 or 0 -> Memory, first state (P, S)."""
        c, d = self.config, self.design
        grid = self.drop_grid(grid, training=training)
        visible = ops.cast(visible, grid.dtype)
        seen = visible[:, :, None]

        def mean(cells):  # of the visible ones
            return ops.sum(cells * seen, axis=1) / ops.maximum(ops.sum(seen, axis=1), 1)

        if d.bidirectional:
            values = self.grid(grid * seen)  # which would read the covered cells, too
            middle = mean(values)
        elif c.attends:
            values = self.grid(grid)  # (P, L, G)
            middle = mean(values)
        else:  # a dense layer for the mean instead of for all cells
            middle = self.grid(mean(grid))
        if not c.attends:
            values = middle[:, None]  # (P, 1, G)
        keys = self.key(values) if c.attends else values[:, :, :1]
        if d.first_state:
            state = self.initial(middle)
        else:
            state = middle[:, :1] * ops.zeros((1, c.state), middle.dtype)
        hidden = 1 - ops.cast(visible, "float32")  # float16 ends before a number large enough
        return Memory(values, keys, hidden * -1e9), state

    def step(self, embedding, state, memory, products=None):
        """One word: embedding (N, E) of the word just said, state (N, S), Memory of N photos.
        `products` are the GRU's, if they are at hand.

        Returns the next state (N, S), the context (N, G), which is the sum of the cells weighted
        by attention, and the attention (N, L) itself: without attention the same share for every
        visible cell, since that is what their mean is made of.
        """
        output = state[:, : self.config.units]
        weights = self._weights(embedding, output, memory)
        if self.config.attends:
            shares = ops.cast(weights, memory.values.dtype)
            context = ops.matmul(shares[:, None], memory.values)[:, 0]  # (N, G)
        else:
            context = memory.values[:, 0]
        if self.config.gate:
            context = self.beta(output) * context
        read = embedding if self.design.merges else ops.concatenate([embedding, context], axis=-1)
        return self._recur(read, state, products), context, weights

    def _weights(self, embedding, output, memory):
        """Attention (N, L) by the word just said (N, E) and the cell's last output (N, U)."""
        energy = memory.mask
        if self.config.attends:
            asked = [output, embedding] if self.design.word_in_query else [output]
            query = self.query(ops.concatenate(asked, axis=-1))  # (N, A)
            compared = ops.tanh(memory.keys + query[:, None, :])
            energy = ops.cast(self.score(compared)[:, :, 0], "float32")  # (N, L)
            energy = self.config.sharpness * energy + memory.mask
        return ops.softmax(energy, axis=-1)

    def sharpen(self, factor: float) -> None:
        """Makes attention more decided, or less: what it compares cells by, times `factor`.

        As a softmax of temperature 1 / factor would (Chorowski et al. 2015, arXiv:1506.07503,
        section 2.3), but within the weights. Raises ValueError without attention to sharpen, and
        for a factor that is not above 0.
        """
        if not self.config.attends or not 0 < factor < float("inf"):
            raise ValueError(f"there is no attention that could be sharpened by {factor}")
        self.score.set_weights([factor * weights for weights in self.score.get_weights()])

    def soften(self, temperature: float) -> None:
        """Divides the logits by `temperature`, within the weights: above 1 it is less sure of all
        words, whose order stays. Raises ValueError for one that is not above 0."""
        if not 0 < temperature < float("inf"):
            raise ValueError(f"a temperature is above 0, not {temperature}")
        self.words.set_weights([weights / temperature for weights in self.words.get_weights()])

    def extended(self, count: int) -> "Decoder":
        """The same decoder with so many words more. They begin as the unknown word, which stands
        for rare ones, and share its probability with it."""
        other = Decoder(replace(self.config, vocabulary=self.config.vocabulary + count))
        grown = []
        for theirs, ours, values in zip(
            other.weights, self.weights, self.get_weights(), strict=True
        ):
            if theirs.shape != ours.shape:
                if ours is self.words.bias:
                    values = values - np.log(count + 1) * (np.arange(len(values)) == UNKNOWN)
                axis = 0 if ours is self.embed.embeddings else -1
                unknown = np.take(values, [UNKNOWN] * count, axis)
                values = np.concatenate([values, unknown], axis)
            grown.append(values)
        other.set_weights(grown)
        return other

    def _recur(self, read, state, products):
        """The next state (N, S). One that does not remember finds an empty state at every word,
        as in TensorFlow's tutorial, whose GRU is never given its own: only where attention looks
        depends on what it was."""
        if not self.config.remembers:
            state = ops.zeros_like(state)
        if self.config.cell == "gru":
            return self.cell(read, [state], products=products)[0]
        _, parts = self.cell(read, ops.split(state, 2, axis=-1))
        return ops.concatenate(parts, axis=-1)

    def logits(self, state, context, training=False):
        """State (..., S) and context (..., G) of a step -> (..., V), float32."""
        output, d = state[..., : self.config.units], self.design
        if d.merges:
            output = output + context
        elif d.context_in_hidden:
            output = ops.concatenate([output, context], axis=-1)
        hidden = self.drop_hidden(self.hidden(output), training=training)
        return self.words(self._normalised(hidden, training) if d.normalised else hidden)

    def _normalised(self, hidden, training):
        """Batch norm (..., U), each word counting as one of the batch."""
        if len(hidden.shape) == 2:
            return self.normalise(hidden, training=training)
        flat = ops.reshape(hidden, (-1, self.config.units))
        return ops.reshape(self.normalise(flat, training=training), ops.shape(hidden))

    def call(self, inputs, training=False):
        """Teacher forcing over captions that share photos.

        inputs: `grid` (P, L, D); `photo` (N,), the row of each caption's photo; `tokens` (N, T),
        beginning with START. Returns `logits` (N, T, V) and `attention` (N, T, L), float32.
        The encoder runs once per photo and the way to the vocabulary once over all words, or over
        those at `places` (W,) of all N T, if the inputs say: `logits` are (W, V) then.
        """
        grid, photo, tokens = inputs["grid"], inputs["photo"], inputs["tokens"]
        memory, state = self.look(grid, ops.ones(ops.shape(grid)[:2]), training=training)
        memory = Memory(*(ops.take(part, photo, axis=0) for part in memory))
        state = ops.take(state, photo, axis=0)
        embeddings = self.drop_embedding(self.embed(tokens), training=training)  # (N, T, E)

        # A loop of the backend, so that captions of any length share one compiled graph.
        read = layers.RNN(_Steps(self, memory), return_sequences=True, dtype="float32")
        c = self.config
        steps = read(embeddings, initial_state=[state])  # (N, T, S + G + L)
        states, contexts, maps = ops.split(steps, [c.state, c.state + c.grid_units], axis=-1)
        if "places" in inputs:
            states, contexts = (
                ops.take(ops.reshape(part, (-1, part.shape[-1])), inputs["places"], axis=0)
                for part in (states, contexts)
            )
        logits = self.logits(states, contexts, training=training)
        return {"logits": logits, "attention": maps}


class _Steps(layers.Layer):
    """`Decoder.step` as a cell that Keras can step from word to word, with photos to look at."""

    def __init__(self, decoder: Decoder, memory: Memory):
        super().__init__(dtype=decoder.dtype_policy)
        c = decoder.config
        self.decoder, self.memory = decoder, memory
        self.products = decoder.cell.products() if c.cell == "gru" else None
        self.state_size, self.output_size = c.state, c.state + c.grid_units + c.cells
        self.built = True

    def call(self, embedding, states):
        """(N, E), [(N, S)] -> the next state, the context and the attention side by side
        (N, S + G + L), float32, since attention is; [the next state]."""
        state, *seen = self.decoder.step(embedding, states[0], self.memory, self.products)
        parts = [ops.cast(part, "float32") for part in (state, *seen)]
        return ops.concatenate(parts, axis=-1), [state]


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
    state = keras.Input((c.state,), name="state")
    values = keras.Input((c.cells if c.attends else 1, c.grid_units), name="values")
    keys = keras.Input((c.cells, c.attention) if c.attends else (1, 1), name="keys")
    mask = keras.Input((c.cells,), name="mask")
    after, context, weights = decoder.step(decoder.embed(token), state, Memory(values, keys, mask))
    return keras.Model(
        [token, state, values, keys, mask],
        [decoder.logits(after, context), after, weights],
        name="stepping",
    )
