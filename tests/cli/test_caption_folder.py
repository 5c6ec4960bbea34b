"""`caption` of folders: in shards, into a file that a later call goes on with."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from captioner import Captioner
from captioner.cli.caption_file import CaptionFile, CaptionFileError
from captioner.cli.main import main
from tests.support import tiny

PLACES = ("b.png", "a/2.png", "a/1.png", "a.png", "c/d/照片.png", "c/e.png")
SORTED = ("a/1.png", "a/2.png", "a.png", "b.png", "c/d/照片.png", "c/e.png")


@pytest.fixture
def folder(tmp_path):
    """Six photos in several folders."""
    folder = tmp_path / "photos"
    for number, place in enumerate(PLACES):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        colour = ("red", "green", "blue")[number % 3]
        tiny.drawn(colour, ("disc", "square")[number % 2], "white").save(folder / place)
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture
def caption(folder, saved_checkpoint):
    """Captions the folder, with more arguments."""

    def caption(*more) -> int:
        how = ["--checkpoint", str(saved_checkpoint), *map(str, more)]
        return main(["caption", str(folder), *how])

    return caption


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_photos_of_a_folder_are_captioned_in_the_order_of_their_paths(caption, folder, capsys):
    assert caption("--json") == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["photo"] for line in printed] == [str(folder / place) for place in SORTED]
    out = folder.parent / "new" / "captions.jsonl"
    assert caption("--out", out) == 0
    assert lines(out) == printed
    assert "照片" in out.read_text("utf-8")
    assert capsys.readouterr().out == ""
    assert [path.name for path in out.parent.iterdir()] == ["captions.jsonl"]  # no lock stays


@pytest.mark.parametrize("parts", [1, 2, 4, 9])
def test_shards_part_the_photos(caption, tmp_path, folder, parts):
    found = []
    for number in range(1, parts + 1):
        out = tmp_path / f"{number}.jsonl"
        assert caption("--out", out, "--shard", f"{number}/{parts}") == 0
        found.append([line["photo"] for line in lines(out)])
    assert sum(found, []) == [str(folder / place) for place in SORTED]
    assert max(map(len, found)) - min(map(len, found)) <= 1


def test_a_shard_is_printed_without_a_file_and_must_exist(caption, folder, capsys):
    assert caption("--shard", "2/3") == 0
    printed = [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()]
    assert printed == [str(folder / place) for place in SORTED[2:4]]
    assert caption("--shard", "3/2") == 1
    assert "no shard 3/2" in capsys.readouterr().err


@pytest.mark.parametrize("end", ['{"pho', '{"photo": "/x', '{"photo": "/x/y.png", "caption": "a d'])
def test_photos_that_the_file_has_are_skipped_and_half_a_line_is_replaced(
    caption, tmp_path, monkeypatch, end
):
    out = tmp_path / "captions.jsonl"
    caption("--out", out)
    whole = out.read_bytes()
    first = b"".join(whole.splitlines(keepends=True)[:4])
    out.write_bytes(first + end.encode())
    photos = []
    original = Captioner.caption
    monkeypatch.setattr(
        Captioner, "caption", lambda *a, **k: photos.append(a[1]) or original(*a, **k)
    )
    assert caption("--out", out) == 0
    assert out.read_bytes() == whole and len(photos) == 2
    assert caption("--out", out) == 0
    assert out.read_bytes() == whole and len(photos) == 2


def test_photos_that_cannot_be_read_are_noted_and_not_tried_again(caption, folder, capsys):
    (folder / "a" / "0.png").write_bytes(b"no photo")
    os.symlink(folder / "gone.png", folder / os.fsdecode(b"\xff.png"))
    out = folder.parent / "captions.jsonl"
    assert caption("--out", out) == 1
    told = capsys.readouterr().err
    assert f"{folder}/a/0.png: " in told and told.endswith("captions.jsonl: 2\n")
    found = lines(out)
    assert [line["photo"] for line in found if "error" in line] == [
        str(folder / "a" / "0.png"),
        str(folder / os.fsdecode(b"\xff.png")),
    ]
    assert len(found) == 8
    whole = out.read_bytes()
    assert caption("--out", out) == 0  # nothing failed in this call
    told = capsys.readouterr().err
    assert "0.png" not in told and told.endswith("captions.jsonl: 2\n")
    assert out.read_bytes() == whole


@pytest.mark.parametrize(
    "content", ["a diary", "1\n2\n", '{"photo": "a.png", "caption": "a dog"\n', '{"photo": 1}\n']
)
def test_a_file_of_something_else_is_left_as_it_is(caption, tmp_path, capsys, content):
    out = tmp_path / "diary.txt"
    out.write_text(content)
    assert caption("--out", out) == 1
    assert "diary.txt, line 1, was not written" in capsys.readouterr().err
    assert out.read_text() == content


def test_two_processes_do_not_write_one_file(tmp_path):
    out = tmp_path / "captions.jsonl"
    with CaptionFile(out), pytest.raises(CaptionFileError, match="another process"):
        CaptionFile(out)
    with CaptionFile(out) as file:
        assert file.done == 0


@pytest.mark.slow
def test_a_killed_call_is_gone_on_with(caption, folder, saved_checkpoint):
    for number in range(60):  # enough for several at a time
        os.link(folder / "b.png", folder / "c" / f"{number:02}.png")
    out = folder.parent / "captions.jsonl"
    command = [sys.executable, "-m", "captioner", "caption", str(folder), "--out", str(out)]
    process = subprocess.Popen([*command, "--checkpoint", str(saved_checkpoint)])
    try:
        while process.poll() is None and not (out.exists() and out.read_bytes().count(b"\n") > 2):
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = out.read_bytes()
    assert caption("--out", out) == 0
    assert out.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    photos = [line["photo"] for line in lines(out)]
    assert len(photos) == 66 and photos == sorted(photos, key=lambda name: name.split("/"))
