"""Turns of many threads: who computes what, and in which order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from captioner.batching import micro_batches
from captioner.batching.micro_batches import MicroBatches
from tests.support.process import wait_for


class Recorded(MicroBatches):
    """Squares numbers, and records its batches and other work in `turns`."""

    def __init__(self, most: int = 32):
        super().__init__(self.squares, most)
        self.turns = []

    def squares(self, numbers: list) -> list:
        self.turns.append(numbers)
        if "broken" in numbers:
            raise RuntimeError("all of them")
        return [ValueError(n) if isinstance(n, str) else n * n for n in numbers]

    def other(self, name: str) -> None:
        with self.exclusive():
            self.turns.append(name)

    @contextmanager
    def occupied(self):
        """What is sent in the block waits until its end, in this order; yields a function that
        sends."""
        with ThreadPoolExecutor(64) as pool, self.exclusive():

            def send(function, *arguments):
                waiting = len(self._requests) + len(self._exclusive)
                sent = pool.submit(function, *arguments)
                wait_for(lambda: len(self._requests) + len(self._exclusive) > waiting)
                return sent

            yield send


def test_a_request_alone_is_computed_at_once():
    batches = Recorded()
    assert [batches.result(3), batches.result(4)] == [9, 16]
    assert batches.turns == [[3], [4]]


def test_what_waits_is_computed_together_in_order_of_arrival():
    batches = Recorded(most=8)
    with batches.occupied() as send:
        sent = [send(batches.result, number) for number in range(20)]
    assert [one.result() for one in sent] == [number**2 for number in range(20)]
    assert batches.turns == [[*range(8)], [*range(8, 16)], [*range(16, 20)]]


def test_a_batch_has_no_more_rows_than_it_may():
    batches = Recorded(most=8)
    with batches.occupied() as send:
        sent = [send(batches.result, number, rows) for number, rows in enumerate((3, 5, 1, 9, 4))]
    assert [one.result() for one in sent] == [0, 1, 4, 9, 16]
    assert batches.turns == [[0, 1], [2], [3], [4]]  # nobody overtakes the large one


def test_a_request_that_fails_fails_alone():
    batches = Recorded()
    with batches.occupied() as send:
        sent = [send(batches.result, request) for request in (1, "bad", 2)]
    assert [sent[0].result(), sent[2].result()] == [1, 4]
    with pytest.raises(ValueError, match="bad"):
        sent[1].result()
    assert batches.turns == [[1, "bad", 2]]


def test_an_error_of_the_computation_reaches_all_of_its_batch_and_ends_nothing():
    batches = Recorded(most=2)
    with batches.occupied() as send:
        sent = [send(batches.result, request) for request in ("broken", 1, 2)]
    for one in sent[:2]:
        with pytest.raises(RuntimeError, match="all of them"):
            one.result()
    assert sent[2].result() == 4 and batches.result(5) == 25


def test_other_work_takes_turns_with_batches():
    batches = Recorded(most=2)
    with batches.occupied() as send:
        for name in ("one", "two", "three"):
            send(batches.other, name)
        for number in range(5):
            send(batches.result, number)
    assert batches.turns == [[0, 1], "one", [2, 3], "two", [4], "three"]


def test_other_work_that_fails_passes_its_turn_on():
    batches = Recorded()
    with pytest.raises(KeyError), batches.exclusive():
        raise KeyError
    assert batches.result(2) == 4


def test_nobody_waits_for_a_thread_that_was_interrupted(monkeypatch):
    class Interrupted(threading.Event().__class__):
        """Interrupts the thread with this name while it waits."""

        def wait(self, timeout=None):
            if threading.current_thread().name == "interrupted":
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(micro_batches, "Event", Interrupted)
    batches = Recorded()
    caught = []

    def interrupted():
        try:
            batches.result(7)
        except KeyboardInterrupt as error:
            caught.append(error)

    with batches.occupied() as send:
        sent = send(batches.result, 1)
        thread = threading.Thread(target=interrupted, name="interrupted")
        thread.start()
        thread.join()
    assert caught and sent.result() == 1 and batches.turns == [[1]]
    assert batches.result(2) == 4


def test_an_interrupt_of_who_computes_leaves_the_rest_to_others():
    batches = Recorded()
    compute, interrupts = batches._compute, [KeyboardInterrupt()]

    def interrupted_once(requests):
        if interrupts:
            raise interrupts.pop()
        return compute(requests)

    batches._compute = interrupted_once
    with batches.occupied() as send:
        sent = [send(batches.result, number) for number in range(3)]
    with pytest.raises(KeyboardInterrupt):
        sent[0].result()
    assert [one.result() for one in sent[1:]] == [1, 4]
    assert batches.turns == [[1, 2]]
