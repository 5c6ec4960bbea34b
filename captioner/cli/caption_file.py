"""A file of captions, one JSON object a line, that a later call of `caption` goes on with."""

import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from captioner.files import json_text

# A line is recognised by its beginning: parsing the maps of a million photos takes minutes.
_BEGINNING = re.compile(rb'{"photo": ("(?:[^"\\]|\\.)*"), "(caption|error)": ')


class CaptionFileError(ValueError):
    """The file holds something else, or another process writes it."""


class CaptionFile:
    """Lines of photos that are captioned, or could not be read: `{"photo", "error"}`.

    Of the lines that are there only 8 bytes each are in memory. Used as a context.

    Attributes:
        failed: number of photos in it that could not be read.
    """

    def __init__(self, path: Path):
        """Begins a file, or goes on with one; a last line that is not whole is removed.

        Raises:
            CaptionFileError: another process writes it, or it holds other lines.
        """
        self.path, self.failed = path, 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise CaptionFileError(f"{path} is being written by another process.") from error
        try:
            self._stored = np.sort(np.fromiter(self._read(), np.uint64))
            self._file = path.open("ab")
        except BaseException:
            self._unlock()
            raise

    def __enter__(self) -> "CaptionFile":
        return self

    def __exit__(self, *_) -> None:
        self._file.close()
        self._unlock()

    @property
    def done(self) -> int:
        """The number of photos that the file had at the beginning."""
        return len(self._stored)

    def remaining(self, photos: Iterable[str]) -> Iterator[str]:
        """Those of the photos of which the file had no line at the beginning."""
        photos = iter(photos)
        while batch := list(itertools.islice(photos, 1000)):  # one by one takes twice as long
            keys = np.fromiter(map(_key, batch), np.uint64)
            first, after = (np.searchsorted(self._stored, keys, side) for side in ("left", "right"))
            yield from itertools.compress(batch, first == after)

    def write(self, line: dict) -> None:
        """Adds the JSON of a caption, or `{"photo", "error"}`."""
        self.failed += "error" in line
        # As JSON escapes them: file systems without UTF-8 have names that are not Unicode.
        text = json_text(line, ensure_ascii=False).encode("utf-8", "backslashreplace")
        self._file.write(text + b"\n")
        self._file.flush()

    def _read(self) -> Iterator[int]:
        """The keys of the photos in the file."""
        if not self.path.exists():
            return
        size = 0  # bytes of the whole lines
        with self.path.open("rb", buffering=2**20) as file:  # lines are long
            for number, line in enumerate(file, 1):
                match = _BEGINNING.match(line)
                if not line.endswith(b"\n") and (match or _may_begin(line)):
                    break
                if not match or not line.endswith(b"}\n"):
                    raise CaptionFileError(
                        f"{self.path}, line {number}, was not written by this command: choose "
                        "another file with --out."
                    )
                self.failed += match[2] == b"error"
                size += len(line)
                yield _key(json.loads(match[1].decode()))
        os.truncate(self.path, size)

    def _unlock(self) -> None:
        Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()


def _may_begin(line: bytes) -> bool:
    """Whether a line is cut off before its beginning can be recognised."""
    start = b'{"photo": "'
    return start.startswith(line) or (line.startswith(start) and b'", "' not in line)


def _key(photo: str) -> int:
    digest = hashlib.blake2b(photo.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
