"""An evaluation that runs in a thread of the server, whoever has the page open."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock, Thread

from captioner.training.journal import Stopped

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far the job is."""

    stage: str = "starting"
    checkpoint: str = ""
    done: int = 0
    total: int = 0  # 0 if unknown
    started: float = 0.0  # start of this stage on the clock of time.monotonic
    stopping: bool = False

    def to_json(self) -> dict:
        """Returns the status for the page; `left` is in seconds, or None if unknown."""
        left = None
        if 0 < self.done < self.total:
            elapsed = time.monotonic() - self.started
            left = round(elapsed / self.done * (self.total - self.done))
        return {
            "doing": "stopping" if self.stopping else self.stage,
            "of": self.checkpoint,
            "done": self.done,
            "total": self.total,
            "left": left,
        }


class EvaluationJob:
    """Runs one evaluation at a time, reports its progress and can stop it."""

    def __init__(self):
        self._lock = Lock()
        self._thread: Thread | None = None
        self.progress: Progress | None = None  # None while nothing runs
        self.results: list[str] = []  # names of the results of the last evaluation
        self.error = ""  # of the last evaluation, one sentence

    def start(self, work: Callable[["EvaluationJob"], None]) -> None:
        """Runs `work(self)`, which appends to `results` and calls `report`.

        Raises:
            ValueError: another evaluation is running.
        """
        with self._lock:
            if self.progress:
                raise ValueError("Another evaluation is running. Stop it or wait for its end.")
            self.progress, self.results, self.error = Progress(), [], ""
        self._thread = Thread(target=self._run, args=[work], daemon=True)
        self._thread.start()

    def report(self, stage: str, done: int, total: int, checkpoint: str = "") -> None:
        """Updates the progress. Raises Stopped if the job should stop."""
        with self._lock:
            before = self.progress
            same = (stage, checkpoint) == (before.stage, before.checkpoint)
            started = before.started if same else time.monotonic()
            self.progress = Progress(stage, checkpoint, done, total, started, before.stopping)
        if self.should_stop():
            raise Stopped

    def should_stop(self) -> bool:
        return bool(self.progress and self.progress.stopping)

    def stop(self) -> None:
        """Asks the running evaluation, if there is one, to stop."""
        with self._lock:
            if self.progress:
                self.progress = replace(self.progress, stopping=True)

    def wait(self) -> None:
        """Waits until the job has ended."""
        if self._thread:
            self._thread.join()

    def _run(self, work: Callable[["EvaluationJob"], None]) -> None:
        error = ""
        try:
            work(self)
        except Stopped:
            pass
        except (ValueError, OSError) as exception:
            error = str(exception)
        except Exception:
            log.exception("An evaluation failed")
            error = "The evaluation failed unexpectedly. The server's log has the details."
        with self._lock:
            self.progress, self.error = None, error
