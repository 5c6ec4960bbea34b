"""The loop: prefetched batches, the log, saving and stopping, and the state on disk."""

import itertools
import threading

import keras
import numpy as np
import pytest

from captioner.training import loop
from captioner.training.loop import StateError, load_state, save_state
from captioner.training.runs import journal
from captioner.training.runs.journal import Journal
from tests.support import tiny


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_batches_made_ahead_are_the_same_in_order(count):
    assert list(loop.prefetch(iter(range(count)))) == list(range(count))


def test_they_are_made_by_another_thread_and_not_all_at_once():
    made = []

    def batches():
        for number in range(100):
            made.append(threading.get_ident())
            yield number

    coming = loop.prefetch(batches())
    assert next(coming) == 0
    coming.close()
    assert len(made) <= 4
    assert threading.get_ident() not in made


def test_what_goes_wrong_is_told_where_the_batch_was_wanted():
    def batches():
        yield 1
        raise OSError("the disk is gone")

    coming = loop.prefetch(batches())
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
    steps = loop.Loop(
        Counting(), book, 45, published.append, save_every=10, unit="captions", per_step=2.0
    )
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

    steps = loop.Loop(Counting(), book, 45, published.append, save_every=10)
    with pytest.raises(journal.Stopped):
        steps.run(itertools.repeat(None), 0, 45, after)
    assert published == [7]


def test_a_loss_that_is_not_finite_ends_the_training(tmp_path):
    model = Counting()
    model.step = float("nan")
    steps = loop.Loop(model, Journal(tmp_path, lambda line: None), 45, lambda step: None, 10**9)
    with pytest.raises(loop.DivergedError, match="smaller learning rate"):
        steps.run(itertools.repeat(None), 0, 45)
    assert journal.read_metrics(tmp_path) == []


def built(units: int = 3, seed: int = 0) -> keras.Model:
    """A model with all that has a state: weights, batch statistics, dropout, metrics, moments."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(units), layers.BatchNormalization(), layers.Dropout(0.5)]
    )
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    model.evaluate(np.zeros((2, 4)), np.zeros((2, units)), verbose=0)  # creates the metrics
    model.reset_metrics()
    return model


def train(model: keras.Model, steps: range) -> dict:
    for step in steps:
        rng = np.random.default_rng(step)
        logs = model.train_on_batch(
            rng.normal(size=(8, 4)), rng.normal(size=(8, 3)), return_dict=True
        )
    return {name: float(value) for name, value in logs.items()}


def values(model: keras.Model) -> list[np.ndarray]:
    return [
        np.array(keras.ops.convert_to_numpy(v))
        for v in (*model.variables, *model.optimizer.variables)
    ]


def test_a_resumed_training_equals_an_undisturbed_one(tmp_path):
    undisturbed = built()
    train(undisturbed, range(3))
    save_state(tmp_path, undisturbed, {"step": 3, "best": None})
    logs = train(undisturbed, range(3, 6))

    resumed = built(seed=9)
    assert load_state(tmp_path, resumed) == {"step": 3, "best": None}
    assert train(resumed, range(3, 6)) == logs  # metrics go on from where they were
    for one, other in zip(values(undisturbed), values(resumed), strict=True):
        assert np.array_equal(one, other)


def test_the_state_of_another_model_is_refused_and_changes_nothing(tmp_path):
    save_state(tmp_path, built(units=3), {})
    other = built(units=5)
    before = values(other)
    with pytest.raises(StateError, match="another shape"):
        load_state(tmp_path, other)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(other), strict=True))


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_file_that_is_cut_off_is_refused(tmp_path, kept):
    file = tmp_path / "state.npz"
    save_state(tmp_path, built(), {"step": 1})
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(StateError, match="damaged"):
        load_state(tmp_path, built())


def test_other_arrays_and_pickled_ones_are_refused(tmp_path):
    file = tmp_path / "state.npz"
    np.savez(file, something=np.zeros(3))
    with pytest.raises(StateError, match="damaged"):
        load_state(tmp_path, built())
    np.savez(file, progress="{}", v0000=np.array([{}], dtype=object))
    with pytest.raises(StateError, match="damaged"):
        load_state(tmp_path, built())


@pytest.mark.parametrize("room", [0, 1000])
def test_a_full_disk_leaves_the_older_state(tmp_path, room):
    file = tmp_path / "state.npz"
    model = built()
    save_state(tmp_path, model, {"step": 1})
    before = file.read_bytes()
    assert len(before) > room
    with tiny.full_disk(room), pytest.raises(OSError):
        save_state(tmp_path, model, {"step": 2})
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
