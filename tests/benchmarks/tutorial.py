"""The captioner of TensorFlow's tutorial "Image captioning with visual attention", written afresh
for comparison: the same sizes, the same order of work, the same handling of data.

Sizes in comments: B captions of a batch, L = 64 cells, C = 2048 channels, U = 512 units.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

CELLS, CHANNELS = 64, 2048  # InceptionV3's last grid for 299 x 299 pixels
WORDS, EMBEDDING, UNITS = 5000, 256, 512
BATCH, BUFFER = 64, 1000
PAD, START = 0, 2


class Encoder(keras.Model):
    """One dense layer, computed again for each caption of a photo."""

    def __init__(self):
        super().__init__()
        self.project = layers.Dense(EMBEDDING, activation="relu")

    def call(self, cells):
        return self.project(cells)  # (B, L, 256)


class Attention(keras.Model):
    """Additive attention; the part that depends only on the cells is computed at every word."""

    def __init__(self):
        super().__init__()
        self.cells, self.state = layers.Dense(UNITS), layers.Dense(UNITS)
        self.score = layers.Dense(1)

    def call(self, cells, state):
        energy = self.score(tf.tanh(self.cells(cells) + self.state(state[:, None])))  # (B, L, 1)
        weights = tf.nn.softmax(energy, axis=1)
        return tf.reduce_sum(weights * cells, axis=1), weights


class Decoder(keras.Model):
    """One word. As in the tutorial, the state enters attention only, not the GRU."""

    def __init__(self):
        super().__init__()
        self.attention = Attention()
        self.embed = layers.Embedding(WORDS, EMBEDDING)
        self.gru = layers.GRU(UNITS, return_sequences=True, return_state=True)
        self.hidden, self.words = layers.Dense(UNITS), layers.Dense(WORDS)

    def call(self, word, cells, state):
        context, weights = self.attention(cells, state)
        x = tf.concat([context[:, None], self.embed(word)], axis=-1)
        output, state = self.gru(x)
        output = tf.reshape(self.hidden(output), (-1, UNITS))
        return self.words(output), state, weights


def read_batches(files: Sequence[Path], tokens: np.ndarray) -> tf.data.Dataset:
    """Files and captions -> shuffled batches of cells (B, L, C) and tokens (B, longest)."""

    def load(name, caption):
        return np.load(name.decode()), caption

    pairs = tf.data.Dataset.from_tensor_slices(([str(file) for file in files], tokens))
    pairs = pairs.map(
        lambda name, caption: tf.numpy_function(load, (name, caption), (tf.float32, tf.int32)),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return pairs.shuffle(BUFFER).batch(BATCH).prefetch(tf.data.AUTOTUNE)


class Training:
    """Teacher forcing: a Python loop over the words of the longest caption, traced once."""

    def __init__(self):
        self.encoder, self.decoder = Encoder(), Decoder()
        self.optimizer = keras.optimizers.Adam()
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")

    def _masked(self, target, logits):
        mask = tf.cast(target != PAD, tf.float32)
        return tf.reduce_mean(self.loss(target, logits) * mask)

    @tf.function
    def step(self, cells, tokens):
        """One training step: cells (B, L, C) and tokens (B, longest), from START on -> loss."""
        loss = 0.0
        state = tf.zeros((tokens.shape[0], UNITS))
        word = tokens[:, :1]
        with tf.GradientTape() as tape:
            encoded = self.encoder(cells)
            for number in range(1, tokens.shape[1]):
                logits, state, _ = self.decoder(word, encoded, state)
                loss += self._masked(tokens[:, number], logits)
                word = tokens[:, number : number + 1]
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss


class Evaluation:
    """Captions one photo: reads it, encodes it with InceptionV3, and calls the decoder eagerly."""

    def __init__(self):
        inception = keras.applications.InceptionV3(include_top=False, weights=None)
        self.network = keras.Model(inception.input, inception.layers[-1].output)
        self.encoder, self.decoder = Encoder(), Decoder()

    def __call__(self, file: Path, words: int) -> tuple[list[int], np.ndarray]:
        """Returns `words` random words and their maps (words, L).

        The weights are random, so the length of the sentence has to be set.
        """
        photo = tf.image.decode_jpeg(tf.io.read_file(str(file)), channels=3)
        photo = keras.applications.inception_v3.preprocess_input(tf.image.resize(photo, (299, 299)))
        cells = self.network(photo[None])  # (1, 8, 8, C)
        encoded = self.encoder(tf.reshape(cells, (1, -1, CHANNELS)))
        state, word = tf.zeros((1, UNITS)), tf.constant([[START]])
        tokens, maps = [], np.zeros((words, CELLS))
        for number in range(words):
            logits, state, weights = self.decoder(word, encoded, state)
            maps[number] = tf.reshape(weights, (-1,)).numpy()
            tokens.append(int(tf.random.categorical(logits, 1)[0][0]))
            word = tf.constant([[tokens[-1]]])
        return tokens, maps
