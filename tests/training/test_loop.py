"""The loop: batches that are made ahead, what is logged, when it is saved, how it stops."""

import itertools
import threading

import pytest

from captioner.training import journal, loop
from captioner.training.journal import Journal


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


class Counting:
    """A model whose loss is the number of its step."""

    def __init__(self):
        self.step = 0

    def train_on_batch(self, batch, return_dict):
        self.step += 1
        return {"loss": float(self.step)}


def test_what_is_logged_is_the_mean_since_the_last_line(tmp_path):
    book = Journal(tmp_path, report=lambda line: None)
    published = []
    steps = loop.Loop(Counting(), book, 45, published.append, save_every=10)
    steps.unit, steps.per_step = "captions", 2.0
    steps.begin(0, "training")
    steps.run(itertools.repeat(None), 0, 45)
    lines = journal.read_metrics(tmp_path)
    assert [(line["step"], line["loss"]) for line in lines] == [(20, 10.5), (40, 30.5), (45, 43)]
    for line in lines:
        assert line["captions_per_second"] == pytest.approx(2 * line["steps_per_second"], rel=1e-3)
    assert published == [10, 20, 30, 40]  # the last one belongs to whoever knows what it ends
    assert journal.read_status(tmp_path)["done"] == 90


def test_asked_to_stop_it_publishes_first(tmp_path):
    book = Journal(tmp_path, report=lambda line: None)
    published = []

    def after(step):
        if step == 7:
            (tmp_path / journal.STOP).touch()

    steps = loop.Loop(Counting(), book, 45, published.append, save_every=10, after=after)
    with pytest.raises(journal.Stopped):
        steps.run(itertools.repeat(None), 0, 45)
    assert published == [7]
