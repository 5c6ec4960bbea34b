"""Batch norm folded into the convolutions before it: the same output in less time."""

import keras
import numpy as np
from keras import layers


def folded(network: keras.Model) -> keras.Model:
    """A copy of a network for inference, with the same output but for rounding.

    A convolution with other weights can do what batch norm does with fixed statistics (Jacob et
    al. 2018, arXiv:1712.05877, section 3.2). Feature maps then pass through memory once, not three
    times, which saves a quarter to a half of the time on a CPU.

    Returns:
        The copy with the present weights, or `network` itself if nothing in it can be folded.
    """
    convolutions = _convolutions(network)
    nested = {one.name: folded(one) for one in network.layers if isinstance(one, keras.Model)}
    if not convolutions and all(network.get_layer(name) is one for name, one in nested.items()):
        return network

    def clone(layer):
        if layer.name in convolutions:
            return layer  # a batch norm, which `call` skips
        if layer.name in nested:
            return nested[layer.name]
        config = layer.get_config()
        if layer.name in convolutions.values():
            kernel = "depthwise" if isinstance(layer, layers.DepthwiseConv2D) else "kernel"
            config |= {"use_bias": True, f"{kernel}_initializer": "zeros"}  # faster than random
        return type(layer).from_config(config)

    def call(layer, x, *others, **named):
        return x if layer.name in convolutions else layer(x, *others, **named)

    copy = keras.models.clone_model(network, clone_function=clone, call_function=call)
    for layer in copy.layers:
        if layer.weights and layer.name not in (*convolutions.values(), *nested):
            layer.set_weights(network.get_layer(layer.name).get_weights())
    for batch_norm, convolution in convolutions.items():
        pair = network.get_layer(convolution), network.get_layer(batch_norm)
        copy.get_layer(convolution).set_weights(_combined(*pair))
    return copy


def _convolutions(network: keras.Model) -> dict[str, str]:
    """Batch norm -> the linear convolution whose output it alone reads, by name."""
    readers: dict[int, list[keras.Operation]] = {id(output): [None] for output in network.outputs}
    for reader in network.operations:
        for tensor in keras.tree.flatten(reader.input):
            readers.setdefault(id(tensor), []).append(reader)
    return {
        readers[id(layer.output)][0].name: layer.name
        for layer in network.layers
        if type(layer) in (layers.Conv2D, layers.DepthwiseConv2D)
        and layer.activation is keras.activations.linear
        and [type(reader) for reader in readers[id(layer.output)]] == [layers.BatchNormalization]
    }


def _combined(convolution: layers.Layer, batch_norm: layers.BatchNormalization) -> list:
    """Kernel and bias of one convolution that does the work of both layers."""
    mean, variance, scale, shift = (
        default if variable is None else keras.ops.convert_to_numpy(variable)
        for variable, default in (
            (batch_norm.moving_mean, 0.0),
            (batch_norm.moving_variance, 1.0),
            (batch_norm.gamma, 1.0),
            (batch_norm.beta, 0.0),
        )
    )
    factor = scale / np.sqrt(variance + batch_norm.epsilon)
    kernel, *bias = convolution.get_weights()
    depthwise = isinstance(convolution, layers.DepthwiseConv2D)  # kernel (h, w, channels, 1)
    factors = factor.reshape(kernel.shape[2:]) if depthwise else factor
    return [kernel * factors, shift + ((bias[0] if bias else 0.0) - mean) * factor]
