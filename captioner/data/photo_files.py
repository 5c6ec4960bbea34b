"""The photos in a folder and below it, found by the names that captions use for them."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    *(".heic", ".heif", ".avif"),
}  # of photos


class PhotoFiles:
    """The photos of a data set, wherever in its folder they are.

    A name may be a file name or a path, with either slash, in other case or composition of its
    letters, and without its suffix.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.paths = sorted(path for path in _walk(folder) if path.suffix.lower() in SUFFIXES)
        self._by_name: dict[str, list[Path]] = {}
        for path in self.paths:
            name = _folded(path.name)
            self._by_name.setdefault(name, []).append(path)
            self._by_name.setdefault(os.path.splitext(name)[0], []).append(path)

    def find(self, name: str) -> Path | None:
        """The photo that is meant: of several, that with the most folders of the name in its
        path, then that with the same letters, then the one in the fewest folders."""
        parts = [part for part in _folded(name).split("/") if part not in ("", ".", "..")]
        found = self._by_name.get(parts[-1], ()) if parts else ()
        if len(found) < 2:
            return found[0] if found else None
        exact = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])

        def rank(path: Path) -> tuple:
            own = _folded(path.relative_to(self.folder).as_posix()).split("/")
            pairs = zip(reversed(own), reversed(parts), strict=False)
            same = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(own), len(parts)))
            return -same, unicodedata.normalize("NFC", path.name) != exact, len(own)

        return min(found, key=rank)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/").strip()).casefold()


def _walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, also through links to folders, none twice; no hidden folders."""
    visited = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        visited.add(os.path.realpath(place))
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith((".", "__MACOSX"))
            and os.path.realpath(os.path.join(place, name)) not in visited
        ]
        yield from (Path(place, name) for name in files if not name.startswith("._"))
