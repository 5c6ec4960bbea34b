"""Where Gradio stores uploads: in a folder of this user, since /tmp/gradio may be another's.

Needs no Gradio, which reads the choice when it is imported.
"""

import os
import tempfile
from pathlib import Path

VARIABLE = "GRADIO_TEMP_DIR"


def choose_folder() -> None:
    """Sets Gradio's environment variable, unless it is set or Gradio's usual folder can be used."""
    usual = Path(tempfile.gettempdir()) / "gradio"
    if os.environ.get(VARIABLE) or not hasattr(os, "getuid") or _is_ours(usual):
        return
    own = usual.with_name(f"gradio-{os.getuid()}")  # the same again, so that it is cleared later
    os.environ[VARIABLE] = str(own) if _is_ours(own) else tempfile.mkdtemp(prefix="gradio-")


def _is_ours(folder: Path) -> bool:
    """Whether the folder is or can be this user's, and is no link to elsewhere."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()
