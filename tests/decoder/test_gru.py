"""The GRU cell. Runs on every backend of Keras."""

import keras
import numpy as np

from captioner.decoder.gru import GRUCell, repeated

ROWS, WORDS, READ, UNITS = 3, 5, 7, 4


class Reader(keras.layers.Layer):
    """Steps a cell through what a dense layer makes of a sequence; the last state (N, U)."""

    def __init__(self, cell, made_ready: bool):
        super().__init__()
        self.cell, self.made_ready, self.dense = cell, made_ready, keras.layers.Dense(READ)
        self.dense.build((None, WORDS, READ))
        self.cell.build((None, READ))

    def call(self, sequence):
        read, state = self.dense(sequence), keras.ops.ones((ROWS, UNITS))
        given = {"products": self.cell.products()} if self.made_ready else {}
        for t in range(WORDS):
            state, _ = self.cell(read[:, t], [state], **given)
        return state


def taught(cell, made_ready: bool) -> list[np.ndarray]:
    """The last state, then all weights after three steps of gradient descent."""
    rng = np.random.default_rng(0)
    model = keras.Sequential([Reader(cell, made_ready)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.layers[0].set_weights([rng.normal(size=w.shape) for w in model.layers[0].weights])
    sequence, aim = rng.normal(size=(ROWS, WORDS, READ)), rng.normal(size=(ROWS, UNITS))
    said = model.predict_on_batch(sequence)
    losses = [float(model.train_on_batch(sequence, aim)) for _ in range(3)]
    assert losses[2] < losses[0]
    return [said, *model.layers[0].get_weights()]


def test_products_made_ready_say_and_learn_what_keras_does():
    plain, ours = taught(keras.layers.GRUCell(UNITS), False), taught(GRUCell(UNITS), True)
    for one, other in zip(plain, ours, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_without_them_it_is_keras_own():
    for one, other in zip(
        taught(keras.layers.GRUCell(UNITS), False), taught(GRUCell(UNITS), False), strict=True
    ):
        np.testing.assert_array_equal(one, other)


class Sum(keras.layers.Layer):
    """Adds up many products of ones (1, 1) with its one weight."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(1, 1), initializer="zeros")

    def call(self, ones):
        product = repeated(self.kernel, "bfloat16")
        return sum(keras.ops.cast(product(ones), "float32") for _ in range(300))


def test_gradients_are_added_up_in_full_precision():
    model = keras.Sequential([Sum(dtype="mixed_bfloat16")])
    model.compile(keras.optimizers.SGD(1.0), lambda true, said: keras.ops.mean(said))
    model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
    assert model.layers[0].get_weights()[0].item() == -300  # bfloat16 would stop at 256
