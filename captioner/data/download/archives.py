"""Unpacks a zip of photos and captions, perhaps from a stranger, or refuses it with a reason.

The headers of a zip are not trusted: names are checked before anything is written, and bytes are
counted while they are read, which `zipfile` and `shutil.unpack_archive` do not do. Only photos and
annotations are unpacked.
"""

import errno
import io
import os
import posixpath
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from captioner.data.download import zip_names
from captioner.data.formats import is_annotation
from captioner.data.photo_files import SUFFIXES

PIECE = 1 << 20  # bytes read at a time
MAX_NAME, MAX_PART = 1000, 255  # bytes of a path, and of one part of it: what file systems accept
MAX_DEPTH = 16  # folders in folders
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others are rare and need much memory
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ArchiveError(ValueError):
    """The zip cannot be unpacked there; one sentence says why."""


@dataclass(frozen=True)
class Limits:
    """The largest zip that is accepted; COCO fits."""

    members: int = 200_000  # train2017.zip has 118,288
    directory: int = 32 << 20  # bytes of the list of members, which is read into memory
    member: int = 1 << 30  # bytes of one file; instances_train2017.json has 470 MB
    total: int = 32 << 30  # bytes of all files


LIMITS = Limits()


def is_needed(path: PurePosixPath) -> bool:
    """Whether a member is a photo or a file of annotations."""
    if any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
        return False  # macOS's metadata: `._a.jpg` is no photo
    return path.suffix.lower() in SUFFIXES or is_annotation(path)


def unpack(
    file: Path | str,
    folder: Path | str,
    report: Callable[[int, int], None] = lambda done, total: None,
    limits: Limits = LIMITS,
    wanted: Callable[[PurePosixPath], bool] = is_needed,
) -> Path:
    """Unpacks a zip into a new folder, without the folders that surround all of its files.

    The folder is complete or does not exist. A killed call leaves `.NAME.unpacking` beside it,
    which the next call removes.

    Args:
        file: the zip.
        folder: the new folder.
        report: called with the unpacked and the total number of files; may raise to stop.
        limits: of the zip.
        wanted: which members are unpacked.

    Returns:
        The folder.

    Raises:
        ArchiveError: the zip is damaged, encrypted, over the limits, would write elsewhere or
            holds no wanted member; the folder exists; or the disk is full.
    """
    file, folder = Path(file), Path(folder)
    if folder.exists():
        raise ArchiveError(f"{folder} is there already; choose another name or delete it.")
    with file.open("rb", buffering=0) as raw, _open(raw, file.name, limits) as archive:
        members = _members(archive, file.name, limits, wanted)
        size = sum(info.file_size for info in members.values())  # according to the headers
        folder.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder.parent).free
        if size > free:
            raise ArchiveError(
                f"{file.name} needs {size / 1e6:,.0f} MB unpacked and the disk has "
                f"{free / 1e6:,.0f} MB; free some space and try again."
            )
        temporary = folder.with_name(f".{folder.name}.unpacking")
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            _write(archive, members, temporary, file.name, limits, report)
            os.replace(temporary, folder)
        except OSError as error:
            if error.errno in DISK_FULL:
                raise ArchiveError(
                    f"The disk is full: free {size / 1e6:,.0f} MB for {file.name}, and try again."
                ) from error
            raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return folder


class _Bounded(io.BufferedReader):
    """A file that refuses to read more at once than the list of members may have."""

    def __init__(self, raw: io.RawIOBase, name: str, limits: Limits):
        super().__init__(raw)
        self._name, self._limits = name, limits

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > self._limits.directory:
            raise _too_many(self._name, self._limits)
        return super().read(size)


def _too_many(name: str, limits: Limits) -> ArchiveError:
    return ArchiveError(f"{name} holds too many files: at most {limits.members:,} are unpacked.")


def _open(raw: io.RawIOBase, name: str, limits: Limits) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Bounded(raw, name, limits))
    except ArchiveError:
        raise
    except Exception as error:  # zipfile raises many types for damaged files
        raise ArchiveError(f"{name} is not a zip, or a damaged one.") from error


