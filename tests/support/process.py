"""What a test needs to start a process of its own, and to measure it."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from captioner.paths import PROJECT


def environment(**more: str) -> dict[str, str]:
    """The environment in which a process finds the project and its tests."""
    return {**os.environ, "PYTHONPATH": str(PROJECT), **more}


def wait_for(condition: Callable[[], bool], seconds: float = 400) -> None:
    """Waits until a condition of other processes holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} seconds in vain"
        time.sleep(0.02)


def private_memory(process: int | str = "self") -> float:
    """Megabytes that a process has to itself, 0 once it has ended; Linux only."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0.0


def server_memory(server: str) -> float:
    """Megabytes that the process of the server at this address has to itself; Linux only."""
    port = str(urlsplit(server).port)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text().split("\0")
            if port in command and any(part.endswith("app.py") for part in command):
                return private_memory(process.name)
        except OSError:  # it ended meanwhile, or is another user's
            continue
    raise LookupError("The server's process is not to be found.")
