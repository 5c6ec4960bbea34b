"""The list of feature caches, and clearing those that no training uses."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from captioner.data.cache import cache_folders
from captioner.data.cache.cache_folders import caches, clear, used
from captioner.data.cache.feature_cache import ARRAY, MANIFEST, SOURCE, CacheError, finished_sources
from tests.support.data.cached import cache


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "features"


def names(root: Path) -> list[str]:
    return [one.name for one in caches(root)]


def left(root: Path) -> list[str]:
    return [path.name for path in root.iterdir() if path.name != ".lock"]


def test_without_a_folder_there_are_none(root):
    assert caches(root) == []
    root.mkdir()
    (root / "notes.txt").write_text("mine")
    (root / "empty").mkdir()
    assert caches(root) == []


def test_each_is_described_and_the_largest_is_first(root):
    cache(root / "dots-0123456789ab")
    large = cache(root / "dots-ba9876543210", photos=90, done=20, mirrored=True, crop=2)
    (large / SOURCE).write_text("x")
    os.utime(large / SOURCE, (1e9, 1e9))
    first, second = caches(root)
    assert (first.data, first.photos, first.done, first.cells) == ("dots", 90, 20, 4)
    assert (first.mirrored, first.crop, first.last_used, first.in_use) == (True, 2, 1e9, False)
    assert (second.data, second.photos, second.done, second.last_used) == ("dots", 3, 3, None)
    for one in (first, second):
        sizes = [file.stat().st_size for file in (root / one.name).iterdir()]
        assert one.size == sum(sizes) > 2 * 4 * 8 * one.photos


@pytest.mark.parametrize("damage", ["manifest", "no manifest", "parts"])
def test_what_is_damaged_or_in_parts_is_listed_and_cleared(root, damage):
    folder = cache(root / "dots")
    if damage == "manifest":
        (folder / MANIFEST).write_text("{")
    elif damage == "no manifest":
        (folder / MANIFEST).unlink()
    else:
        part = folder / "shard-1-of-2"
        part.mkdir()
        for file in (MANIFEST, ARRAY):
            (folder / file).rename(part / file)
    (found,) = caches(root)
    assert found.size > 2 * 4 * 8 * 3 and found.backbone == ""
    clear(root, "dots")
    assert left(root) == []


def test_a_cache_in_use_is_not_cleared(root):
    folders = [cache(root / name) for name in ("one", "two")]
    cache(root / "three")
    with used(folders), used(folders[:1]):
        assert {one.name for one in caches(root) if one.in_use} == {"one", "two"}
        with pytest.raises(CacheError, match="'one' are in use"):
            clear(root, "one")
        clear(root, "three")
    assert sorted(names(root)) == ["one", "two"]
    assert not list(root.glob("*/used-*"))  # nothing is left of the use
    with FileLock(folders[0] / cache_folders.LOCK), pytest.raises(CacheError):
        clear(root, "one")  # as trainings of older versions do
    for name in names(root):
        clear(root, name)
    assert left(root) == []


def test_a_killed_user_holds_nothing(root):
    folder = cache(root / "dots")
    script = f"""
import time
from pathlib import Path
from captioner.data.cache.cache_folders import used
with used([Path({str(folder)!r})]):
    print("used", flush=True)
    time.sleep(600)
"""
    user = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert user.stdout.readline() == "used\n"
    with pytest.raises(CacheError):
        clear(root, "dots")
    user.kill()
    user.communicate()
    assert list(folder.glob("used-*"))
    clear(root, "dots")
    assert names(root) == []


@pytest.mark.parametrize("name", ["..", "../outside", "", ".", "link", "notes", ".hidden"])
def test_only_caches_in_the_folder_can_be_cleared(root, name, tmp_path):
    for folder in (tmp_path / "outside", tmp_path / "elsewhere", root / ".hidden", root / "dots"):
        cache(folder)
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "notes").mkdir()
    with pytest.raises(CacheError, match="no features"):
        clear(root, name)
    assert names(root) == ["dots"]
    assert (tmp_path / "outside").is_dir() and (tmp_path / "elsewhere" / ARRAY).is_file()


def test_what_an_interrupted_clearing_left_is_deleted_with_the_next(root):
    (cache(root / f"{cache_folders._CLEARED}1") / SOURCE).write_text("cleared")
    (cache(root / "dots") / SOURCE).write_text("dots")
    assert names(root) == ["dots"] and finished_sources(root) == {"dots"}
    clear(root, "dots")
    assert left(root) == []


def test_where_nothing_can_be_renamed_a_cache_is_used_all_the_same(root, monkeypatch):
    folder = cache(root / "dots")
    monkeypatch.setattr(cache_folders.os, "access", lambda path, mode: False)
    with used([folder]):
        assert caches(root)[0].in_use
    assert left(root) == ["dots"]


def test_users_and_clearing_at_the_same_time(root):
    """Whoever uses a cache finds in it what was put there, however often it is cleared."""
    until = time.monotonic() + 0.5

    def use(number: int) -> int:
        times = 0
        while time.monotonic() < until:
            with used([root / "dots"]):
                own = root / "dots" / f"{number}.txt"
                (root / "dots" / MANIFEST).touch()
                own.touch()
                time.sleep(0.001)
                own.unlink()
                times += 1
        return times

    with ThreadPoolExecutor(2) as pool:
        users = [pool.submit(use, number) for number in range(2)]
        cleared = 0
        while not all(user.done() for user in users):
            with suppress(CacheError):
                clear(root, "dots")
                cleared += 1
        assert all(user.result() for user in users) and cleared
