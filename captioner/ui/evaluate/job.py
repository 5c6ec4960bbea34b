"""An evaluation that goes on in a thread of the server, whoever looks at the page meanwhile."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock, Thread

from captioner.training.journal import Stopped

log = logging.getLogger(__name__)

_LOST = "The evaluation broke off; the server's log says why."


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    doing: str = "starting"
    of: str = ""  # which captioner
    done: int = 0
    total: int = 0  # 0 where that is not known
    begun: float = 0.0  # when this part of the work did, on the clock of time.monotonic
    stopping: bool = False

    def to_json(self) -> dict:
        """For the page, with the seconds that are left as far as that can be told."""
        left = None
        if 0 < self.done < self.total:
            passed = time.monotonic() - self.begun
            left = round(passed / self.done * (self.total - self.done))
        doing = "stopping" if self.stopping else self.doing
        return {"doing": doing, "of": self.of, "done": self.done, "total": self.total, "left": left}


class Evaluating:
    """One piece of work at a time; it is reported on, and can be asked to stop."""

    def __init__(self):
        self._lock = Lock()
        self._thread: Thread | None = None
        self.progress: Progress | None = None  # None while nothing goes on
        self.found: list[str] = []  # by the last one
        self.trouble = ""  # of the last one, in a sentence

    def begin(self, work: Callable[["Evaluating"], None]) -> None:
        """Starts `work(self)`, which appends to `found`, calls `report` and heeds `should_stop`.
        Raises ValueError while another goes on."""
        with self._lock:
            if self.progress:
                raise ValueError("An evaluation is going on: one at a time. Stop it, or wait.")
            self.progress, self.found, self.trouble = Progress(), [], ""
        self._thread = Thread(target=self._run, args=[work], daemon=True)
        self._thread.start()

    def report(self, doing: str, done: int, total: int, of: str = "") -> None:
        """So much of a part of the work is done. Raises Stopped if that is wanted."""
        with self._lock:
            before = self.progress
            same = (doing, of) == (before.doing, before.of)
            begun = before.begun if same else time.monotonic()
            self.progress = Progress(doing, of, done, total, begun, before.stopping)
        if self.should_stop():
            raise Stopped

    def should_stop(self) -> bool:
        return bool(self.progress and self.progress.stopping)

    def stop(self) -> None:
        """Asks it to stop; nothing happens where nothing goes on."""
        with self._lock:
            if self.progress:
                self.progress = replace(self.progress, stopping=True)

    def wait(self) -> None:
        """Until what was begun has ended."""
        if self._thread:
            self._thread.join()

    def _run(self, work: Callable[["Evaluating"], None]) -> None:
        trouble = ""
        try:
            work(self)
        except Stopped:
            pass
        except (ValueError, OSError) as error:
            trouble = str(error)
        except Exception:
            log.exception("An evaluation broke off")
            trouble = _LOST
        with self._lock:
            self.progress, self.trouble = None, trouble
