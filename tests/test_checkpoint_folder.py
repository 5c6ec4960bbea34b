"""Checkpoints are found and checked without TensorFlow, before the page is up."""

import json
import shutil
import subprocess
import sys

import pytest

from captioner.checkpoint_folder import CheckpointError, check, find
from captioner.paths import BUNDLED, PROJECT


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(BUNDLED, tmp_path / "copy")


def test_a_sound_checkpoint_passes(folder):
    check(folder)
    assert find(folder) == folder and find(BUNDLED) == BUNDLED


def test_of_a_run_its_best_checkpoint_is_meant(tmp_path, folder):
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.json").write_text("{}")
    (run / "status.json").write_text("{}")
    with pytest.raises(CheckpointError, match="run is a training without a checkpoint"):
        find(run)
    best = run / "checkpoints" / "best"
    shutil.copytree(folder, best)
    assert find(run) == find(best) == best


def text(change):
    def apply(path):
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content))

    return apply


FAULTS = {
    "config.json": {
        "missing": lambda path: path.unlink(),
        "cannot be read": lambda path: path.write_text("{"),
        "has format 9": text(lambda config: config.update(format=9)),
        "lacks 'decoder'": text(lambda config: config.pop("decoder")),
        "the decoder 5": text(lambda config: config["decoder"].update(vocabulary=5)),
    },
    "vocabulary.json": {"not a vocabulary": lambda path: path.unlink()},
    "decoder.weights.h5": {
        "is missing": lambda path: path.unlink(),
        "does not hold": lambda path: path.write_bytes(path.read_bytes()[:-1000]),
    },
    "backbone.weights.h5": {"is missing": lambda path: path.unlink()},
}


@pytest.mark.parametrize(
    ("name", "message"), [(name, message) for name, faults in FAULTS.items() for message in faults]
)
def test_a_fault_is_one_sentence(folder, name, message):
    FAULTS[name][message](folder / name)
    with pytest.raises(CheckpointError, match=message) as error:
        check(folder)
    assert "\n" not in str(error.value)


def test_the_app_ends_before_the_page_with_one_sentence(tmp_path):
    command = [sys.executable, "app.py", "--checkpoint", str(tmp_path / "none")]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == f"app.py: There is no checkpoint {tmp_path / 'none'}.\n"


def test_it_needs_no_tensorflow():
    program = "import sys, captioner.checkpoint_folder; print('tensorflow' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True)
    assert ended.stdout.strip() == b"False"
