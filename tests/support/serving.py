"""The real server and a real browser, for tests, measurements and screenshots."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds that the page may take to come up
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


def chromium() -> str | None:
    """Path of the installed Chromium or Chrome; the environment variable CHROMIUM goes first."""
    known = [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM)]
    return next((path for path in known if path and Path(path).exists()), None)


@contextmanager
def serving(
    checkpoint: Path | None = None,
    program: Sequence[str] = (str(ROOT / "app.py"),),
    folder: Path = ROOT,
    **environment: str,
) -> Iterator[str]:
    """`python app.py` on a free port, or another `program` with its arguments and variables of the
    environment, started in `folder`: its address, from the moment the page answers.

    Raises RuntimeError, with what the server said, if the page does not come up.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *program, "--host", "127.0.0.1", "--port", str(port)]
    if checkpoint:
        command += ["--checkpoint", str(checkpoint.resolve())]
    address = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        try:
            until = time.monotonic() + PATIENCE
            while not _answers(address):
                if server.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise RuntimeError(f"The server did not come up:\n{log.read()}")
                time.sleep(0.02)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
