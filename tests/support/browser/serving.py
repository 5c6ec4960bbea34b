"""The real server and a real browser, for tests, measurements and screenshots."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from captioner.paths import PROJECT

START_TIMEOUT, STOP_TIMEOUT = 120, 20  # seconds
# The first is Debian's: the same browser without windows, with which tests take an eighth less.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
# Servers of tests compile what they need when they need it, nothing ahead.
UNHURRIED = {"captioner.ui.shared.models": {"PAUSE": 1e6}}


def chromium() -> str | None:
    """Path of an installed Chromium or Chrome; the environment variable CHROMIUM comes first."""
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM)]
    return next((path for path in candidates if path and Path(path).exists()), None)


@contextmanager
def serving(
    checkpoint: Path | None = None,
    program: Sequence[str] = (str(PROJECT / "app.py"),),
    folder: Path = PROJECT,
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
    arguments, address = _arguments(checkpoint)
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        try:
            _wait_for(address, lambda: server.poll() is None, log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=STOP_TIMEOUT)


class Forks:
    """Servers that respond within a second: forks of a process that has imported all they need."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.browser.forks"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def serving(
        self,
        checkpoint: Path | None = None,
        folder: Path = PROJECT,
        constants: dict[str, dict] | None = None,
        port: int | None = None,
        **environment: str,
    ) -> Iterator[str]:
        """Like the function `serving`; modules were imported before `environment` is set.

        Args:
            constants: names of modules -> other values of their constants.
            port: that of a server that has ended, to start it again.
        """
        arguments, address = _arguments(checkpoint, port)
        with tempfile.NamedTemporaryFile("r") as log:
            wanted = {"arguments": arguments, "folder": str(folder), "log": log.name}
            wanted |= {"environment": environment, "constants": UNHURRIED | (constants or {})}
            print(json.dumps(wanted), file=self._process.stdin)
            self._process.stdin.flush()
            server = int(self._process.stdout.readline())
            try:
                _wait_for(address, lambda: _lives(server), log)
                yield address
            finally:
                _end(server)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=STOP_TIMEOUT)


def _arguments(checkpoint: Path | None, port: int | None = None) -> tuple[list[str], str]:
    """Arguments of `app.py` for that port or a free one, and the address there."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    arguments = ["--host", "127.0.0.1", "--port", str(port)]
    if checkpoint:
        arguments += ["--checkpoint", str(checkpoint.resolve())]
    return arguments, f"http://127.0.0.1:{port}/"


def _wait_for(address: str, lives: Callable[[], bool], log: TextIO) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not _responds(address):
        if not lives() or time.monotonic() > deadline:
            log.seek(0)
            raise RuntimeError(f"The server did not start:\n{log.read()}")
        time.sleep(0.02)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _end(process: int) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    while _lives(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.02)


def _responds(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
