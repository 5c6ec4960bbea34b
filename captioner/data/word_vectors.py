"""Pretrained word vectors in GloVe's text format: a word and its numbers on each line.

Pennington et al. 2014, https://nlp.stanford.edu/projects/glove/
"""

from pathlib import Path

import numpy as np

from captioner.vocabulary import SPECIAL, Vocabulary


class VectorsError(ValueError):
    """The file has no usable word vectors; one sentence says why."""


def read(path: Path | str, vocabulary: Vocabulary) -> tuple[np.ndarray, int]:
    """Reads the vectors of a vocabulary's words, line by line, however large the file is.

    Returns:
        float32 (V, E), with zeros for special tokens and for words that the file lacks; and the
        number of words found.

    Raises:
        VectorsError: the file is missing or malformed, or has none of the words.
    """
    path, found, number = Path(path), {}, 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                word, _, numbers = line.rstrip().partition(" ")
                if number == 1 and len(numbers.split()) < 2:
                    raise VectorsError(f"{path} holds no lines of a word and its numbers.")
                if word in vocabulary:
                    found[word] = np.array(numbers.split(), np.float32)
    except FileNotFoundError as error:
        raise VectorsError(
            f"{path} does not exist; GloVe's vectors are at https://nlp.stanford.edu/projects/glove/."
        ) from error
    except VectorsError:
        raise
    except (OSError, ValueError) as error:
        raise VectorsError(
            f"{path} cannot be read at line {number} or after it: {error}."
        ) from error
    sizes = {len(vector) for vector in found.values()}
    if not sizes:
        raise VectorsError(f"{path} holds none of the words.")
    if len(sizes) > 1 or not all(np.isfinite(vector).all() for vector in found.values()):
        raise VectorsError(f"{path} holds vectors of several lengths, or no numbers.")
    matrix = np.zeros((len(vocabulary), sizes.pop()), np.float32)
    for row, word in enumerate(vocabulary.words[len(SPECIAL) :], start=len(SPECIAL)):
        matrix[row] = found.get(word, 0)
    return matrix, len(found)
