"""Writing files so that a killed process or a full disk never leaves half of one."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np


def write_whole(path: Path | str, write: Callable[[Path], None]) -> None:
    """Calls `write(temporary)`, then puts the temporary file in the place of `path`.

    Readers see the old file or the new one, never a part. The temporary file lies in the same
    folder, keeps the suffix (some writers look at it) and is removed if `write` fails.

    Raises OSError as the file system does (a full disk, say); `path` is then as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(
        prefix=f".{path.name.split('.')[0]}-", suffix="".join(path.suffixes), dir=path.parent
    )
    os.close(handle)
    try:
        write(Path(temporary))
        os.chmod(temporary, 0o644)  # mkstemp lets nobody but the owner read
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path | str, text: str) -> None:
    """Writes `text` as UTF-8, whole or not at all."""
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def reserve(path: Path, size: int) -> None:
    """Takes `size` bytes for an existing file: a full disk shows now, as OSError, and not later as
    a bus error or in a library that crashes on it."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def new_array(path: Path | str, shape: tuple[int, ...], dtype) -> np.memmap:
    """A new `.npy` file, memory-mapped, whose space is really taken.

    Raises OSError if there is not enough, and leaves no file then.
    """
    path = Path(path)
    try:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        array.flush()
        reserve(path, path.stat().st_size)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return array
