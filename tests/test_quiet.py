"""TensorFlow is imported without chatter, and nothing else that is written is lost."""

import os
import subprocess
import sys

import pytest

from captioner import quiet
from captioner.paths import PROJECT


def test_only_chatter_is_left_out(capfd):
    with quiet._without_chatter():
        os.write(2, b"I0000 00:00:17956 8016 cudart_stub.cc:31] Could not find cuda drivers\n")
        os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called\n")
        os.write(2, b"A real warning\n")
        os.write(2, b"and another one\n")
    print("later", file=sys.stderr)
    assert capfd.readouterr().err == "A real warning\nand another one\nlater\n"


def test_what_is_written_before_an_error_is_not_lost(capfd):
    with pytest.raises(ImportError), quiet._without_chatter():
        os.write(2, b"why it fails\n")
        raise ImportError
    assert capfd.readouterr().err == "why it fails\n"


def test_without_a_stderr_it_imports_all_the_same(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with quiet._without_chatter():
        pass


@pytest.mark.slow
def test_the_command_line_starts_in_silence(tmp_path):
    command = [sys.executable, "-m", "captioner", "caption"]
    command.append(str(next((PROJECT / "assets" / "examples").glob("*.jpg"))))
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0 and ended.stderr == ""
