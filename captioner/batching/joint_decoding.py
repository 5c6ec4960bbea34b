"""Decodes for several requests in one loop: each step computes the rows of all of them at once."""

from collections.abc import Callable, Sequence

import numpy as np

from captioner import decoding

# Rows of a step. Each new number of rows would have to be compiled first, so rows are added until
# it is one of these, or a multiple of the largest.
SIZES = (1, 8, 32)


def padded_size(rows: int) -> int:
    """The least size that has room for so many rows."""
    largest = SIZES[-1]
    return next((size for size in SIZES if size >= rows), -(-rows // largest) * largest)


def padded(array: np.ndarray, size: int) -> np.ndarray:
    """An array with its last row repeated until it has `size` rows."""
    return array[np.minimum(np.arange(size), len(array) - 1)]


def decode(step: Callable, runs: Sequence[decoding.Steps]) -> list:
    """Computes what `decoding.run` returns for each run.

    Args:
        step: as in `decoding.decode`.
        runs: each of one photo; samplers, prefixes and widths may differ.

    Returns:
        The result of each run, or the exception that it raised: the others go on.
    """
    outcomes = [None] * len(runs)
    pending = {}  # run -> the inputs of its next step

    def advance(number: int, outputs) -> None:
        pending.pop(number, None)
        try:
            pending[number] = runs[number].send(outputs)
        except StopIteration as end:
            outcomes[number] = end.value
        except Exception as error:
            outcomes[number] = error

    for number in range(len(runs)):
        advance(number, None)
    if len(runs) == 1:  # as many rows as it has
        while pending:
            advance(0, step(pending[0]))
    size, slices, photos = 0, {}, []
    width = max((state.shape[1] for _, state, *_ in pending.values()), default=0)
    while pending:
        needed = padded_size(sum(len(token) for token, *_ in pending.values()))
        if needed < size or not slices:
            # Rows of sentences that have ended stay until the next smaller size has room for the
            # others: their arrays are joined again only then.
            size, first = needed, 0
            for number, (token, *_) in pending.items():
                slices[number] = slice(first, first + len(token))
                first += len(token)
            parts = zip(*(inputs[2:] for inputs in pending.values()), strict=True)
            photos = [padded(np.concatenate(part), size) for part in parts]
        token, state = np.zeros(size, np.int32), np.zeros((size, width), np.float32)
        for number, inputs in pending.items():
            token[slices[number]], state[slices[number]] = inputs[:2]
        outputs = [np.asarray(output) for output in step([token, state, *photos])]
        for number in list(pending):
            advance(number, [output[slices[number]] for output in outputs])
    return outcomes
