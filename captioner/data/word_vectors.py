"""Word vectors from a text file: a word and its numbers a line, as GloVe comes (Pennington et al.
2014, https://nlp.stanford.edu/projects/glove/)."""

from pathlib import Path

import numpy as np

from captioner.vocabulary import SPECIAL, Vocabulary


class VectorsError(ValueError):
    """The file holds no word vectors; one sentence says what is wrong."""


def read(path: Path | str, vocabulary: Vocabulary) -> tuple[np.ndarray, int]:
    """Vectors of a vocabulary's words: float32 (V, E), and how many words the file has.

    The others, and the special tokens, get zeros: whatever the decoder makes of them it learns
    elsewhere. A line at a time is read, however large the file.

    Raises VectorsError if the file is missing, or is not as GloVe's are.
    """
    path, found, read = Path(path), {}, 0
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                read += 1
                word, _, numbers = line.rstrip().partition(" ")
                if read == 1 and len(numbers.split()) < 2:
                    raise VectorsError(f"{path} holds no lines of a word and its numbers.")
                if word in vocabulary:
                    found[word] = np.array(numbers.split(), np.float32)
    except FileNotFoundError as error:
        raise VectorsError(
            f"{path} does not exist; GloVe's vectors are at https://nlp.stanford.edu/projects/glove/."
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, VectorsError):
            raise
        raise VectorsError(f"{path} cannot be read at line {read} or after it: {error}.") from error
    lengths = {len(vector) for vector in found.values()}
    if len(lengths) != 1 or not all(np.isfinite(vector).all() for vector in found.values()):
        what = "vectors of several lengths, or no numbers" if lengths else "none of the words"
        raise VectorsError(f"{path} holds {what}.")
    matrix = np.zeros((len(vocabulary), lengths.pop()), np.float32)
    for row, word in enumerate(vocabulary.words[len(SPECIAL) :], start=len(SPECIAL)):
        matrix[row] = found.get(word, 0)
    return matrix, len(found)
