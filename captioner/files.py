"""Atomic writes: a killed process or a full disk never leaves half a file."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np


def write_whole(path: Path | str, write: Callable[[Path], None]) -> None:
    """Replaces a file: readers see the old file or the new one, never a part.

    Args:
        path: the file; its folder is made if needed.
        write: writes a temporary file, whose path it gets. That file is in the same folder, has
            the same suffix and is removed if `write` fails.

    Raises:
        OSError: The file system refuses, for example because the disk is full; `path` is unchanged.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(
        prefix=f".{path.name.split('.')[0]}-", suffix="".join(path.suffixes), dir=path.parent
    )
    os.close(handle)
    try:
        write(Path(temporary))
        os.chmod(temporary, 0o644)  # mkstemp allows only the owner to read
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path | str, text: str) -> None:
    """`write_whole` of a text in UTF-8."""
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def reserve(path: Path, size: int) -> None:
    """Allocates `size` bytes for an existing file, so that a full disk raises OSError now, and not
    a bus error or a crash in a library later."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def new_array(path: Path | str, shape: tuple[int, ...], dtype) -> np.memmap:
    """Creates a memory-mapped `.npy` file with all its space allocated.

    Raises:
        OSError: There is not enough space; no file is left.
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
