"""Batches that are made while others are trained on."""

import threading

import pytest

from captioner.training import loop


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_batches_made_ahead_are_the_same_in_order(count):
    assert list(loop.ahead(iter(range(count)))) == list(range(count))


def test_they_are_made_by_another_thread_and_not_all_at_once():
    made = []

    def batches():
        for number in range(100):
            made.append(threading.get_ident())
            yield number

    coming = loop.ahead(batches())
    assert next(coming) == 0
    coming.close()
    assert len(made) <= 4
    assert threading.get_ident() not in made


def test_what_goes_wrong_is_told_where_the_batch_was_wanted():
    def batches():
        yield 1
        raise OSError("the disk is gone")

    coming = loop.ahead(batches())
    assert next(coming) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(coming)
