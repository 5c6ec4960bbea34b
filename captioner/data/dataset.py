"""What every format is read into: photos, their captions, their splits. Splits are by photo."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}  # of photos
SPLITS = ("train", "dev", "test")


class DatasetError(ValueError):
    """The folder cannot be read as a data set; the message says why."""


@dataclass
class Dataset:
    """Photos with captions.

    Photos without captions and captions without a photo are left out and counted in `notes`.
    """

    name: str
    captions: dict[Path, list[str]]  # photo -> its captions, as written
    splits: dict[str, list[Path]]  # train, dev, test; a photo is in one of them at most
    notes: list[str] = field(default_factory=list)
    held_out: set[Path] = field(default_factory=set)  # photos of dev and test, even uncaptioned
    missing: list[str] = field(default_factory=list)  # names of photos that do not exist
    uncaptioned: list[Path] = field(default_factory=list)

    def split(self, name: str) -> list[Path]:
        """The photos of a split. Raises DatasetError if it is unknown or empty."""
        photos = self.splits.get(name)
        if not photos:
            known = ", ".join(n for n in self.splits if self.splits[n])
            raise DatasetError(f"{self.name} has no photos in split '{name}'; it has: {known}")
        return photos


def collect(
    name: str, files: dict[str, Path], pairs: Iterable[tuple[str, str]], notes: list[str]
) -> Dataset:
    """Makes a data set without splits.

    Args:
        name: of the data set.
        files: all files in the folders of its photos, by file name.
        pairs: (file name of a photo, caption).
        notes: what the reader noted so far; extended.
    """
    captions: dict[Path, list[str]] = {}
    missing: set[str] = set()
    for photo, caption in pairs:
        if photo not in files:
            missing.add(photo)
        elif words := caption.split():
            captions.setdefault(files[photo], []).append(" ".join(words))
    if missing:
        notes.append(f"photos with captions that are not there: {len(missing)}")
    photos = {path for path in files.values() if path.suffix.lower() in SUFFIXES}
    if uncaptioned := photos - captions.keys():
        notes.append(f"photos without captions: {len(uncaptioned)}")
    splits = {split: [] for split in SPLITS}
    return Dataset(
        name, captions, splits, notes, missing=sorted(missing), uncaptioned=sorted(uncaptioned)
    )


def files_in(folder: Path) -> dict[str, Path]:
    """The files in a folder by name; none if there is no such folder."""
    return {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}


def read_utf8(path: Path) -> str:
    """The text of a file without its byte order mark. Raises DatasetError if it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error
