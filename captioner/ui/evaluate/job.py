"""An evaluation that runs in a thread of the server, whoever has the page open."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from captioner.training.runs.journal import Stopped

log = logging.getLogger(__name__)


class EvaluationJob:
    """Runs one evaluation at a time, reports its progress and can stop it.

    Attributes:
        results: names of the results of the last evaluation.
        error: why the last evaluation failed, one sentence, or empty.
    """

    def __init__(self):
        self.results: list[str] = []
        self.error = ""
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._progress: dict | None = None
        self._stage: tuple[str, str, float] = "", "", 0.0  # stage, checkpoint, start

    @property
    def progress(self) -> dict | None:
        """{doing, of, done, total, unit, left} for the page, or None while nothing runs.

        `of` is the checkpoint, `total` 0 if unknown, `left` in seconds or None if unknown.
        """
        if self._progress and self.should_stop():
            return self._progress | {"doing": "stopping"}
        return self._progress

    def start(self, work: Callable[["EvaluationJob"], None]) -> None:
        """Runs `work(self)`, which appends to `results` and calls `report`.

        Raises:
            ValueError: another evaluation is running.
        """
        with self._lock:
            if self._progress:
                raise ValueError("Another evaluation is running. Stop it or wait for its end.")
            self.results, self.error = [], ""
            self._stop.clear()
            self._progress = dict(doing="starting", of="", done=0, total=0, unit="", left=None)
        self._thread = Thread(target=self._run, args=[work], daemon=True)
        self._thread.start()

    def report(
        self, stage: str, done: int, total: int, checkpoint: str = "", unit: str = ""
    ) -> None:
        """Updates the progress. Raises Stopped if the job should stop."""
        if self.should_stop():
            raise Stopped
        if self._stage[:2] != (stage, checkpoint):
            self._stage = stage, checkpoint, time.monotonic()
        elapsed = time.monotonic() - self._stage[2]
        left = round(elapsed / done * (total - done)) if 0 < done < total else None
        self._progress = dict(
            doing=stage, of=checkpoint, done=done, total=total, unit=unit, left=left
        )

    def should_stop(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Asks the running evaluation, if there is one, to stop."""
        self._stop.set()

    def wait(self) -> None:
        """Waits until the job has ended."""
        if self._thread:
            self._thread.join()

    def _run(self, work: Callable[["EvaluationJob"], None]) -> None:
        try:
            work(self)
        except Stopped:
            pass
        except (ValueError, OSError) as exception:
            self.error = str(exception)
        except Exception:
            log.exception("An evaluation failed")
            self.error = "The evaluation failed unexpectedly. The server's log has the details."
        self._progress = None
