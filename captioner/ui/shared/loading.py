"""A captioner that is loaded behind the page."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread

log = logging.getLogger(__name__)

REST = 3.0  # seconds after loading: who has waited for the captioner comes first


class Loading:
    """Loads a captioner once, in a thread of its own, and lets everyone wait for it.

    `load` returns a captioner, or raises ValueError with one sentence that says why not. What
    `afterwards` does with the captioner can wait: nobody waits for it.
    """

    def __init__(self, load: Callable, afterwards: Callable | None = None):
        self._load = load
        self._afterwards = afterwards
        self._lock = Lock()
        self._future: Future | None = None

    def start(self) -> Future:
        """Begins to load, if nobody has yet; returns at once."""
        with self._lock:
            if self._future is None:
                self._future = Future()
                self._future.set_running_or_notify_cancel()  # a visitor who leaves stops nothing
                Thread(target=self._run, args=[self._future], daemon=True).start()
            return self._future

    def captioner(self):
        """The captioner, waiting for it where necessary.

        Raises ValueError with one sentence for the visitor if it could not be loaded.
        """
        return self.start().result()

    def _run(self, future: Future) -> None:
        try:
            captioner = self._load()
        except ValueError as error:
            log.error("The captioner could not be loaded: %s", error)
            future.set_exception(error)
        except Exception:
            log.exception("The captioner could not be loaded")
            sentence = "The captioner could not be loaded; the server's log says why."
            future.set_exception(ValueError(sentence))
        else:
            future.set_result(captioner)
            if self._afterwards:
                time.sleep(REST)
                self._afterwards(captioner)
