"""Which workers are chosen, and which part of a batch each has."""

import json
from pathlib import Path

import numpy as np
import pytest

from captioner.data.cache.photo_rows import PhotoRows
from captioner.training.input.batches import CaptionBatches, Part
from captioner.training.machines import workers
from captioner.training.settings import SettingsError
from tests.support import tiny


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch):
    for name in (*workers._SLURM, "TF_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "jax")


def test_the_command_line_or_slurm_names_the_workers(monkeypatch):
    assert workers.chosen(None, None).count == 1
    named = workers.chosen("10.0.0.1:7070", (2, 3))
    assert (named.number, named.count, named.coordinator) == (2, 3, "10.0.0.1:7070")
    assert not named.is_chief
    slurm = dict(zip(workers._SLURM, ("7", "node[1-2]", "4", "0", "0"), strict=True))
    for name, value in slurm.items():
        monkeypatch.setenv(name, value)
    found = workers.chosen(None, None)
    assert (found.number, found.count, found.coordinator) == (1, 4, None) and found.is_chief


@pytest.mark.parametrize(
    ("coordinator", "worker", "sentence"),
    [
        ("host:1", None, "go together"),
        (None, (1, 2), "go together"),
        ("host:1", (3, 2), "no worker 3/2"),
        ("host", (1, 2), "must be HOST:PORT"),
    ],
)
def test_workers_that_cannot_be_are_refused(coordinator, worker, sentence):
    with pytest.raises(SettingsError, match=sentence):
        workers.chosen(coordinator, worker)


def test_tensorflow_is_refused_with_what_works_instead(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": ["one:1", "two:1"]}}))
    with pytest.raises(SettingsError, match="KERAS_BACKEND=jax.*--coordinator HOST:PORT"):
        workers.chosen(None, None)
    monkeypatch.delenv("KERAS_BACKEND")
    with pytest.raises(SettingsError, match="set KERAS_BACKEND=jax"):
        workers.chosen("host:1", (1, 2))


@pytest.mark.parametrize("count", [2, 3])
def test_the_parts_of_all_workers_are_the_whole_batch(count):
    captions = {Path(f"{n}.png"): ["a red disc", "a red square on white"] for n in range(7)}
    grids = tiny.grids(len(captions)) + 1  # nothing is 0, unlike padding
    rows = PhotoRows({photo.name: n for n, photo in enumerate(captions)}, grids)
    whole = CaptionBatches(captions, tiny.vocabulary(), [rows], batch_size=6)
    parts = [
        CaptionBatches(
            captions, tiny.vocabulary(), [rows], batch_size=6, part=Part(worker, count, count)
        )
        for worker in range(count)
    ]
    for batch, *some in zip(whole.epoch(1), *(part.epoch(1) for part in parts), strict=True):
        for name, values in batch.items():
            joined = np.concatenate([part[name] for part in some])
            np.testing.assert_array_equal(joined[: len(values)], values)
            assert not joined[len(values) :].any()
            assert len({part[name].shape for part in some}) == 1
