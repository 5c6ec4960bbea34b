"""Loading a captioner in the background while the page is already served."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread

log = logging.getLogger(__name__)

PAUSE = 3.0  # seconds between loading and warming up: visitors who waited come first


class CaptionerLoader:
    """Loads one captioner once, in a thread, and lets all visitors wait for it.

    Args:
        load: returns a captioner, or raises ValueError with one sentence for the visitor.
        warm_up: is called with the captioner some seconds later; nobody waits for it.
    """

    def __init__(self, load: Callable, warm_up: Callable | None = None):
        self._load = load
        self._warm_up = warm_up
        self._lock = Lock()
        self._future: Future | None = None

    def start(self) -> Future:
        """Starts loading on the first call; returns at once."""
        with self._lock:
            if self._future is None:
                self._future = Future()
                # A running future cannot be cancelled by a visitor who leaves.
                self._future.set_running_or_notify_cancel()
                Thread(target=self._run, args=[self._future], daemon=True).start()
            return self._future

    def captioner(self):
        """Returns the captioner and waits for it if necessary.

        Raises:
            ValueError: it could not be loaded; one sentence for the visitor says why.
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
            sentence = "The captioner could not be loaded. The server's log has the details."
            future.set_exception(ValueError(sentence))
        else:
            future.set_result(captioner)
            if self._warm_up:
                time.sleep(PAUSE)
                self._warm_up(captioner)
