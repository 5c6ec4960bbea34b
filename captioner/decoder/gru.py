"""The GRU cell, quick to learn with on a processor."""

from collections.abc import Callable

from keras import layers, ops


def repeated(matrix, dtype: str) -> Callable:
    """x (N, I) -> x @ matrix (N, O) in `dtype`, to be asked for many x with one matrix (I, O).

    Its gradient with respect to x is a product with the transposed matrix. TensorFlow transposes
    while it multiplies, which for few rows takes it up to twice as long on a processor, each time
    anew; here that happens once.
    """
    # Gradients of all x are added up, which half precision is too coarse for. TensorFlow's custom
    # gradients take no variables, hence the sum.
    matrix = ops.cast(matrix, "float32") + 0.0
    ready = ops.stop_gradient(ops.cast(matrix, dtype))
    turned = ops.transpose(ready)

    @ops.custom_gradient
    def product(x, matrix):
        def gradient(*given, upstream=None):  # Keras' backends hand it over in either way
            (above,) = given if upstream is None else (upstream,)
            of_matrix = ops.matmul(ops.transpose(x), above)
            return ops.matmul(above, turned), ops.cast(of_matrix, "float32")

        return ops.matmul(x, ready), gradient

    return lambda x: product(x, matrix)


class GRUCell(layers.GRUCell):
    """Keras' GRU cell with its defaults, which takes its products from a caller that has many
    steps to do."""

    def products(self) -> tuple[Callable, Callable]:
        """What `call` multiplies by, inputs and states, made ready for many steps."""
        kernels = self.kernel, self.recurrent_kernel
        return tuple(repeated(kernel, self.compute_dtype) for kernel in kernels)

    def call(self, inputs, states, products=None, training=False):
        """Inputs (N, I), [state (N, U)] -> the next state (N, U), [the next state]."""
        if products is None:
            return super().call(inputs, states, training=training)
        (before,), (by_input, by_state) = states, products
        x = ops.split(by_input(inputs) + self.bias[0], 3, axis=-1)
        h = ops.split(by_state(before) + self.bias[1], 3, axis=-1)
        keep, reset = ops.sigmoid(x[0] + h[0]), ops.sigmoid(x[1] + h[1])
        state = keep * before + (1 - keep) * ops.tanh(x[2] + reset * h[2])
        return state, [state]
