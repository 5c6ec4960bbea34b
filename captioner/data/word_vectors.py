"""Pretrained word vectors as text: a word and its numbers on each line.

GloVe (Pennington et al. 2014, https://nlp.stanford.edu/projects/glove/), fastText and word2vec; the
latter two have a first line with the number of words and the length of a vector.
"""

import itertools
import re
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np

from captioner.vocabulary import SPECIAL, Vocabulary

_HEADER = re.compile(r"\s*\d+\s+\d+\s*")
_EXAMINED = 100  # lines that tell the length of a vector


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
        with path.open(encoding="utf-8", newline="\n") as file:  # words may hold other line ends
            first = list(itertools.islice(file, _EXAMINED))
            header = bool(first and _HEADER.fullmatch(first[0]))
            size = _size(first, header)
            if first and size < 2:
                raise VectorsError(f"{path} holds no lines of a word and its numbers.")
            for number, line in enumerate(itertools.chain(first, file), 1):
                # From the right: in GloVe's largest file there are words with blanks in them.
                word, *numbers = line.rstrip().rsplit(" ", size)
                if len(numbers) < size:
                    word, *numbers = line.split()
                word = word if word.isascii() else unicodedata.normalize("NFC", word)
                if word in vocabulary and not (header and number == 1):
                    found[word] = np.array(numbers, np.float32)
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


def _size(lines: list[str], header: bool) -> int:
    """The length of a vector: as the header says, or what most of the first lines have."""
    if header:
        return int(lines[0].split()[1])
    counts = Counter(len(line.split()) - 1 for line in lines)
    return counts.most_common(1)[0][0] if counts else 0
