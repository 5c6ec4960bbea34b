"""Atomic writes: a killed process or a full disk never leaves half a file. JSON that all read."""

import hashlib
import json
import math
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


def json_text(value, **options) -> str:
    """JSON of a value, with null for numbers that are not finite, which JSON does not have.

    `options` are those of `json.dumps`.
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, **options)


def json_hash(value) -> str:
    """24 hexadecimal digits that differ where the JSON of a value does."""
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=12).hexdigest()


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
