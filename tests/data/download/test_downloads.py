"""Data sets from a host of our own: fetched, checked, put in place; whole after any kill."""

import hashlib
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from captioner.data import datasets
from captioner.data.download import archives, downloads, transfer
from captioner.data.download.downloads import Archive, Download, DownloadError, fetch, is_unfinished
from tests.support.data.file_server import file_server


def packed(members: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


TEXT = packed(
    {
        "Flickr8k.token.txt": "a.jpg#0\tA dog .\nb.jpg#0\tA cat .\n",
        "Flickr_8k.trainImages.txt": "a.jpg\n",
        "Flickr_8k.devImages.txt": "b.jpg\n",
        "readme.txt": "cite us",
        "__MACOSX/._readme.txt": "junk",
    }
)
PHOTOS = packed({f"Flicker8k_Dataset/{name}": name * 20_000 for name in ("a.jpg", "b.jpg")})


def small(address: str) -> Download:
    """Laid out as Flickr8k is."""
    found = [
        Archive(f"{address}/{name}", len(content), f"md5:{hashlib.md5(content).hexdigest()}", place)
        for name, content, place in (("text.zip", TEXT, ""), ("photos.zip", PHOTOS, "Images"))
    ]
    return Download("Small", "All may use it.", "Us 2026", tuple(found))


@pytest.fixture(autouse=True)
def here_and_now(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(transfer, "PAUSE", 0.0)


@pytest.fixture
def server(monkeypatch):
    with file_server({"/text.zip": TEXT, "/photos.zip": PHOTOS}) as running:
        monkeypatch.setitem(downloads.DOWNLOADS, "small", small(running.address))
        yield running


def is_whole(folder: Path) -> None:
    dataset = datasets.read(folder)
    assert {path.name: texts for path, texts in dataset.captions.items()} == {
        "a.jpg": ["A dog ."],
        "b.jpg": ["A cat ."],
    }
    assert [path.name for path in dataset.split("dev")] == ["b.jpg"]
    assert {path.name for path in folder.iterdir()} == {
        "Flickr8k.token.txt",
        "Flickr_8k.trainImages.txt",
        "Flickr_8k.devImages.txt",
        "Images",
        "download.json",
    }


def test_a_data_set_is_fetched_once_and_read(server, tmp_path):
    reported = []
    for _ in range(2):
        folder = fetch("small", tmp_path / "new" / "small", lambda *done: reported.append(done))
        is_whole(folder)
    assert server.requests == [("/text.zip", 0), ("/photos.zip", 0)]
    record = json.loads((folder / "download.json").read_text())
    assert (record["title"], record["licence"]) == ("Small", "All may use it.")
    assert set(record["finished"]) == {"text.zip", "photos.zip"}
    loaded = [(done, total) for doing, done, total in reported if doing == "downloading"]
    assert loaded == sorted(loaded) and loaded[-1] == (len(TEXT) + len(PHOTOS),) * 2
    assert [done for doing, *done in reported if doing == "unpacking"] == [
        *([n, 3] for n in (1, 2, 3)),
        *([n, 2] for n in (1, 2)),
    ]


def test_unknown_names_are_told_the_known_ones(tmp_path):
    with pytest.raises(DownloadError, match="flickr8k, coco2014, coco2017"):
        fetch("imagenet", tmp_path)


class Stopped(Exception):
    pass


@pytest.mark.parametrize("stage", ["downloading", "checking", "unpacking"])
def test_it_stops_in_any_stage_and_goes_on(server, tmp_path, stage):
    def stop(doing, done, total):
        if doing == stage:
            raise Stopped

    with pytest.raises(Stopped):
        fetch("small", tmp_path, stop)
    assert is_unfinished("small", tmp_path)
    fetch("small", tmp_path)
    is_whole(tmp_path)
    assert not is_unfinished("small", tmp_path)


def test_data_of_ones_own_are_no_unfinished_download(server, tmp_path):
    (tmp_path / "captions.txt").write_text("image,caption")
    assert not is_unfinished("small", tmp_path) and not is_unfinished("mine", tmp_path)
    assert not is_unfinished("small", tmp_path / "no")


def test_archives_put_there_by_hand_are_used(server, tmp_path):
    (tmp_path / "photos.zip").write_bytes(PHOTOS)
    fetch("small", tmp_path)
    is_whole(tmp_path)
    assert server.requests == [("/text.zip", 0)]


def test_offline_it_says_so_and_goes_on_once_archives_are_put_there(server, tmp_path, monkeypatch):
    monkeypatch.setitem(downloads.DOWNLOADS, "small", small("http://no-such-host.invalid"))
    for name, content in (("text.zip", TEXT), ("photos.zip", PHOTOS)):
        with pytest.raises(DownloadError, match=f"put http.*{name}.* into {tmp_path}"):
            fetch("small", tmp_path)
        (tmp_path / name).write_bytes(content)
    fetch("small", tmp_path)
    is_whole(tmp_path)


def test_what_is_there_already_is_never_replaced(server, tmp_path):
    (tmp_path / "Images").mkdir()
    (tmp_path / "Images" / "mine.jpg").touch()
    with pytest.raises(DownloadError, match="Images is there already"):
        fetch("small", tmp_path)
    assert server.requests == []
    (tmp_path / "Images" / "mine.jpg").rename(tmp_path / "Flickr8k.token.txt")
    (tmp_path / "Images").rmdir()
    with pytest.raises(DownloadError, match="Flickr8k.token.txt is there already"):
        fetch("small", tmp_path)
    assert (tmp_path / "Flickr8k.token.txt").read_bytes() == b""


def test_a_folder_of_another_download_is_refused(server, tmp_path):
    fetch("small", tmp_path)
    with pytest.raises(DownloadError, match="is for Small"):
        fetch("flickr8k", tmp_path)
    for damaged in ("{", "[]", '{"finished": 3, "placing": "", "title": "Small"}'):
        (tmp_path / "download.json").write_text(damaged)
        with pytest.raises(DownloadError, match="damaged"):
            fetch("small", tmp_path)


def test_too_small_a_disk_is_seen_before_anything_is_fetched(server, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    needed = len(TEXT) + 2 * len(PHOTOS)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=needed - 1))
    with pytest.raises(DownloadError, match=r"Small needs 0.0 GB .* has 0.0 GB free"):
        fetch("small", tmp_path)
    assert server.requests == []
    (tmp_path / "photos.zip.part").write_bytes(PHOTOS[:1])  # takes room already
    fetch("small", tmp_path)
    is_whole(tmp_path)


def test_a_zip_that_is_damaged_though_it_came_as_it_should_is_one_sentence(server, tmp_path):
    bad = PHOTOS.replace(b"a.jpga.jpg", b"a.jpga.jpx", 1)
    known = small(server.address)
    server.files["/photos.zip"] = bad
    archive = Archive(
        known.archives[1].url, len(bad), f"md5:{hashlib.md5(bad).hexdigest()}", "Images"
    )
    downloads.DOWNLOADS["small"] = Download("Small", "", "", (known.archives[0], archive))
    with pytest.raises(archives.ArchiveError, match="damaged at 'Flicker8k_Dataset/a.jpg'"):
        fetch("small", tmp_path)


class Killed(BaseException):
    pass


def test_killed_before_any_move_or_removal_it_is_whole_later(server, tmp_path, monkeypatch):
    """As a kill does it, but for files that `finally` removes; transfers and unpacking have tests
    of their own with real kills."""
    happened = []

    def mortal(function):
        def step(*arguments, **settings):
            happened.append(function)
            if len(happened) == moment:
                raise Killed
            return function(*arguments, **settings)

        return step

    for moment in range(1, 100):
        folder = tmp_path / str(moment)
        happened.clear()
        with monkeypatch.context() as patched:
            for owner, name in ((os, "replace"), (shutil, "rmtree"), (Path, "unlink")):
                patched.setattr(owner, name, mortal(getattr(owner, name)))
            try:
                fetch("small", folder)
            except Killed:
                pass
            else:
                break
        fetch("small", folder)
        is_whole(folder)
    assert moment > 15 and {step.__name__ for step in happened} == {"replace", "rmtree", "unlink"}
