"""How long captioners took to load on this machine, which visitors who wait are told next time."""

import json
import os
from contextlib import suppress
from pathlib import Path

from captioner.files import write_text

LONGEST = 600  # seconds; more was no loading, but a machine that slept


def usual_file() -> Path:
    """A file in this user's folder for caches."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "where-words-look" / "loading.json"


class LoadingTimes:
    """Seconds by checkpoint folder, in a file. Without the file, or where nothing can be written,
    no time is known."""

    def __init__(self, file: Path):
        self._file = file

    def find(self, folder: Path) -> float | None:
        """Returns the seconds of the last time, or None."""
        seconds = self._read().get(str(folder.resolve()))
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        return float(seconds) if is_number and 0 < seconds <= LONGEST else None

    def store(self, folder: Path, seconds: float) -> None:
        """Stores the seconds of this time."""
        times = {**self._read(), str(folder.resolve()): round(seconds, 1)}
        with suppress(OSError):
            write_text(self._file, json.dumps(times))

    def _read(self) -> dict:
        try:
            times = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return times if isinstance(times, dict) else {}
