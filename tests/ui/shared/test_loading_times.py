"""How long captioners took to load, stored for the next start."""

import pytest

from captioner.ui.shared.loading_times import LoadingTimes, usual_file


def test_each_folder_has_its_last_time(tmp_path):
    file = tmp_path / "new" / "times.json"
    LoadingTimes(file).store(tmp_path / "one", 12.34)
    LoadingTimes(file).store(tmp_path / "two", 5)
    LoadingTimes(file).store(tmp_path / "one", 9.87)
    times = LoadingTimes(file)
    found = [times.find(tmp_path / name) for name in ("one", "two", "three")]
    assert found == [9.9, 5, None]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"%s": "long"}', '{"%s": true}', '{"%s": -1}', '{"%s": 1e9}', '{"%s": null}'],
)
def test_a_damaged_file_tells_nothing(tmp_path, text):
    file = tmp_path / "times.json"
    file.write_text(text.replace("%s", str(tmp_path)))
    times = LoadingTimes(file)
    assert times.find(tmp_path) is None
    times.store(tmp_path, 3)
    assert times.find(tmp_path) == 3


def test_where_nothing_can_be_written_nothing_is_stored(tmp_path):
    (tmp_path / "file").touch()
    times = LoadingTimes(tmp_path / "file" / "times.json")
    times.store(tmp_path, 3)
    assert times.find(tmp_path) is None


def test_the_file_is_in_the_folder_for_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert usual_file() == tmp_path / "where-words-look" / "loading.json"
