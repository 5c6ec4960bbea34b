"""Calibration: how confident a captioner is of its words, and how sharp its attention is."""

from dataclasses import replace

import numpy as np

from captioner.decoder import architectures
from captioner.decoder.model import Decoder
from captioner.vocabulary import UNKNOWN

RANGE = (0.1, 10.0)  # temperatures
ROWS = 500  # words computed at once, to save memory


def temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature at which the targets are most likely (Guo et al. 2017, arXiv:1706.04599).

    Args:
        logits: of M words, (M, V).
        targets: ids of the words in the references, (M,).

    Returns:
        A temperature within RANGE; logits divided by it are calibrated.
    """
    logits = np.asarray(logits, np.float32)
    of_targets = np.take_along_axis(logits, targets[:, None], axis=-1).mean(dtype=np.float64)

    def slope(inverse: float) -> float:
        """Derivative of the loss by the inverse temperature; it grows with it."""
        total = 0.0
        for first in range(0, len(logits), ROWS):
            some = logits[first : first + ROWS]
            shares = np.exp(inverse * (some - some.max(axis=-1, keepdims=True)))
            total += float(((shares * some).sum(axis=-1) / shares.sum(axis=-1)).sum())
        return total / len(logits) - of_targets

    low, high = 1 / RANGE[1], 1 / RANGE[0]
    for _ in range(20):
        middle = np.sqrt(low * high)
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return float(1 / np.sqrt(low * high))


def soften(decoder: Decoder, temperature: float) -> None:
    """Divides the logits of a decoder by `temperature`, within its weights.

    Above 1 it is less sure of every word; the order of the words stays.

    Raises:
        ValueError: The temperature is not above 0 and finite.
    """
    if not 0 < temperature < float("inf"):
        raise ValueError(f"the temperature must be above 0 and finite, not {temperature}")
    decoder.words.set_weights([weights / temperature for weights in decoder.words.get_weights()])


def sharpen(decoder: Decoder, factor: float) -> None:
    """Multiplies the attention energies of a decoder by `factor`, within its weights.

    Above 1 attention concentrates on fewer cells. Equal to a softmax of temperature 1 / factor
    (Chorowski et al. 2015, arXiv:1506.07503, section 2.3).

    Raises:
        ValueError: The decoder has no attention, or the factor is not above 0 and finite.
    """
    if not decoder.config.use_attention:
        raise ValueError("this decoder has no attention to sharpen")
    if not 0 < factor < float("inf"):
        raise ValueError(f"the factor must be above 0 and finite, not {factor}")
    for layer in decoder.energy_layers():
        layer.set_weights([factor * weights for weights in layer.get_weights()])


def extended(decoder: Decoder, count: int) -> Decoder:
    """A copy of a decoder with `count` more words.

    The new words start as copies of the unknown word, which stood for them until now, and share
    its probability with it.
    """
    other = architectures.build(
        replace(decoder.config, vocabulary=decoder.config.vocabulary + count)
    )
    grown = []
    trio = zip(other.weights, decoder.weights, decoder.get_weights(), strict=True)
    for new, old, values in trio:
        if new.shape != old.shape:
            if old is decoder.words.bias:
                values = values - np.log(count + 1) * (np.arange(len(values)) == UNKNOWN)
            axis = 0 if old is decoder.embed.embeddings else -1
            unknown = np.take(values, [UNKNOWN] * count, axis)
            values = np.concatenate([values, unknown], axis)
        grown.append(values)
    other.set_weights(grown)
    return other
