"""Turns at a network for many threads: what waits is computed together."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock


class _Waiting:
    """A thread that waits: for the outcome of its request, or to have its turn."""

    def __init__(self, request=None, rows: int = 0):
        self.request, self.rows = request, rows
        self.woken, self.finished = Event(), False
        self.outcome = None

    def finish(self, outcome) -> None:
        self.outcome, self.finished = outcome, True
        self.woken.set()


class MicroBatches:
    """Lets one thread compute at a time. Thread-safe.

    A thread whose turn it is computes its request and those that wait, in order of arrival. Other
    work takes turns with these batches, so that neither waits for all of the other.

    Args:
        compute: requests -> their results, in this order. A result that is an exception is raised
            where its request came from; an exception that `compute` raises, at all of them.
        most: rows of a batch at most, unless one request alone has more.
    """

    def __init__(self, compute: Callable[[list], list], most: int):
        self._compute, self._most = compute, most
        self._lock = Lock()
        self._busy = False  # some thread has its turn
        self._requests: deque[_Waiting] = deque()
        self._others: deque[_Waiting] = deque()

    def result(self, request, rows: int = 1):
        """The result of a request that has so many rows."""
        own = _Waiting(request, rows)
        self._wait(own, self._requests)
        if not own.finished:
            self._lead(own)
        if isinstance(own.outcome, Exception):
            raise own.outcome
        return own.outcome

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A turn for work that is not computed together with requests."""
        self._wait(_Waiting(), self._others)
        try:
            yield
        finally:
            self._pass_on(self._requests, self._others)

    def _wait(self, own: _Waiting, line: deque[_Waiting]) -> None:
        """Returns when it is this thread's turn, or when another thread has finished its work."""
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            line.append(own)
        try:
            own.woken.wait()
        except BaseException:  # an interrupt: nobody else may wait for this thread
            with self._lock:
                waits = own in line
                if waits:
                    line.remove(own)
            if not waits and not own.finished:
                self._pass_on(self._requests, self._others)
            raise

    def _lead(self, own: _Waiting) -> None:
        """Computes a batch that begins with this request."""
        batch = [own]
        with self._lock:
            rows = own.rows
            while self._requests and rows + self._requests[0].rows <= self._most:
                batch.append(self._requests.popleft())
                rows += batch[-1].rows
        try:
            try:
                outcomes = self._compute([one.request for one in batch])
            except Exception as error:
                outcomes = [error] * len(batch)
            for one, outcome in zip(batch, outcomes, strict=True):
                one.finish(outcome)
        finally:
            with self._lock:  # after an interrupt of this thread the others compute theirs
                self._requests.extendleft(one for one in batch[:0:-1] if not one.finished)
            self._pass_on(self._others, self._requests)

    def _pass_on(self, *lines: deque[_Waiting]) -> None:
        """Gives the turn to who waits first in the first line where anybody waits."""
        with self._lock:
            line = next(filter(None, lines), None)
            self._busy = line is not None
            if line:
                line.popleft().woken.set()
