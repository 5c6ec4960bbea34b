"""The vocabulary: the words that a captioner knows, their ids, and the file on disk."""

import difflib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from captioner.files import write_text
from captioner.words import END_OF_CAPTION, NumberedWords, folded, standardise

__all__ = ["UnknownWordError", "Vocabulary", "VocabularyError", "standardise"]

PAD, UNKNOWN, START, END = range(4)  # recognised by id, never by text
SPECIAL = ("<pad>", "<unk>", "<start>", "<end>")

_FEW = 5  # words; a vocabulary of fewer says nothing about photos
_MIN_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)  # that are suggested instead of a larger one
_SIMILAR = 0.65  # least ratio of `difflib` for a word that may have been meant


class UnknownWordError(ValueError):
    """A word that should be forced is not in the vocabulary."""


class VocabularyError(ValueError):
    """The file is not a vocabulary."""


def too_few_words(counts: Mapping[str, int], min_count: int) -> str:
    """Why words give no vocabulary to train with, and which `min_count` would; "" if they do.

    A few words are enough where a smaller `min_count` would not give more.
    """

    def size(least: int) -> int:
        return sum(count >= least for count in counts.values())

    words = size(min_count)
    if not counts:
        return "The captions to train on hold no words."
    if words >= _FEW or words == len(counts):
        return ""
    sizes = {size(least): least for least in _MIN_COUNTS if least < min_count}
    better = ", ".join(
        f"with --min-count {least} there would be {larger:,}"
        for larger, least in sorted(sizes.items())
        if larger > words
    )
    found = f"Only {words} word{'s' * (words > 1)}" if words else "No word"
    return (
        f"{found} occur{'s' * (words < 2)} {min_count} times in the captions to train on; "
        f"{better}. Choose a smaller min word frequency (min_count) or describe more photos."
    )


class Vocabulary:
    """Words and their ids; the four special tokens come first."""

    def __init__(self, words: Sequence[str], clean: bool = False):
        """Takes words without the special tokens; `clean` as in `standardise`.

        Raises:
            VocabularyError: A word occurs twice.
        """
        self.words, self.clean = (*SPECIAL, *words), clean
        self._ids = {word: number for number, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise VocabularyError("a word occurs twice in the vocabulary")

    @classmethod
    def from_captions(
        cls,
        captions: Iterable[str],
        min_count: int = 5,
        max_size: int | None = None,
        clean: bool = False,
    ) -> "Vocabulary":
        """The words that occur at least `min_count` times, at most `max_size`, the most frequent
        first, equally frequent ones by alphabet."""
        return cls.from_counts(NumberedWords(captions, clean).counts, min_count, max_size, clean)

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, int],
        min_count: int = 5,
        max_size: int | None = None,
        clean: bool = False,
    ) -> "Vocabulary":
        """The same of words that were counted."""
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([word for word, count in ranked if count >= min_count][:max_size], clean)

    def extended(self, other: "Vocabulary") -> "Vocabulary":
        """This vocabulary with the missing words of another one appended."""
        missing = [word for word in other.words_only if word not in self]
        return Vocabulary([*self.words_only, *missing], self.clean)

    @property
    def words_only(self) -> tuple[str, ...]:
        """Its words without the special tokens."""
        return self.words[len(SPECIAL) :]

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return self._ids.get(word, 0) >= len(SPECIAL)

    def __getitem__(self, number: int) -> str:
        return self.words[number]

    def encode(self, caption: str) -> list[int]:
        """The ids of the words of a caption, then END; unknown words become UNKNOWN."""
        words = standardise(caption, self.clean)
        return [self._ids.get(word, UNKNOWN) for word in words] + [END]

    def encode_all(self, words: Iterable[str]) -> np.ndarray:
        """The id of each word, int32; that of END_OF_CAPTION is END."""
        ids = {**self._ids, END_OF_CAPTION: END}
        return np.array([ids.get(word, UNKNOWN) for word in words], np.int32)

    def ids(self, words: Iterable[str]) -> list[int]:
        """The ids of words that should be forced.

        Raises:
            UnknownWordError: One is unknown; the message names the first.
        """
        numbers = []
        for word in words:
            if (standard := folded(word).strip()) not in self:
                raise UnknownWordError(f'The captioner does not know the word "{word}".')
            numbers.append(self._ids[standard])
        return numbers

    def completions(self, start: str, count: int) -> list[str]:
        """At most `count` longer words that begin with `start`, the most frequent first."""
        longer = (word for word in self.words_only if word.startswith(start) and word != start)
        return list(itertools.islice(longer, count))

    def nearest(self, word: str, count: int) -> list[str]:
        """At most `count` words that are spelled like `word`, the most similar first."""
        return difflib.get_close_matches(word, self.words_only, count, cutoff=_SIMILAR)

    def save(self, path: Path | str) -> None:
        """Writes the words without the special tokens as JSON."""
        content = {"words": self.words_only} | ({"clean": True} if self.clean else {})
        write_text(path, json.dumps(content, ensure_ascii=False))

    @classmethod
    def load(cls, path: Path | str) -> "Vocabulary":
        """Reads what `save` wrote. Raises VocabularyError if the file is missing or damaged."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            words = content["words"]
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                raise TypeError("`words` is not a list of strings")
            return cls(words, bool(content.get("clean", False)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VocabularyError(f"{Path(path).name} is not a vocabulary: {error}") from error
