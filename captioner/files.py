"""Writing files so that a killed process or a full disk never leaves half of one."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


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