def _members(
    archive: zipfile.ZipFile, name: str, limits: Limits, wanted: Callable[[PurePosixPath], bool]
) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """The wanted members by their path in the folder, checked as far as headers allow."""
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise _too_many(name, limits)
    names = zip_names.names(archive)
    paths = {info: _path(names[info], name) for info in infos}
    # A text beside a photo is its caption.
    photos = {path.with_suffix("") for path in paths.values() if path.suffix.lower() in SUFFIXES}
    found: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for info, path in paths.items():
        is_caption = path.suffix == ".txt" and path.with_suffix("") in photos
        if names[info].endswith(("/", "\\")) or not (wanted(path) or is_caption):
            continue
        if path in found:
            raise ArchiveError(f"{name} holds {_quoted(info.filename)} twice; pack it anew.")
        _check(info, name)
        found[path] = info
    if not found:
        raise ArchiveError(f"{name} holds neither photos nor captions.")
    for path, info in found.items():
        if any(parent in found for parent in path.parents):
            raise ArchiveError(f"{name} has {_quoted(info.filename)} in a file; pack it anew.")
    sizes = [info.file_size for info in found.values()]
    _check_sizes(name, max(sizes), sum(sizes), limits)
    around = posixpath.commonpath([str(path.parent) for path in found])
    return {path.relative_to(around or "."): info for path, info in found.items()}


def _path(member: str, name: str) -> PurePosixPath:
    """A member's path. Raises ArchiveError if it leads out of the folder or is too long."""
    path = PurePosixPath(member.replace("\\", "/"))  # as some Windows tools write it
    drive = re.match(r"[A-Za-z]:", member)
    if path.is_absolute() or drive or ".." in path.parts:
        raise ArchiveError(
            f"{name} is refused: it would write {_quoted(member)}, outside its own folder."
        )
    lengths = [len(part.encode(errors="surrogatepass")) for part in path.parts]
    long = sum(lengths) + len(lengths) > MAX_NAME or max(lengths, default=0) > MAX_PART
    if long or len(lengths) > MAX_DEPTH:
        raise ArchiveError(f"{name} holds too long a name, {_quoted(member)}; pack it anew.")
    return path


def _check(info: zipfile.ZipInfo, name: str) -> None:
    """Raises ArchiveError for a member that is no plain file or cannot be read."""
    if info.flag_bits & 0x1:
        raise ArchiveError(f"{name} is encrypted; pack it without a password.")
    if info.compress_type not in METHODS:
        raise ArchiveError(f"{name} is packed in a way that is not read; pack it as a plain zip.")
    kind = stat.S_IFMT(info.external_attr >> 16)  # 0 if it was not packed on Unix
    if kind not in (0, stat.S_IFREG):
        raise ArchiveError(
            f"{name} holds {_quoted(info.filename)}, a link or device; pack the photos themselves."
        )


def _check_sizes(name: str, member: int, total: int, limits: Limits) -> None:
    for what, size, limit in (("a file", member, limits.member), ("files", total, limits.total)):
        if size > limit:
            raise ArchiveError(
                f"{name} holds {what} of more than {limit / 1e6:,.0f} MB, which is not unpacked."
            )


def _write(
    archive: zipfile.ZipFile,
    members: dict[PurePosixPath, zipfile.ZipInfo],
    folder: Path,
    name: str,
    limits: Limits,
    report: Callable[[int, int], None],
) -> None:
    total = 0
    for number, (path, info) in enumerate(members.items(), 1):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with target.open("xb") as out:
            for piece in _pieces(archive, info, name):
                size += len(piece)
                _check_sizes(name, size, total + size, limits)
                out.write(piece)
        total += size
        report(number, len(members))


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """A member's bytes. Raises ArchiveError if their checksum (CRC) differs."""
    try:
        with archive.open(info) as source:
            while piece := source.read(PIECE):
                yield piece
    except Exception as error:
        raise ArchiveError(
            f"{name} is damaged at {_quoted(info.filename)}; pack or send it anew."
        ) from error


def _quoted(name: str) -> str:
    """A member's name for a message: short, on one line."""
    return repr(name if len(name) <= 60 else name[:57] + "...")
