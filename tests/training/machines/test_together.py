"""Several workers train what one trains; one that is lost ends all, and the training goes on."""

import json
import os
import subprocess
import sys

import pytest

from captioner import checkpoints
from captioner.training.machines import workers
from captioner.training.runs import journal
from tests.support import process

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def epochs(folder) -> list[dict]:
    """The losses and scores of a run, without its speed."""
    lines = journal.read_metrics(folder)
    return [{n: v for n, v in line.items() if "per_second" not in n} for line in lines]


@pytest.mark.slow
@needs_fork
def test_two_and_three_workers_train_what_one_trains(data_folder, saved_checkpoint, tmp_path):
    program = [sys.executable, "-m", "tests.support.training.together"]
    command = [*program, *map(str, (data_folder, saved_checkpoint, tmp_path))]
    on_jax = process.environment(KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
    done = subprocess.run(command, capture_output=True, text=True, env=on_jax, timeout=500)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    said = {file.stem: file.read_text() for file in tmp_path.glob("*.txt")}

    # The other two end, each with one sentence, and the run says so.
    assert found["three"] == [1, -9, 1] and found["seconds"] < 60
    assert 1 <= found["epochs"] < 3
    assert said["three1"].splitlines()[-1] == said["three3"].strip() == f"train: {workers.LOST}"
    assert (found["state"]["state"], found["state"]["message"]) == ("failed", workers.LOST)

    # A stop ends both as it ends one.
    assert found["stopped"] == [0, 0] and found["stopped_state"] == "stopped", said
    sentence = str(journal.Stopped())
    assert said["stopped1"].splitlines()[-1] == said["stopped2"].strip() == sentence

    # The same command goes on from the last save, also with another number of workers.
    assert found["alone"] == 0 and found["two"] == [0, 0], said
    assert said["two2"] == ""
    assert "epoch 1 " not in said["two1"]
    one, several = epochs(tmp_path / "alone"), epochs(tmp_path / "run")
    assert [line["step"] for line in one] == [line["step"] for line in several]
    logged = [line["step"] for line in one if "loss" in line]
    after_stop = min(step for step in logged if step >= found["stopped_at"])
    for line, other in zip(one, several, strict=True):
        if "loss" in line and line["step"] == after_stop > found["stopped_at"]:
            continue  # a mean over the steps since the stop
        assert other == pytest.approx(line, abs=1e-4)
    assert checkpoints.load(tmp_path / "run").config["scores"]
