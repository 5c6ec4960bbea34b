"""Status, metrics and log of a training: `status.json`, `metrics.jsonl`, and the stop file."""

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from captioner.files import json_text, write_text
from captioner.training.runs.metrics_files import MetricsFiles

STOP = "STOP"  # a file of this name requests a stop
STATUS, METRICS = "status.json", "metrics.jsonl"
_NONE_LEFT = {"seconds_left": None, "run_seconds_left": None}  # of the status, at the end
_WRITE_EVERY = 0.5  # seconds
_RATE_OVER = 20.0  # seconds over which a rate is measured
_TRUSTED = 20.0  # seconds of a stage after which its own speed counts as much as the expected one


class Stopped(Exception):
    """A stop was requested; the state of the training has been saved."""

    def __str__(self) -> str:
        return "stopped; run the same command again to continue"


class Planned(NamedTuple):
    """A stage to come: its kind, how many units it has, and the seconds that it should take."""

    kind: str
    units: int
    seconds: float


class Journal:
    """Writes the status and the metrics of a training. Only the training process owns one; others
    read the files."""

    def __init__(self, folder: Path | str, report: Callable[[str], None] = print):
        """Creates the folder and forgets an earlier request to stop. `report` is called with each
        line of the log."""
        self.folder = Path(folder)
        self.report = report
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / STOP).unlink(missing_ok=True)
        self._status: dict = {"pid": os.getpid(), "started": time.time()}
        self._marks: deque[tuple[float, int]] = deque()  # (seconds, units done), to measure a rate
        self._kind = ""
        self._first: tuple[float, int] | None = None  # mark since which the stage is timed
        self._plan: list[Planned] = []  # stages to come
        self._expected: Planned | None = None  # of the present stage
        self._files = MetricsFiles(self.folder, report)
        self._warnings: list[str] = []
        self._written = 0.0

    def plan(self, stages: Iterable[Planned]) -> None:
        """Sets the stages to come, up to the end, so that the time left is that of all."""
        self._plan = list(stages)

    def stage(
        self, name: str, done: int = 0, total: int = 0, unit: str = "steps", kind: str = ""
    ) -> None:
        """Starts a stage, of which `done` of `total` units are done. Stages of the same `kind` are
        equally fast: their times serve estimates. Raises Stopped if a stop was requested."""
        self._save_timing()
        self._kind, self._first = kind, None
        self._expected = next((one for one in self._plan if one.kind == kind), None)
        if self._expected:
            self._plan.remove(self._expected)
        self._marks.clear()
        self._status |= {"stage": name, "done": done, "total": total, "unit": unit}
        self._status |= {"state": "running", "rate": None, **self._left(done, total)}
        self._write()
        self.check()

    def progress(self, done: int, total: int) -> None:
        """Updates how much of the stage is done. Raises Stopped if a stop was requested."""
        now = time.monotonic()
        self._first = self._first or (now, done)  # what came before, such as tracing, is not timed
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] > _RATE_OVER:
            self._marks.popleft()
        start, before = self._marks[0]
        self._status |= {"done": done, "total": total, **self._left(done, total)}
        if now > start and done > before:
            self._status["rate"] = (done - before) / (now - start)
        if now - self._written > _WRITE_EVERY or done == total:
            self._write()
        self.check()

    def pause(self) -> None:
        """Measures the rate anew: until now something else was done, such as a validation."""
        self._marks.clear()

    def _left(self, done: int, total: int) -> dict[str, float | None]:
        """Seconds left of the stage and, if it was planned, of the training.

        The stage's own speed, pauses included, counts the more the longer it was measured.
        """
        start, before = self._first or (time.monotonic(), done)
        seconds, units = time.monotonic() - start, done - before
        if expected := self._expected:
            seconds += _TRUSTED
            units += _TRUSTED * expected.units / expected.seconds
        left = (total - done) * seconds / units if units > 0 and seconds > 0 else None
        ahead = sum(one.seconds for one in self._plan)
        whole = left + ahead if expected and left is not None else None
        return {"seconds_left": left, "run_seconds_left": whole}

    def note(self, **facts) -> None:
        """Adds facts to the status, such as the device or the epoch."""
        self._status |= facts
        self._write()

    def warn(self, sentence: str) -> None:
        """Adds a warning to the log and to the status, where each has a line."""
        self.report(sentence)
        self._warnings.append(sentence)
        self.note(message="\n".join(self._warnings))

    def _save_timing(self) -> None:
        if self._kind and self._first:
            start, done = self._first
            timing = {"kind": self._kind, "units": self._status["done"] - done}
            timing["seconds"] = round(time.monotonic() - start, 2)
            self._status["stages"] = [*self._status.get("stages", []), timing]

    def check(self) -> None:
        """Raises Stopped if a stop was requested."""
        if (self.folder / STOP).exists():
            raise Stopped

    def log(self, line: dict) -> None:
        """Adds a line to `metrics.jsonl` and its copies, and to the log."""
        line = {k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}
        with (self.folder / METRICS).open("a", encoding="utf-8") as file:
            file.write(json_text(line) + "\n")
        # "CIDEr/Flickr8k" is the score of one of several data sets.
        parts = (f"{name.replace('/', ' of ', 1)} {value}" for name, value in line.items())
        self.report("  ".join(parts))
        self._files.add(line, lambda: read_metrics(self.folder))

    def rewind(self, step: int) -> None:
        """Removes the metrics after `step`, from which the training is resumed."""
        path = self.folder / METRICS
        if path.is_file():
            lines = [line for line in read_metrics(self.folder) if line.get("step", 0) <= step]
            write_text(path, "".join(json_text(line) + "\n" for line in lines))

    def end(self, state: str, message: str = "") -> None:
        """Writes the final status: "finished", "stopped", or "failed" with the reason."""
        self._files.close()
        self._save_timing()
        message = message or "\n".join(self._warnings)
        self._status |= {"state": state, "message": message, **_NONE_LEFT}
        self._write()

    def _write(self) -> None:
        self._status |= {"updated": time.time(), "memory": _memory()}
        write_text(self.folder / STATUS, json_text(self._status))
        self._written = time.monotonic()


def read_status(folder: Path) -> dict:
    """The content of `status.json`; empty if there is none yet."""
    try:
        return json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def mark_failed(folder: Path, message: str) -> None:
    """Writes the final status of a training whose process was aborted, unless it has ended."""
    status = read_status(folder)
    if status.get("state") == "running":
        status |= {"state": "failed", "message": message, **_NONE_LEFT}
        write_text(folder / STATUS, json_text(status))


def read_metrics(folder: Path) -> list[dict]:
    """The lines of `metrics.jsonl`, without one that is half written."""
    lines = []
    with suppress(OSError):
        for line in (folder / METRICS).read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                lines.append(json.loads(line))
    return lines


def _memory() -> int | None:
    """Bytes of memory of this process, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return None
