"""The machine that the page runs on: folder of uploads, proxies, memory.

Needs no Gradio, which reads the folder when it is imported.
"""

import contextlib
import ctypes
import os
import tempfile
from pathlib import Path

UPLOADS = "GRADIO_TEMP_DIR"  # the environment variable
_LOCAL = ("localhost", "127.0.0.1", "::1")
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def choose_upload_folder() -> None:
    """Sets Gradio's environment variable, unless it is set or Gradio's usual folder can be used:
    /tmp/gradio may be another user's."""
    usual = Path(tempfile.gettempdir()) / "gradio"
    if os.environ.get(UPLOADS) or not hasattr(os, "getuid") or _is_ours(usual):
        return
    own = usual.with_name(f"gradio-{os.getuid()}")  # the same again, so that it is cleared later
    os.environ[UPLOADS] = str(own) if _is_ours(own) else tempfile.mkdtemp(prefix="gradio-")


def _is_ours(folder: Path) -> bool:
    """Whether the folder is or can be this user's, and is no link to elsewhere."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()


def bypass_proxies(host: str | None) -> None:
    """Has this process reach itself without a proxy: Gradio asks its own server at the start.

    Downloads still go through proxies.
    """
    for name in ("no_proxy", "NO_PROXY"):
        known = [one for one in os.environ.get(name, "").split(",") if one]
        new = [one for one in (*_LOCAL, host) if one and one not in known]
        os.environ[name] = ",".join([*known, *new])


def share_arenas() -> None:
    """Has all threads share two arenas of glibc's malloc; elsewhere nothing changes.

    It would have eight for each core, and keep what is freed in each: with 64 visitors 300 MB.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
