"""The captions of many photos, in one text, and their words as numbers."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from captioner.words import NumberedWords


class PhotoCaptions(Mapping[Path, list[str]]):
    """The captions of each photo, in one text: as strings they would take three times as much."""

    def __init__(self, pairs: Iterable[tuple[Path, Iterable[str]]]):
        """`pairs`: photos with captions of one line each; a photo may come several times."""
        self._numbers: dict[Path, int] = {}
        self._text, ends, numbers = bytearray(), array("q", [0]), array("i")
        for photo, captions in pairs:
            numbers.append(self._numbers.setdefault(photo, len(self._numbers)))
            for caption in captions:
                self._text += f"{caption}\n".encode(errors="surrogatepass")
            ends.append(len(self._text))
        self._ends = ends  # of each photo, after 0
        if len(numbers) > len(self):
            self._sort(np.array(numbers))

    def _sort(self, numbers: np.ndarray) -> None:
        """Puts parts of the text, which are of the photos with these numbers, in their order."""
        text, ends = bytearray(), array("q", [0])
        order = np.argsort(numbers, kind="stable")
        is_last = np.diff(numbers[order], append=-1) != 0
        for part, last in zip(order.tolist(), is_last.tolist(), strict=True):
            text += self._text[self._ends[part] : self._ends[part + 1]]
            if last:
                ends.append(len(text))
        self._text, self._ends = text, ends

    def __getitem__(self, photo: Path) -> list[str]:
        number = self._numbers[photo]
        lines = self._text[self._ends[number] : self._ends[number + 1]]
        return lines.decode(errors="surrogatepass").split("\n")[:-1]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, photo: object) -> bool:
        return photo in self._numbers


class CaptionsOf(Mapping[Path, list[str]]):
    """The captions of some photos; those of all of them are not copied."""

    def __init__(self, captions: Mapping[Path, list[str]], photos: Iterable[Path]):
        self._captions, self._photos = captions, dict.fromkeys(photos)

    def __getitem__(self, photo: Path) -> list[str]:
        if photo not in self._photos:
            raise KeyError(photo)
        return self._captions[photo]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._photos)

    def __len__(self) -> int:
        return len(self._photos)


class NumberedCaptions(Mapping[Path, list[str]]):
    """Captions of photos, and their words as numbers: they are split once, to be counted and to be
    trained on.

    Attributes:
        photos: In their order.
        counts: How many captions each of them has, int32 (P,).
        words: The words of all captions.
    """

    def __init__(self, captions: Mapping[Path, list[str]], clean: bool = False):
        """`clean` as in `standardise`."""
        self._captions, self.photos = captions, list(captions)
        counts = array("i")

        def texts() -> Iterator[str]:
            for photo in self.photos:
                some = captions[photo]
                counts.append(len(some))
                yield from some

        self.words = NumberedWords(texts(), clean)
        self.counts = np.array(counts, np.int32)

    def __getitem__(self, photo: Path) -> list[str]:
        return self._captions[photo]

    def __iter__(self) -> Iterator[Path]:
        return iter(self.photos)

    def __len__(self) -> int:
        return len(self.photos)
