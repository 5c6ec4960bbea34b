"""What a training says while it goes on: `status.json`, `metrics.jsonl`, and whether to stop."""

import json
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from captioner.files import write_text

STOP = "STOP"  # a file of this name asks a training to stop
STATUS, METRICS = "status.json", "metrics.jsonl"
_WRITE_EVERY = 0.5  # seconds
_RATE_OVER = 20.0  # seconds over which a rate is measured


class Stopped(Exception):
    """The training was asked to stop; what it had learnt has been saved."""


class Journal:
    """Writes down how far a training is. The process that trains owns it, others only read."""

    def __init__(self, folder: Path | str, report: Callable[[str], None] = print):
        """Makes the folder; a wish to stop from before is forgotten."""
        self.folder = Path(folder)
        self.report = report
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / STOP).unlink(missing_ok=True)
        self._status: dict = {"pid": os.getpid(), "started": time.time()}
        self._marks: deque[tuple[float, int]] = deque()
        self._kind = ""
        self._begun: tuple[float, int] | None = None  # since when is known how fast it is
        self._written = 0.0

    def stage(
        self, name: str, done: int = 0, total: int = 0, unit: str = "steps", kind: str = ""
    ) -> None:
        """A new part of the work begins, of which `done` of `total` units are done already.

        Under its `kind` it is remembered how long it took: the next of that kind will, too.
        """
        self._remember()
        self._kind, self._begun = kind, None
        self._marks = deque([(time.monotonic(), done)])
        self._status |= {"stage": name, "done": done, "total": total, "unit": unit}
        self._status |= {"state": "running", "rate": None, "seconds_left": None}
        self._write()
        self.check()

    def progress(self, done: int, total: int) -> None:
        """So much of the stage is done. Raises Stopped if that is wanted."""
        now = time.monotonic()
        self._begun = self._begun or (now, done)
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] > _RATE_OVER:
            self._marks.popleft()
        begun, before = self._marks[0]
        passed = now - begun
        rate = (done - before) / passed if passed > 0 and done > before else None
        left = (total - done) / rate if rate else None
        self._status |= {"done": done, "total": total, "rate": rate, "seconds_left": left}
        if now - self._written > _WRITE_EVERY or done == total:
            self._write()
        self.check()

    def note(self, **facts) -> None:
        """Facts for the status: the device, the epoch, ..."""
        self._status |= facts
        self._write()

    def _remember(self) -> None:
        if self._kind and self._begun:
            begun, done = self._begun
            spent = {"kind": self._kind, "units": self._status["done"] - done}
            spent["seconds"] = round(time.monotonic() - begun, 2)
            self._status["stages"] = [*self._status.get("stages", []), spent]

    def check(self) -> None:
        """Raises Stopped if somebody has asked for it."""
        if (self.folder / STOP).exists():
            raise Stopped

    def log(self, line: dict) -> None:
        """Adds a line to `metrics.jsonl` and says it."""
        line = {k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}
        with (self.folder / METRICS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        # "CIDEr/Flickr8k" is that of one of several data sets.
        said = (f"{name.replace('/', ' of ', 1)} {value}" for name, value in line.items())
        self.report("  ".join(said))

    def rewind(self, step: int) -> None:
        """Forgets the lines after `step`: the training goes on from there."""
        path = self.folder / METRICS
        if path.is_file():
            kept = [line for line in read_metrics(self.folder) if line.get("step", 0) <= step]
            write_text(path, "".join(json.dumps(line) + "\n" for line in kept))

    def end(self, state: str, message: str = "") -> None:
        """The last word: `finished`, `stopped`, or `failed` and why."""
        self._remember()
        self._status |= {"state": state, "message": message, "seconds_left": None}
        self._write()

    def _write(self) -> None:
        self._status |= {"updated": time.time(), "memory": _memory()}
        write_text(self.folder / STATUS, json.dumps(self._status))
        self._written = time.monotonic()


def read_status(folder: Path) -> dict:
    """What `status.json` says; empty where there is none yet."""
    try:
        return json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def read_metrics(folder: Path) -> list[dict]:
    """The lines of `metrics.jsonl`; one that is half written is left out."""
    lines = []
    try:
        text = (folder / METRICS).read_text(encoding="utf-8")
    except OSError:
        return lines
    for line in text.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return lines


def _memory() -> int | None:
    """Bytes that this process holds in memory; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return None
