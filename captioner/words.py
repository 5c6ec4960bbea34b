"""How captions of any script are split into words, by Unicode's rules, and joined again.

Chinese, Japanese and the scripts of South East Asia put no blanks between words. They are split
into characters as readers see them, a letter with its marks; Thai into words, if the package
`pythainlp` is installed.
"""

import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

import numpy as np
import regex  # knows Unicode's scripts, marks and characters of several code points; `re` does not

# Line_Break=SA: the scripts in which only a dictionary finds the words.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\u30fc\uff70\p{Line_Break=SA}]"
_JOINERS = r"\u200c\u200d"  # inside words of Persian and of India's scripts
_LETTER = rf"(?!{_UNSPACED})[\p{{L}}\p{{N}}]"
_SPELLED = rf"{_LETTER}(?:{_LETTER}|\p{{M}}|[{_JOINERS}]+(?=\p{{L}}|\p{{M}}))*+"
# Between two parts of a word: apostrophe, hyphen, Catalan's middle dot, Hebrew's marks of initials.
_INSIDE = r"['\u00b7\u05f3\u05f4-]|(?<=\p{Hebrew}\p{M}*)\"(?=\p{Hebrew})"
_CHARACTER = rf"(?={_UNSPACED})(?=[\p{{L}}\p{{N}}])\X\p{{M}}*"
_WORD = regex.compile(rf"{_SPELLED}(?:(?:{_INSIDE}){_SPELLED})*+|{_CHARACTER}")
_ASCII_WORD = regex.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*+")  # finds the same, three times as fast
_CLEAN = regex.compile(rf"{_CHARACTER}|[\p{{L}}\p{{M}}{_JOINERS}]{{2,}}")
_UNSPACED_ENDS = regex.compile(rf"{_UNSPACED}\p{{M}}*\Z"), regex.compile(_UNSPACED)
_THAI = regex.compile(r"((?:(?=\p{Thai})[\p{L}\p{M}\p{N}])+)")
_DETACHED = regex.compile(r"\s+(?='s\b)")  # "the dog 's ball", as Flickr8k.token.txt has it
# What splits captions in ASCII without "'" and "-" as `standardise` does, in a quarter of the time.
_PLAIN = {n: chr(n).lower() if chr(n).isalnum() else " " for n in range(128)}
END_OF_CAPTION = "."  # among the words of `standardise_all`, which it cannot be
_AT_ONCE = 1000  # captions
# Marks that nobody sees: soft hyphens, directions, byte order marks.
_INVISIBLE = regex.compile(r"[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def folded(text: str) -> str:
    """Lower case, in composed letters (NFC), without marks that nobody sees."""
    text = text.replace("\u2019", "'")
    if text.isascii():
        return text.lower()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).lower()
    # The lower case of Turkish's dotted capital I is an i with a second dot.
    return unicodedata.normalize("NFC", text.replace("i\u0307", "i"))


def standardise(caption: str, clean: bool = False) -> list[str]:
    """Splits a caption into lower-case words. Of punctuation, only apostrophes and hyphens inside
    a word stay. `clean` removes single letters (also "a") and words with a digit."""
    text = _DETACHED.sub("", folded(caption))
    if text.isascii():
        words = _ASCII_WORD.findall(text)
    elif (breaker := _thai_breaker()) and _THAI.search(text):
        words = []
        for number, part in enumerate(_THAI.split(text)):
            words += breaker(part) if number % 2 else _WORD.findall(part)
    else:
        words = _WORD.findall(text)
    return [word for word in words if _CLEAN.fullmatch(word)] if clean else words


def standardise_all(captions: Iterable[str], clean: bool = False) -> Iterator[list[str]]:
    """The words of many captions, of some of them at a time, as `standardise` splits each.

    END_OF_CAPTION follows the words of every caption.
    """
    remaining = iter(captions)
    while some := list(itertools.islice(remaining, _AT_ONCE)):
        split = [
            caption.translate(_PLAIN)
            if not clean and caption.isascii() and "'" not in caption and "-" not in caption
            else " ".join(standardise(caption, clean))
            for caption in some
        ]
        yield f" {END_OF_CAPTION} ".join([*split, ""]).split()


class NumberedWords:
    """The words of many captions, which are split once for all uses.

    Attributes:
        words: The different words, END_OF_CAPTION first.
        numbers: The place in `words` of each word of each caption; 0 follows those of a caption.
            An array of the smallest type that holds them.
    """

    def __init__(self, captions: Iterable[str], clean: bool = False):
        """`clean` as in `standardise`."""
        known = defaultdict(itertools.count().__next__)
        parts = [np.full(0, known[END_OF_CAPTION], np.uint8)]
        for words in standardise_all(captions, clean):
            part = np.fromiter(map(known.__getitem__, words), np.int32, len(words))
            parts.append(part.astype(np.min_scalar_type(len(known))))
        self.words, self.numbers = tuple(known), np.concatenate(parts)

    @property
    def counts(self) -> dict[str, int]:
        """How often each word occurs."""
        counts = np.bincount(self.numbers, minlength=len(self.words)).tolist()
        return dict(zip(self.words[1:], counts[1:], strict=True))


def split_note(texts: Iterable[str]) -> str:
    """A sentence about words or captions in Thai that are split into characters; empty if none
    are."""
    if _thai_breaker() or not any(not one.isascii() and _THAI.search(one) for one in texts):
        return ""
    return "Thai captions are split into characters; `pip install pythainlp` splits them in words."


@cache
def _thai_breaker() -> Callable[[str], list[str]] | None:
    try:
        from pythainlp.tokenize import word_tokenize
    except ImportError:
        return None
    return word_tokenize


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction belongs to a script such as Arabic or Hebrew."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((d for d in directions if d in ("L", "R", "AL")), "L") != "L"


def join(words: Sequence[str]) -> str:
    """Words as a sentence, with blanks where the script has them."""
    ends, begins = _UNSPACED_ENDS
    text = "".join(words[:1])
    for before, word in zip(words, words[1:], strict=False):
        together = not word.isascii() and begins.match(word) and ends.search(before)
        text += word if together else f" {word}"
    return text
