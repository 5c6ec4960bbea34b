"""The photos in a folder and below it, found by the names that captions use for them."""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
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
        self.paths = list(walk(folder))
        self._by_stem: dict[str, Path | list[Path]] = {}  # lists only where several have it
        for path in self.paths:
            stem = os.path.splitext(_folded(path.name))[0]
            same = self._by_stem.setdefault(stem, path)
            if same is not path:
                self._by_stem[stem] = [*(same if isinstance(same, list) else [same]), path]

    def find(self, name: str) -> Path | None:
        """The photo of a name: of several, that with the most folders of the name in its path,
        then that with the same letters, then the one in the fewest folders."""
        parts = [part for part in _folded(name).split("/") if part not in ("", ".", "..")]
        found = self._named(parts[-1]) if parts else []
        if len(found) < 2:
            return found[0] if found else None
        exact = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])

        def rank(path: Path) -> tuple:
            names = _folded(path.relative_to(self.folder).as_posix()).split("/")
            pairs = zip(reversed(names), reversed(parts), strict=False)
            shorter = min(len(names), len(parts))
            same = next((n for n, (a, b) in enumerate(pairs) if a != b), shorter)
            return -same, unicodedata.normalize("NFC", path.name) != exact, len(names)

        return min(found, key=rank)

    def _named(self, name: str) -> list[Path]:
        """The photos with this name, with or without their suffix."""
        found = []
        for stem in (name, os.path.splitext(name)[0]):
            paths = self._by_stem.get(stem, [])
            paths = paths if isinstance(paths, list) else [paths]
            found += [path for path in paths if stem == name or _folded(path.name) == name]
        return sorted(found) if len(found) > 1 else found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/").strip()).casefold()


def walk(folder: Path) -> Iterator[Path]:
    """The photos in a folder and below it, sorted by path, while the names of one folder at a time
    are read. Links to folders are followed, but no folder is read twice; hidden ones are not."""
    return (place / name for place, name in _walk(folder, set()))


def walk_names(folder: Path) -> Iterator[str]:
    """The same paths as strings, in half the time."""
    for place, name in _walk(folder, set()):
        yield os.path.join(str(place), name) if place.parts else name


def _walk(place: Path, visited: set[str]) -> Iterator[tuple[Path, str]]:
    """Folder and name of each photo."""
    real = os.path.realpath(place)
    if real in visited:
        return
    visited.add(real)
    names, folders = [], set()
    with _entries(place) as entries:
        for entry in entries:
            if entry.is_dir():
                if not entry.name.startswith((".", "__MACOSX")):
                    folders.add(entry.name)
            elif not entry.name.startswith("._") and _suffix(entry.name) in SUFFIXES:
                names.append(entry.name)
    for name in sorted([*names, *folders]):
        if name in folders:
            yield from _walk(place / name, visited)
        else:
            yield place, name


def _entries(place: Path) -> AbstractContextManager[Iterable[os.DirEntry]]:
    """What a folder holds; nothing if it may not be read."""
    try:
        return os.scandir(place)
    except OSError:
        return nullcontext(())


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()
