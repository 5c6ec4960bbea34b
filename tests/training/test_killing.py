"""A training that is killed at any moment is resumed as if nothing had happened."""

import json
import os
import subprocess
import sys

import pytest

from captioner import checkpoints
from captioner.training.runs import journal
from tests.support import process

KILLS = 20


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_twenty_kills_change_nothing(data_folder, saved_checkpoint, tmp_path):
    folders = [tmp_path / name / "run" for name in ("calm", "wild")]
    arguments = map(str, (data_folder, saved_checkpoint, *folders, KILLS, 7))
    command = [sys.executable, "-m", "tests.support.training.killed", *arguments]
    environment = process.environment()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=900)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == KILLS  # a stage each
    calm, wild = (journal.read_metrics(tmp_path / name / "run") for name in ("calm", "wild"))
    epochs = [[line for line in lines if "epoch" in line] for lines in (calm, wild)]
    assert [line["epoch"] for line in epochs[1]] == [1, 2, 3, 4]
    for one, other in zip(*epochs, strict=True):
        assert other == pytest.approx(one, rel=1e-4)
    # No step is logged twice, and no file is half-written.
    steps = [line["step"] for line in wild if "loss" in line]
    assert steps == sorted(set(steps))
    status = json.loads((tmp_path / "wild/run" / journal.STATUS).read_text())
    assert status["state"] == "finished"
    best = [checkpoints.load(tmp_path / n / "run/checkpoints/best") for n in ("calm", "wild")]
    for one, other in zip(*(b.decoder.get_weights() for b in best), strict=True):
        assert other == pytest.approx(one, abs=2e-3)  # float16 on disk
