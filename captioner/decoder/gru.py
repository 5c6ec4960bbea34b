"""A GRU cell whose training is fast on a CPU."""

from collections.abc import Callable

from keras import layers, ops


def repeated(matrix, dtype: str) -> Callable:
    """A function x (N, I) -> x @ matrix (N, O) in `dtype`, for many x and one matrix (I, O).

    The gradient with respect to x multiplies by the transposed matrix. TensorFlow transposes it in
    every product, which for few rows takes up to twice as long on a CPU; here it is transposed
    once.
    """
    # The gradients of all x are summed, for which half precision is too coarse. The sum with 0
    # makes a tensor of the variable, since custom gradients of TensorFlow do not accept variables.
    matrix = ops.cast(matrix, "float32") + 0.0
    ready = ops.stop_gradient(ops.cast(matrix, dtype))
    transposed = ops.transpose(ready)

    @ops.custom_gradient
    def product(x, matrix):
        def gradient(*arguments, upstream=None):  # each backend of Keras passes it its own way
            (above,) = arguments if upstream is None else (upstream,)
            of_matrix = ops.matmul(ops.transpose(x), above)
            return ops.matmul(above, transposed), ops.cast(of_matrix, "float32")

        return ops.matmul(x, ready), gradient

    return lambda x: product(x, matrix)


class GRUCell(layers.GRUCell):
    """Keras' GRU cell with its defaults; a caller with many steps can pass it its `products`."""

    def products(self) -> tuple[Callable, Callable]:
        """The products of `call`, with inputs and with states, prepared for many steps."""
        kernels = self.kernel, self.recurrent_kernel
        return tuple(repeated(kernel, self.compute_dtype) for kernel in kernels)

    def call(self, inputs, states, products=None, training=False):
        """One step: inputs (N, I), [state (N, U)] -> the next state (N, U), [the next state]."""
        if products is None:
            return super().call(inputs, states, training=training)
        (before,), (by_input, by_state) = states, products
        x = ops.split(by_input(inputs) + self.bias[0], 3, axis=-1)
        h = ops.split(by_state(before) + self.bias[1], 3, axis=-1)
        keep, reset = ops.sigmoid(x[0] + h[0]), ops.sigmoid(x[1] + h[1])
        state = keep * before + (1 - keep) * ops.tanh(x[2] + reset * h[2])
        return state, [state]
