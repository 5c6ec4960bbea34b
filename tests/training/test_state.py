"""The state of a training run: all of it comes back, or it is refused."""

import keras
import numpy as np
import pytest
import tiny

from captioner.training.state import StateError, load_state, save_state


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
    save_state(tmp_path / "state.npz", undisturbed, {"step": 3, "best": None})
    logs = train(undisturbed, range(3, 6))

    resumed = built(seed=9)
    assert load_state(tmp_path / "state.npz", resumed) == {"step": 3, "best": None}
    assert train(resumed, range(3, 6)) == logs  # metrics go on from where they were
    for one, other in zip(values(undisturbed), values(resumed), strict=True):
        assert np.array_equal(one, other)


def test_the_state_of_another_model_is_refused_and_changes_nothing(tmp_path):
    save_state(tmp_path / "state.npz", built(units=3), {})
    other = built(units=5)
    before = values(other)
    with pytest.raises(StateError, match="another shape"):
        load_state(tmp_path / "state.npz", other)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(other), strict=True))


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_file_that_is_cut_off_is_refused(tmp_path, kept):
    file = tmp_path / "state.npz"
    save_state(file, built(), {"step": 1})
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(StateError, match="damaged"):
        load_state(file, built())


def test_other_arrays_and_pickled_ones_are_refused(tmp_path):
    file = tmp_path / "state.npz"
    np.savez(file, something=np.zeros(3))
    with pytest.raises(StateError, match="damaged"):
        load_state(file, built())
    np.savez(file, progress="{}", v0000=np.array([{}], dtype=object))
    with pytest.raises(StateError, match="damaged"):
        load_state(file, built())


@pytest.mark.parametrize("room", [0, 1000])
def test_a_full_disk_leaves_the_older_state(tmp_path, room):
    file = tmp_path / "state.npz"
    model = built()
    save_state(file, model, {"step": 1})
    before = file.read_bytes()
    assert len(before) > room
    with tiny.full_disk(room), pytest.raises(OSError):
        save_state(file, model, {"step": 2})
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
