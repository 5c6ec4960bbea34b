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
START_TIMEOUT = 120  # seconds
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


def chromium() -> str | None:
    """Path of an installed Chromium or Chrome; the environment variable CHROMIUM comes first."""
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM)]
    return next((path for path in candidates if path and Path(path).exists()), None)


@contextmanager
def serving(
    checkpoint: Path | None = None,
    program: Sequence[str] = (str(ROOT / "app.py"),),
    folder: Path = ROOT,
    **environment: str,
) -> Iterator[str]:
    """Runs `python app.py`, or another program, on a free port.

    Args:
        checkpoint: folder of the captioner; by default the bundled one.
        program: arguments of Python.
        folder: working folder of the server.
        environment: additional environment variables.

    Yields:
        The address of the page, once it responds.

    Raises:
        RuntimeError: the server ended or did not respond in time; the message has its output.
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
            deadline = time.monotonic() + START_TIMEOUT
            while not _responds(address):
                if server.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"The server did not start:\n{log.read()}")
                time.sleep(0.02)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def _responds(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
