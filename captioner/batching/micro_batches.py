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
        max_rows: of a batch, unless one request has more.
    """

    def __init__(self, compute: Callable[[list], list], max_rows: int):
        self._compute, self._max_rows = compute, max_rows
        self._lock = Lock()
        self._busy = False  # some thread has its turn
        self._requests: deque[_Waiting] = deque()
        self._exclusive: deque[_Waiting] = deque()

    def result(self, request, rows: int = 1):
        """The result of a request that has so many rows."""
        entry = _Waiting(request, rows)
        self._wait(entry, self._requests)
        if not entry.finished:
            self._compute_batch(entry)
        if isinstance(entry.outcome, Exception):
            raise entry.outcome
        return entry.outcome

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A turn for work that is not computed together with requests."""
        self._wait(_Waiting(), self._exclusive)
        try:
            yield
        finally:
            self._pass_on(self._requests, self._exclusive)

    def _wait(self, entry: _Waiting, queue: deque[_Waiting]) -> None:
        """Returns when it is this thread's turn, or when another thread has finished its work."""
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            queue.append(entry)
        try:
            entry.woken.wait()
        except BaseException:  # an interrupt: no other thread may wait for this one
            with self._lock:
                waits = entry in queue
                if waits:
                    queue.remove(entry)
            if not waits and not entry.finished:
                self._pass_on(self._requests, self._exclusive)
            raise

    def _compute_batch(self, entry: _Waiting) -> None:
        """Computes a batch that begins with this request."""
        batch = [entry]
        with self._lock:
            rows = entry.rows
            while self._requests and rows + self._requests[0].rows <= self._max_rows:
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
            self._pass_on(self._exclusive, self._requests)

    def _pass_on(self, *queues: deque[_Waiting]) -> None:
        """Gives the turn to the first thread of the first queue that is not empty."""
        with self._lock:
            queue = next(filter(None, queues), None)
            self._busy = queue is not None
            if queue:
                queue.popleft().woken.set()
