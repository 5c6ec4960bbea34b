"""Batch norm folded into the convolutions before it: the same output in less time."""

from functools import partial

import keras
import numpy as np
from keras import layers, ops


def folded(network: keras.Model) -> keras.Model:
    """A copy of a network for inference, with the same output but for rounding.

    A convolution with other weights can do what batch norm does with fixed statistics (Jacob et
    al. 2018, arXiv:1712.05877, section 3.2). Feature maps then pass through memory once, not three
    times, which saves a quarter to a half of the time on a CPU. The weights become constants,
    which TensorFlow brings in the order of the processor once, not for every photo.

    Returns:
        The copy with the present weights, or `network` itself if nothing in it can be folded.
    """
    convolutions = _convolutions(network)
    return _Folded(network, convolutions) if convolutions else network


class _Folded(keras.Model):
    """The operations of another network, with constant weights."""

    def __init__(
        self,
        network: keras.Model,
        convolutions: dict[layers.BatchNormalization, layers.Layer],
    ):
        super().__init__(name=network.name)
        values = {id(weight): ops.convert_to_numpy(weight) for weight in network.weights}
        shifts = {}
        for batch_norm, convolution in convolutions.items():
            kernel, shift = _combined(convolution, batch_norm)
            values[id(convolution.kernel)] = kernel
            if convolution.use_bias:
                values[id(convolution.bias)] = shift
            shifts[batch_norm] = None if convolution.use_bias else shift
        state = [(weight, values[id(weight)]) for weight in network.weights]
        # Not as attributes of their own: Keras would track the variables, which nobody uses.
        self._source = lambda: (network, state, shifts)

    @property
    def outputs(self):
        return self._source()[0].outputs

    def call(self, pixels):
        network, state, shifts = self._source()
        with keras.StatelessScope(state):
            return _run(network, shifts, ops.cast(pixels, network.inputs[0].dtype))


def _run(network: keras.Model, shifts: dict, pixels):
    """Applies the operations of a network to pixels; batch norm in `shifts` only adds."""

    def apply(operation, *inputs, **options):
        if operation in shifts:
            shift = shifts[operation]
            return inputs[0] if shift is None else inputs[0] + shift
        if isinstance(operation, keras.Model):
            return _run(operation, shifts, *inputs)
        options.pop("mask", None)
        return operation.call(*inputs, **options)  # without what Keras checks in every layer

    return network._run_through_graph(pixels, operation_fn=lambda op: partial(apply, op))


def _convolutions(network: keras.Model) -> dict[layers.BatchNormalization, layers.Layer]:
    """Batch norm -> the linear convolution whose output it alone reads, also in networks in it."""
    readers: dict[int, list[keras.Operation]] = {id(output): [None] for output in network.outputs}
    for reader in network.operations:
        for tensor in keras.tree.flatten(reader.input):
            readers.setdefault(id(tensor), []).append(reader)
    found = {
        readers[id(layer.output)][0]: layer
        for layer in network.layers
        if type(layer) in (layers.Conv2D, layers.DepthwiseConv2D)
        and layer.activation is keras.activations.linear
        and [type(reader) for reader in readers[id(layer.output)]] == [layers.BatchNormalization]
    }
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            found |= _convolutions(layer)
    return found


def _combined(convolution: layers.Layer, batch_norm: layers.BatchNormalization) -> list:
    """Kernel and bias of one convolution that does the work of both layers."""
    mean, variance = map(ops.convert_to_numpy, (batch_norm.moving_mean, batch_norm.moving_variance))
    scale = ops.convert_to_numpy(batch_norm.gamma) if batch_norm.scale else 1.0
    shift = ops.convert_to_numpy(batch_norm.beta) if batch_norm.center else 0.0
    factor = scale / np.sqrt(variance + batch_norm.epsilon)
    kernel, *bias = convolution.get_weights()
    depthwise = isinstance(convolution, layers.DepthwiseConv2D)  # kernel (h, w, channels, 1)
    factors = factor.reshape(kernel.shape[2:]) if depthwise else factor
    return [kernel * factors, shift + ((bias[0] if bias else 0.0) - mean) * factor]
