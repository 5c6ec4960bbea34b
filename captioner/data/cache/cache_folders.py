"""The feature caches in one folder: what they hold, which trainings use them, and clearing them."""

import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from captioner.data.cache.feature_cache import ARRAY, MANIFEST, SOURCE, CacheError, read_manifest

LOCK = "lock"  # locked by the one process that writes the cache
_USED = "used-"  # begins the names of files that are locked while a cache is used, one by each user
_GUARD = ".lock"  # locked while a use begins, or a cache that nobody uses is taken away
_CLEARED = ".cleared-"  # begins the names of folders that are being deleted
_KEY = re.compile(r"-[0-9a-f]{12}$")  # what tells apart the caches of one data set


@dataclass(frozen=True)
class Cache:
    """A feature cache as a list shows it."""

    name: str  # of its folder
    data: str  # name of the data set
    size: int  # bytes on the disk
    in_use: bool
    last_used: float | None  # time, in seconds since 1970
    backbone: str = ""  # empty, as all that follows, if the cache is damaged
    cells: int = 0
    photos: int = 0
    done: int = 0  # photos whose features are there
    mirrored: bool = False
    crop: int = 0


def caches(root: Path) -> list[Cache]:
    """The caches in `root`, the largest first."""
    found = [_describe(folder) for folder in root.glob("[!.]*") if _is_cache(folder)]
    return sorted(found, key=lambda cache: (-cache.size, cache.name))


def clear(root: Path, name: str) -> None:
    """Deletes a cache.

    Raises:
        CacheError: it is in use, or there is none of this name.
        OSError: a file cannot be deleted.
    """
    folder = root / name
    with FileLock(root / _GUARD):
        if name not in [path.name for path in root.glob("[!.]*") if _is_cache(path)]:
            raise CacheError(f"There are no features '{name}' any more.")
        if _in_use(folder):
            raise CacheError(f"The features '{name}' are in use: stop the training first.")
        folder.rename(root / f"{_CLEARED}{time.time_ns()}")  # gone at once for everybody
    for cleared in root.glob(f"{_CLEARED}*"):  # also what was interrupted
        shutil.rmtree(cleared)


@contextmanager
def used(folders: Iterable[Path]) -> Iterator[None]:
    """Makes the folders of caches, which nobody can clear until the end."""
    with ExitStack() as stack:
        for folder in folders:
            root, mark = folder.parent, folder / f"{_USED}{uuid.uuid4().hex}"
            root.mkdir(parents=True, exist_ok=True)
            # Where nothing can be renamed, nothing can be cleared either.
            with FileLock(root / _GUARD) if os.access(root, os.W_OK) else nullcontext():
                folder.mkdir(exist_ok=True)
                stack.callback(mark.unlink, missing_ok=True)  # after its lock is released
                stack.enter_context(FileLock(mark))
        yield


def _in_use(folder: Path) -> bool:
    for file in (folder / LOCK, *folder.glob(f"{_USED}*")):
        try:
            if file.exists():  # left over where a training was killed
                with FileLock(file, timeout=0):
                    pass
        except Timeout:
            return True
    return False


def _is_cache(folder: Path) -> bool:
    """Whether a folder holds a cache, or parts of one."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    holds_parts = any(folder.glob(f"shard-*/{MANIFEST}"))
    return holds_parts or any((folder / file).is_file() for file in (MANIFEST, ARRAY))


def _size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    size = 0
    for path, _, files in os.walk(folder):  # of a folder that is gone there is nothing
        for file in files:
            with suppress(FileNotFoundError):  # a training replaces files meanwhile
                size += Path(path, file).stat().st_size
    return size


def _describe(folder: Path) -> Cache:
    source = folder / SOURCE  # written whenever a training uses the cache
    fields = {
        "name": folder.name,
        "data": _KEY.sub("", folder.name),
        "size": _size(folder),
        "in_use": _in_use(folder),
        "last_used": source.stat().st_mtime if source.is_file() else None,
    }
    try:
        manifest = read_manifest(folder)
    except CacheError:
        return Cache(**fields)
    return Cache(
        **fields,
        backbone=manifest["backbone"],
        cells=manifest["shape"][1],
        photos=len(manifest["photos"]),
        done=manifest["done"],
        mirrored=manifest["mirrored"],
        crop=manifest["crop"],
    )
