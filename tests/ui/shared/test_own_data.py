"""Data that visitors add: folders of this machine, and zips."""

import pytest

from captioner.ui.shared.own_data import OwnData
from captioner.ui.shared.permission import Permission
from tests.support import tiny


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_an_added_folder_is_listed_once_and_chosen(tmp_path):
    own = OwnData(Permission(public=False))
    folder = str(tiny.data_folder(tmp_path / "elsewhere"))
    for _ in range(2):
        error, data = own.add_folder("", folder)
        assert not error["visible"] and data["value"] == folder
    assert own.choices().count(("elsewhere", folder)) == 1
    assert "not a folder" in own.add_folder("", "nowhere")[0]["value"]


def test_on_a_public_host_folders_are_not_read_and_zips_need_the_token(tmp_path):
    own = OwnData(Permission(public=True, allowed=True, token="t"))
    folder = str(tiny.data_folder(tmp_path / "private"))
    assert "your own machine only" in own.add_folder("t", folder)[0]["value"]
    for error, _ in (own.add_folder("", "/etc"), own.add_zips("", ["/etc/passwd"])):
        assert "owner's token" in error["value"]
