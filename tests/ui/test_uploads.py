"""Uploads have a folder of this user, also where another one has Gradio's."""

import os
from pathlib import Path

import pytest

from captioner.ui import machine


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(machine.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv(machine.UPLOADS, "")
    return tmp_path


@pytest.fixture
def another(monkeypatch):
    """This process seems to be of another user than its files."""

    def become(number):
        monkeypatch.setattr(machine.os, "getuid", lambda: number)

    return become


def chosen() -> Path:
    machine.choose_upload_folder()
    return Path(os.environ[machine.UPLOADS])


def test_gradios_folder_is_used_if_it_is_or_becomes_ours(temporary):
    for _ in range(2):
        assert chosen() == Path("") and (temporary / "gradio").is_dir()


def test_a_folder_that_was_chosen_stays(temporary, monkeypatch, another):
    (temporary / "gradio").mkdir()
    another(os.getuid() + 1)
    monkeypatch.setenv(machine.UPLOADS, "/elsewhere")
    assert chosen() == Path("/elsewhere")


def test_beside_the_folder_of_another_user_there_is_one_of_our_own(temporary, monkeypatch):
    (temporary / "gradio").symlink_to(temporary)  # as good as another user's
    own = temporary / f"gradio-{os.getuid()}"
    assert chosen() == own and own.stat().st_mode & 0o077 == 0
    monkeypatch.setenv(machine.UPLOADS, "")
    assert chosen() == own  # the same again


def test_if_that_is_not_ours_either_a_new_one_is_made(temporary, another):
    me = os.getuid()
    another(me + 1)  # both folders are made, and belong to somebody else
    found = chosen()
    assert found.parent == temporary and found.name not in ("gradio", f"gradio-{me + 1}")
    assert found.is_dir()
