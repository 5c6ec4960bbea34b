"""A network for looking only: the same numbers, sooner."""

import keras
import numpy as np
from keras import layers


def folded(network: keras.Model) -> keras.Model:
    """A network that answers as `network` does with the weights it has now, but for rounding.

    What batch normalisation does with statistics that no longer change, a convolution before it
    can do by other weights of its own (Jacob et al. 2018, arXiv:1712.05877, section 3.2). The maps
    then go through memory once where they went three times, which on a processor takes a quarter
    to a half less time. Not for training. A network in which nothing can be folded is returned as
    it is.
    """
    before = _convolutions(network)
    within = {one.name: folded(one) for one in network.layers if isinstance(one, keras.Model)}
    if not before and all(network.get_layer(name) is one for name, one in within.items()):
        return network

    def copied(layer):
        if layer.name in before:
            return layer  # which is not called
        if layer.name in within:
            return within[layer.name]
        config = layer.get_config()
        if layer.name in before.values():
            given = "depthwise" if isinstance(layer, layers.DepthwiseConv2D) else "kernel"
            config |= {"use_bias": True, f"{given}_initializer": "zeros"}  # chance takes longer
        return type(layer).from_config(config)

    def called(layer, x, *others, **named):
        return x if layer.name in before else layer(x, *others, **named)

    other = keras.models.clone_model(network, clone_function=copied, call_function=called)
    for layer in other.layers:
        if layer.weights and layer.name not in (*before.values(), *within):
            layer.set_weights(network.get_layer(layer.name).get_weights())
    for normalisation, convolution in before.items():
        pair = network.get_layer(convolution), network.get_layer(normalisation)
        other.get_layer(convolution).set_weights(_together(*pair))
    return other


def _convolutions(network: keras.Model) -> dict[str, str]:
    """Names of batch normalisations, and of the convolutions that none but they take from."""
    takers: dict[int, list[keras.Operation]] = {id(output): [None] for output in network.outputs}
    for taker in network.operations:
        for tensor in keras.tree.flatten(taker.input):
            takers.setdefault(id(tensor), []).append(taker)
    return {
        takers[id(layer.output)][0].name: layer.name
        for layer in network.layers
        if type(layer) in (layers.Conv2D, layers.DepthwiseConv2D)
        and layer.activation is keras.activations.linear
        and [type(taker) for taker in takers[id(layer.output)]] == [layers.BatchNormalization]
    }


def _together(convolution: layers.Layer, normalisation: layers.BatchNormalization) -> list:
    """The convolution's kernel and bias after which nothing is left to normalise."""
    mean, variance, scale, shift = (
        default if variable is None else keras.ops.convert_to_numpy(variable)
        for variable, default in (
            (normalisation.moving_mean, 0.0),
            (normalisation.moving_variance, 1.0),
            (normalisation.gamma, 1.0),
            (normalisation.beta, 0.0),
        )
    )
    factor = scale / np.sqrt(variance + normalisation.epsilon)
    kernel, *bias = convolution.get_weights()
    by_channel = isinstance(convolution, layers.DepthwiseConv2D)  # (h, w, channels, of each)
    each = factor.reshape(kernel.shape[2:]) if by_channel else factor
    return [kernel * each, shift + ((bias[0] if bias else 0.0) - mean) * factor]
