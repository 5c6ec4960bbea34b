"""Files are written whole or not at all."""

import json
import math
import signal
import subprocess
import sys

import pytest

from captioner.files import json_text, write_text, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_writes_and_replaces(tmp_path):
    file = tmp_path / "new" / "folder" / "notes.txt"
    for text in ("first", "zwölf Bären"):
        write_text(file, text)
        assert file.read_text(encoding="utf-8") == text
    assert names(file.parent) == ["notes.txt"]


def test_the_writer_sees_the_suffix_and_readers_the_old_file(tmp_path):
    file = tmp_path / "model.weights.h5"
    file.write_text("old")

    def write(temporary):
        assert temporary.name.endswith(".weights.h5")
        assert temporary.parent == tmp_path and temporary != file
        temporary.write_text("new")
        assert file.read_text() == "old"

    write_whole(file, write)
    assert file.read_text() == "new"
    assert names(tmp_path) == ["model.weights.h5"]


def test_others_may_read_what_was_written(tmp_path):
    write_text(tmp_path / "a.txt", "a")
    assert (tmp_path / "a.txt").stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize("error", [OSError("no space left"), ValueError, KeyboardInterrupt])
def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    file = tmp_path / "state.json"
    file.write_text("old")

    def write(temporary):
        temporary.write_text("ne")
        raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        write_whole(file, write)
    assert file.read_text() == "old"
    assert names(tmp_path) == ["state.json"]


def test_a_writer_that_fails_leaves_no_new_file(tmp_path):
    with pytest.raises(ZeroDivisionError):
        write_whole(tmp_path / "a.txt", lambda temporary: 1 / 0)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        write_text(tmp_path / "file" / "a.txt", "text")


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    file = tmp_path / "state.json"
    file.write_text("old")
    program = """
import os, signal, sys
from captioner.files import write_whole

def write(temporary):
    temporary.write_text("half of the n")
    os.kill(os.getpid(), signal.SIGKILL)

write_whole(sys.argv[1], write)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(file)])
    assert ended.returncode == -signal.SIGKILL
    assert file.read_text() == "old"


def test_numbers_that_are_not_finite_become_null():
    value = {"a": [1.5, math.nan, (math.inf, "NaN")], "b": {"c": -math.inf}, "d": [True, None]}
    expected = {"a": [1.5, None, [None, "NaN"]], "b": {"c": None}, "d": [True, None]}
    assert json.loads(json_text(value)) == expected
    assert json_text({"ä": 1}, ensure_ascii=False) == '{"ä": 1}'
