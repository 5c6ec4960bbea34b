"""The captions of many photos, in arrays."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np


class PhotoCaptions(Mapping[Path, list[str]]):
    """The captions of each photo, in one text: five million take 0.4 GB, as strings 0.8."""

    def __init__(self, pairs: Iterable[tuple[Path, Iterable[str]]]):
        """`pairs`: photos with captions; a photo may come several times."""
        self._numbers: dict[Path, int] = {}
        text, ends, numbers = bytearray(), array("q", [0]), array("i")
        for photo, captions in pairs:
            number = self._numbers.setdefault(photo, len(self._numbers))
            for caption in captions:
                text += caption.encode(errors="surrogatepass")
                ends.append(len(text))
                numbers.append(number)
        of, ends = np.array(numbers, np.int32), np.array(ends)
        order = np.argsort(of, kind="stable")
        self._text, self._starts, self._ends = text, ends[:-1][order], ends[1:][order]
        self._first = np.searchsorted(of[order], np.arange(len(self._numbers) + 1))

    def __getitem__(self, photo: Path) -> list[str]:
        number = self._numbers[photo]
        own = slice(self._first[number], self._first[number + 1])
        places = zip(self._starts[own].tolist(), self._ends[own].tolist(), strict=True)
        return [self._text[start:end].decode(errors="surrogatepass") for start, end in places]

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
