"""The recurrent decoder: attention over the grid, a recurrent cell, and the output layers.

After Show, Attend and Tell (Xu et al. 2015, arXiv:1502.03044) with additive attention (see
`attention`).

Letters in shape comments, beside those of `model`: G grid units, A attention, U units of the
recurrent cell, whose state S is U, or 2 U for an LSTM.
"""

from keras import layers, ops

from captioner.decoder.attention import HIDDEN, BahdanauAttention
from captioner.decoder.designs import DecoderConfig
from captioner.decoder.gru import GRUCell
from captioner.decoder.model import Decoder, Stepped
from captioner.decoding import EncodedPhotos


class RecurrentDecoder(Decoder):
    """A recurrent cell whose state asks for each word where to look."""

    def __init__(self, config: DecoderConfig, **kwargs):
        super().__init__(config, **kwargs)
        c, d = config, self.design
        if d.bidirectional:
            reader = layers.LSTM(c.grid_units // 2, return_sequences=True, dtype=self.dtype_policy)
            self.grid = layers.Bidirectional(reader, name="grid")
        else:
            self.grid = layers.Dense(c.grid_units, activation="relu", name="grid")
        if c.use_attention:
            attention = BahdanauAttention(c.attention, c.attention_scale, d.biased_attention)
            # Keras stores a weight under the attribute that reaches it first: attributes go by
            # alphabet, `layers` is one of them. These three lines keep the paths in weight files.
            self.key, self.query, self.score = attention.key, attention.query, attention.score
            self.soft_attention = attention
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
        for layer in self.layers:  # Keras does not pass its dtype policy on to them
            if layer is not self.words:
                layer.dtype_policy = self.dtype_policy
        self._build_layers()

    def _build_layers(self):
        """Creates all weights, so that they can be loaded before the first call."""
        c, d = self.config, self.design
        self.grid.build((None, c.cells, c.channels))
        if c.use_attention:
            self.soft_attention.build(
                query_shape=(None, c.units + c.embedding * d.word_in_query),
                keys_shape=(None, c.cells, c.attention),
                values_shape=(None, c.cells, c.grid_units),
                mask_shape=(None, c.cells),
            )
        if d.first_state:
            self.initial.build((None, c.grid_units))
        if c.gate:
            self.beta.build((None, c.units))
        self.embed.build((None,))
        self.cell.build((None, c.embedding + (0 if d.merges else c.grid_units)))
        context = c.grid_units if d.context_in_hidden and not d.merges else 0
        self.hidden.build((None, c.units + context))
        if d.normalised:
            self.normalise.build((None, c.units))
        self.words.build((None, c.units))
        self.built = True

    @property
    def state_size(self) -> int:
        return self.config.state

    @property
    def encoded_shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        c = self.config
        if c.use_attention:
            return (c.cells, c.grid_units), (c.cells, c.attention)
        return (1, c.grid_units), (1, 1)

    def energy_layers(self) -> list[layers.Layer]:
        return [self.score] if self.config.use_attention else []

    def encode(self, grid, visible, training=False) -> EncodedPhotos:
        c, d = self.config, self.design
        grid = self.drop_grid(grid, training=training)
        visible = ops.cast(visible, grid.dtype)
        shown = visible[:, :, None]

        def mean(cells):  # of the visible ones
            return ops.sum(cells * shown, axis=1) / ops.maximum(ops.sum(shown, axis=1), 1)

        if d.bidirectional:
            # Not those that are hidden, which an LSTM would read, too.
            values = self.by_rows(self.grid, [self.grid], grid * shown)
            average = mean(values)
        elif c.use_attention:
            values = self.grid(grid)  # (P, L, G)
            average = mean(values)
        else:  # one dense layer for the mean instead of one for each cell
            average = self.grid(mean(grid))
        if not c.use_attention:
            values = average[:, None]  # (P, 1, G)
        keys = self.key(values) if c.use_attention else values[:, :, :1]
        if d.first_state:
            state = self.initial(average)
        else:
            state = average[:, :1] * ops.zeros((1, c.state), average.dtype)
        hidden = 1 - ops.cast(visible, "float32")
        return EncodedPhotos(values, keys, hidden * HIDDEN, state)

    def prepared(self):
        return self.cell.products() if self.config.cell == "gru" else None

    def step(self, embedding, state, photos, prepared=None) -> Stepped:
        """See `Decoder.step`; `prepared` are `GRUCell.products`. The context is (N, G). Without
        attention every visible cell has the same weight, since the context is their mean."""
        output = state[:, : self.config.units]
        if self.config.use_attention:
            word = [embedding] if self.design.word_in_query else []
            query = ops.concatenate([output, *word], axis=-1)
            context, weights = self.soft_attention(query, photos.keys, photos.values, photos.mask)
        else:
            context, weights = photos.values[:, 0], ops.softmax(photos.mask, axis=-1)
        if self.config.gate:
            context = self.beta(output) * context
        read = embedding if self.design.merges else ops.concatenate([embedding, context], axis=-1)
        if not self.config.carry_state:
            # Every word starts from an empty state, as in TensorFlow's tutorial, whose GRU never
            # gets its own: only the query knows the last one.
            state = ops.zeros_like(state)
        if self.config.cell == "gru":
            state, _ = self.cell(read, [state], products=prepared)
        else:
            _, parts = self.cell(read, ops.split(state, 2, axis=-1))
            state = ops.concatenate(parts, axis=-1)
        return Stepped(state, context, weights)

    def logits(self, state, context, training=False):
        output, d = state[..., : self.config.units], self.design
        if d.merges:
            output = output + context
        elif d.context_in_hidden:
            output = ops.concatenate([output, context], axis=-1)
        hidden = self.drop_hidden(self.hidden(output), training=training)
        return self.words(self._normalised(hidden, training) if d.normalised else hidden)

    def _normalised(self, hidden, training):
        """Batch norm (..., U) in which each word is one example."""
        if len(hidden.shape) == 2:
            return self.normalise(hidden, training=training)
        flat = ops.reshape(hidden, (-1, self.config.units))
        return ops.reshape(self.normalise(flat, training=training), ops.shape(hidden))

    def call(self, inputs, training=False):
        grid, photo, tokens = inputs["grid"], inputs["photo"], inputs["tokens"]
        photos = self.encode(grid, ops.ones(ops.shape(grid)[:2]), training=training)
        photos = EncodedPhotos(*(ops.take(part, photo, axis=0) for part in photos))
        embeddings = self.drop_embedding(self.embed(tokens), training=training)  # (N, T, E)

        def read(embeddings, *parts):
            """State, context and attention at every word, (N, T, S + G + L)."""
            photos = EncodedPhotos(*parts)
            # The backend's own loop, so that captions of any length share one compiled graph.
            loop = layers.RNN(_StepCell(self, photos), return_sequences=True, dtype="float32")
            return loop(embeddings, initial_state=[photos.state])

        c = self.config
        attending = [self.query, self.score] if c.use_attention else []
        used = [self.cell, *attending, *([self.beta] if c.gate else [])]
        steps = self.by_rows(read, used, embeddings, *photos)
        states, contexts, maps = ops.split(steps, [c.state, c.state + c.grid_units], axis=-1)
        if "places" in inputs:
            states, contexts = (
                ops.take(ops.reshape(part, (-1, part.shape[-1])), inputs["places"], axis=0)
                for part in (states, contexts)
            )
        logits = self.logits(states, contexts, training=training)
        return {"logits": logits, "attention": maps}


class _StepCell(layers.Layer):
    """`Decoder.step` as a recurrent cell of Keras, for captions of some photos."""

    def __init__(self, decoder: RecurrentDecoder, photos: EncodedPhotos):
        super().__init__(dtype=decoder.dtype_policy)
        c = decoder.config
        self.decoder, self.photos = decoder, photos
        self.prepared = decoder.prepared()
        self.state_size, self.output_size = c.state, c.state + c.grid_units + c.cells
        self.built = True

    def call(self, embedding, states):
        """(N, E), [(N, S)] -> state, context and attention side by side, float32 (N, S + G + L);
        [the next state]."""
        after = self.decoder.step(embedding, states[0], self.photos, self.prepared)[:3]
        parts = [ops.cast(part, "float32") for part in after]
        return ops.concatenate(parts, axis=-1), [after[0]]
