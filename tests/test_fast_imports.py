"""TensorFlow is imported without chatter and what is not used, and nothing else is lost."""

import gc
import os
import subprocess
import sys

import pytest

from captioner import imports
from captioner.paths import PROJECT


def test_only_chatter_is_left_out(capfd):
    with imports._without_chatter():
        os.write(2, b"I0000 00:00:17956 8016 cudart_stub.cc:31] Could not find cuda drivers\n")
        os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called\n")
        os.write(2, b"A real warning\n")
        os.write(2, b"and another one\n")
    print("later", file=sys.stderr)
    assert capfd.readouterr().err == "A real warning\nand another one\nlater\n"


def test_what_is_written_before_an_error_is_not_lost(capfd):
    with pytest.raises(ImportError), imports._without_chatter():
        os.write(2, b"why it fails\n")
        raise ImportError
    assert capfd.readouterr().err == "why it fails\n"


def test_without_a_stderr_it_imports_all_the_same(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with imports._without_chatter():
        pass


@pytest.mark.slow
def test_the_command_line_starts_in_silence(tmp_path):
    command = [sys.executable, "-m", "captioner", "caption"]
    command.append(str(next((PROJECT / "assets" / "examples").glob("*.jpg"))))
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0 and ended.stderr == ""


@pytest.mark.slow
def test_what_tensorflow_does_not_need_is_imported_later():
    code = """
import sys
from captioner import Captioner
assert not {"jax", "matplotlib.pyplot"} & set(sys.modules)
import matplotlib.pyplot
"""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=environment, check=True)


def test_garbage_is_collected_again_after_an_error():
    with pytest.raises(ImportError), imports.uncollected():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled()
