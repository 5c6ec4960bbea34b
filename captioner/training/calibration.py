"""How sure a captioner is of its words, made to agree with how often they are right."""

import numpy as np

RANGE = (0.1, 10.0)  # temperatures
ROWS = 500  # words that are computed at once


def temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature at which words that people wrote are likeliest.

    `logits` (M, V) of M words and what was written there, `targets` (M,). Divided by it, logits
    keep their order (Guo et al. 2017, arXiv:1706.04599). Kept within RANGE, where the logits of
    words that are all right, or all wrong, would go beyond.
    """
    logits = np.asarray(logits, np.float32)
    written = np.take_along_axis(logits, targets[:, None], axis=-1).mean(dtype=np.float64)

    def excess(inverse: float) -> float:
        """How much larger a word's logit is than those written: the loss's slope, which grows."""
        total = 0.0
        for first in range(0, len(logits), ROWS):  # memory stays small
            some = logits[first : first + ROWS]
            shares = np.exp(inverse * (some - some.max(axis=-1, keepdims=True)))
            total += float(((shares * some).sum(axis=-1) / shares.sum(axis=-1)).sum())
        return total / len(logits) - written

    low, high = 1 / RANGE[1], 1 / RANGE[0]
    for _ in range(20):
        middle = np.sqrt(low * high)
        low, high = (low, middle) if excess(middle) > 0 else (middle, high)
    return float(1 / np.sqrt(low * high))
