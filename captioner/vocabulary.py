"""Words and their numbers: the rule that splits captions, the index, the file on disk."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from captioner.files import write_text

PAD, UNKNOWN, START, END = range(4)  # ids are told by number, never by how they are written
SPECIAL = ("<pad>", "<unk>", "<start>", "<end>")

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_DETACHED = re.compile(r"\s+(?='s\b)")  # "the dog 's ball", as Flickr8k.token.txt has it


class UnknownWordError(ValueError):
    """A word that the vocabulary does not know was to be forced."""


class VocabularyError(ValueError):
    """The file is no vocabulary."""


def standardise(caption: str, clean: bool = False) -> list[str]:
    """Lower-cased words; punctuation goes but for apostrophes and hyphens inside a word. `clean`
    leaves out single letters, "a" too, and whatever holds a digit."""
    words = _WORD.findall(_DETACHED.sub("", caption.lower().replace("’", "'")))
    return [word for word in words if len(word) > 1 and word.isalpha()] if clean else words


class Vocabulary:
    """Words by id; the four special tokens come first."""

    def __init__(self, words: Sequence[str], clean: bool = False):
        """`words` without the special ones; `clean` as in `standardise`. Raises VocabularyError if
        one stands twice."""
        self.words, self.clean = (*SPECIAL, *words), clean
        self._ids = {word: number for number, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise VocabularyError("a word stands twice in the vocabulary")

    @classmethod
    def from_captions(
        cls,
        captions: Iterable[str],
        min_count: int = 5,
        max_size: int | None = None,
        clean: bool = False,
    ) -> "Vocabulary":
        """The words seen at least `min_count` times, most frequent first, ties by alphabet."""
        counts = Counter(word for caption in captions for word in standardise(caption, clean))
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([word for word, count in ranked if count >= min_count][:max_size], clean)

    def extended(self, other: "Vocabulary") -> "Vocabulary":
        """With the words of another one that are not in it at the end."""
        known = self.words[len(SPECIAL) :]
        return Vocabulary(
            [*known, *(word for word in other.words[len(SPECIAL) :] if word not in self)],
            self.clean,
        )

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return self._ids.get(word, 0) >= len(SPECIAL)

    def __getitem__(self, number: int) -> str:
        return self.words[number]

    def encode(self, caption: str) -> list[int]:
        """Ids of the caption's words, then END; unknown words become UNKNOWN."""
        words = standardise(caption, self.clean)
        return [self._ids.get(word, UNKNOWN) for word in words] + [END]

    def ids(self, words: Iterable[str]) -> list[int]:
        """Ids of words that are to be forced. Raises UnknownWordError that names the first
        unknown one."""
        numbers = []
        for word in words:
            if (known := word.strip().lower()) not in self:
                raise UnknownWordError(f'The captioner does not know the word "{word}".')
            numbers.append(self._ids[known])
        return numbers

    def save(self, path: Path | str) -> None:
        """Writes the words, without the special ones, as JSON."""
        content = {"words": self.words[len(SPECIAL) :]} | ({"clean": True} if self.clean else {})
        write_text(path, json.dumps(content, ensure_ascii=False))

    @classmethod
    def load(cls, path: Path | str) -> "Vocabulary":
        """Raises VocabularyError if the file is missing or no list of words."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            words = content["words"]
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                raise TypeError("`words` is not a list of strings")
            return cls(words, bool(content.get("clean", False)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VocabularyError(f"{Path(path).name} is not a vocabulary: {error}") from error
