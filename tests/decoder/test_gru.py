"""The GRU cell. Runs on every backend of Keras."""

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


def test_prepared_products_compute_and_train_as_keras_does():
    plain, ours = trained(keras.layers.GRUCell(UNITS), False), trained(GRUCell(UNITS), True)
    for one, other in zip(plain, ours, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_without_prepared_products_it_is_the_cell_of_keras():
    for one, other in zip(
        trained(keras.layers.GRUCell(UNITS), False), trained(GRUCell(UNITS), False), strict=True
    ):
        np.testing.assert_array_equal(one, other)


class Sum(keras.layers.Layer):
    """Adds up many products of a number (1, 1) with its one weight."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(1, 1), initializer="zeros")

    def call(self, number):
        product = repeated(self.kernel, "bfloat16")
        return sum(keras.ops.cast(product(number), "float32") for _ in range(64))


def test_gradients_are_added_up_in_full_precision():
    model = keras.Sequential([Sum(dtype="mixed_bfloat16")])
    model.compile(keras.optimizers.SGD(1.0), lambda true, predicted: keras.ops.mean(predicted))
    number = 1 + 1 / 128  # bfloat16 loses the 128th in every sum above 4, but holds 64.5
    model.train_on_batch(np.full((1, 1), number), np.ones((1, 1)))
    assert model.layers[0].get_weights()[0].item() == -64.5
