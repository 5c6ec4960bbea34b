"""The GRU cell. Runs on every backend of Keras."""

import functools

import keras
import numpy as np

from captioner.decoder.gru import GRUCell, repeated

ROWS, WORDS, READ, UNITS = 3, 5, 7, 4


class Reader(keras.layers.Layer):
    """Steps a cell through what a dense layer makes of a sequence; the last state (N, U)."""

    def __init__(self, cell, prepared: bool):
        super().__init__()
        self.cell, self.prepared, self.dense = cell, prepared, keras.layers.Dense(READ)
        self.dense.build((None, WORDS, READ))
        self.cell.build((None, READ))

    def call(self, sequence):
        read, state = self.dense(sequence), keras.ops.ones((ROWS, UNITS))
        given = {"products": self.cell.products()} if self.prepared else {}
        for t in range(WORDS):
            state, _ = self.cell(read[:, t], [state], **given)
        return state


def trained(cell, prepared: bool) -> list[np.ndarray]:
    """The last state, then all weights after three steps of gradient descent."""
    rng = np.random.default_rng(0)
    model = keras.Sequential([Reader(cell, prepared)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.layers[0].set_weights([rng.normal(size=w.shape) for w in model.layers[0].weights])
    sequence, aim = rng.normal(size=(ROWS, WORDS, READ)), rng.normal(size=(ROWS, UNITS))
    output = model.predict_on_batch(sequence)
    losses = [float(model.train_on_batch(sequence, aim)) for _ in range(3)]
    assert losses[2] < losses[0]
    return [output, *model.layers[0].get_weights()]


@functools.cache
def of_keras() -> list[np.ndarray]:
    return trained(keras.layers.GRUCell(UNITS), False)


def test_prepared_products_compute_and_train_as_keras_does():
    for one, other in zip(of_keras(), trained(GRUCell(UNITS), True), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_without_prepared_products_it_is_the_cell_of_keras():
    for one, other in zip(of_keras(), trained(GRUCell(UNITS), False), strict=True):
        np.testing.assert_array_equal(one, other)


class Adding(keras.layers.Layer):
    """A recurrent cell that adds up products of its inputs with one weight."""

    state_size = output_size = 1

    def __init__(self, product):
        super().__init__(dtype="float32")
        self.product, self.built = product, True

    def call(self, number, states):
        product = self.product(keras.ops.cast(number, "bfloat16"))
        total = states[0] + keras.ops.cast(product, "float32")
        return total, [total]


class Sum(keras.layers.Layer):
    """Numbers (N, T, 1) -> the sum of their products with the one weight, added in a loop."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(1, 1), initializer="zeros")

    def call(self, numbers):
        cell = Adding(repeated(self.kernel, "bfloat16"))
        return keras.layers.RNN(cell, dtype="float32")(numbers)


def test_gradients_are_added_up_in_full_precision():
    model = keras.Sequential([Sum(dtype="mixed_bfloat16")])
    model.compile(keras.optimizers.SGD(1.0), lambda true, predicted: keras.ops.mean(predicted))
    model.train_on_batch(np.ones((1, 300, 1)), np.ones((1, 1)))
    assert model.layers[0].get_weights()[0].item() == -300  # bfloat16 would stop at 256
