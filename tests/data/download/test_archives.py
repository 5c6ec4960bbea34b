"""Zips from strangers: what is needed comes out, nothing is written elsewhere, all else refused."""

import errno
import io
import random
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data import datasets
from captioner.data.download import archives
from captioner.data.download.archives import ArchiveError, Limits, unpack
from tests.support import process, tiny

SOUND = {
    "Images/a.jpg": b"photo a",
    "Images/b.PNG": b"photo b",
    "captions.txt": b"image,caption\na.jpg,a dog\nb.PNG,a cat\n",
}


def pack(file: Path, members: dict, **settings) -> Path:
    """A zip of {name or ZipInfo: content}."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **settings) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def refused(tmp_path):
    """Unpacks a zip that is to be refused: returns the sentence, and sees that nothing is left."""

    def refuse(file: Path, **settings) -> str:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(ArchiveError) as error:
            unpack(file, tmp_path / "data", **settings)
        assert sorted(tmp_path.rglob("*")) == before
        assert "\n" not in str(error.value) and str(error.value).endswith(".")
        return str(error.value)

    return refuse


@pytest.mark.parametrize("around", ["", "data/", "home/me/data/"])
def test_a_data_set_is_unpacked_without_the_folders_around_it(tmp_path, around):
    file = pack(tmp_path / "x.zip", {around + name: content for name, content in SOUND.items()})
    reported = []
    folder = unpack(file, tmp_path / "new" / "data", lambda *done: reported.append(done))
    assert folder == tmp_path / "new" / "data" and tree(folder) == SOUND
    assert reported == [(1, 3), (2, 3), (3, 3)]
    assert list(folder.parent.iterdir()) == [folder]
    assert datasets.read(folder).captions[folder / "Images" / "a.jpg"] == ["a dog"]


def test_only_what_is_needed_is_unpacked(tmp_path):
    junk = [
        "__MACOSX/Images/._a.jpg",
        "Images/._a.jpg",
        ".DS_Store",
        ".git/b.jpg",
        "run.py",
        "a.md",
    ]
    junk += ["Images/Thumbs.db", "notes.txt", "model.json", "Images/x.svg", "empty/"]
    needed = ["Flickr8k.token.txt", "Flickr_8k.devImages.txt", "annotations/captions_val2017.json"]
    needed += ["annotations/instances_train.json", "train2017/1.jpeg", "2.webp"]
    file = pack(tmp_path / "x.zip", dict.fromkeys([*junk, *needed], b"x"))
    assert set(tree(unpack(file, tmp_path / "data"))) == set(needed)


def test_backslashes_of_windows_tools_are_folders(tmp_path):
    file = pack(tmp_path / "x.zip", {"set\\Images\\a.jpg": b"x", "set\\captions.txt": b"y"})
    assert set(tree(unpack(file, tmp_path / "data"))) == {"Images/a.jpg", "captions.txt"}


def with_names_in(file: Path, encoding: str, members: dict) -> Path:
    """A zip whose names are in an encoding that it does not tell, as old tools write it."""

    class Info(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):
            return self.filename.encode(encoding), 0

    return pack(file, {Info(name): content for name, content in members.items()})


@pytest.mark.parametrize(
    ("encoding", "photo"),
    [
        ("gbk", "照片/狗在草地.jpg"),
        ("gbk", "照片/镕.jpg"),  # not in GB2312
        ("cp437", "Bilder/Mädchen.jpg"),
        ("cp437", "Photos/chien à l'été.jpg"),
        ("utf-8", "照片/狗.jpg"),
        ("cp932", "写真/犬.jpg"),
        ("euc_kr", "사진/개.jpg"),
        ("big5", "相片/貓.jpg"),
        ("cp866", "Фото/собака.jpg"),
    ],
)
def test_names_in_other_encodings_are_those_that_the_captions_use(tmp_path, encoding, photo):
    name = Path(photo).name
    captions = f"image,caption\n{name},a dog\n".encode()
    file = with_names_in(tmp_path / "x.zip", encoding, {photo: b"x", "captions.txt": captions})
    with zipfile.ZipFile(file) as archive:
        assert not any(info.flag_bits & 0x800 for info in archive.infolist())
    found = datasets.read(unpack(file, tmp_path / "data")).captions
    assert {path.name: texts for path, texts in found.items()} == {name: ["a dog"]}


@pytest.mark.parametrize(("encoding", "name"), [("gbk", "狗在草地"), ("cp437", "Mädchen")])
def test_texts_beside_photos_are_unpacked_with_them(tmp_path, encoding, name):
    members = {f"{name}.jpg": b"x", f"{name}.txt": b"a dog", "other.txt": b"x"}
    folder = unpack(with_names_in(tmp_path / "x.zip", encoding, members), tmp_path / "data")
    assert set(tree(folder)) == {f"{name}.jpg", f"{name}.txt"}
    assert list(datasets.read(folder).captions.values()) == [["a dog"]]


# --- refused ----------------------------------------------------------------------------------

HOSTILE = ["../a.jpg", "/a.jpg", "x/../../a.jpg", "..\\a.jpg", "C:\\a.jpg", "c:a.jpg", "\\a.jpg"]
HOSTILE += ["//host/a.jpg", "Images/..", "../run.py"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_out_is_refused(tmp_path, refused, name):
    message = refused(pack(tmp_path / "x.zip", {**SOUND, name: b"out"}))
    assert "outside" in message and repr(name) in message


def test_names_that_no_file_system_takes_are_refused(tmp_path, refused):
    for name in (
        "a" * 300 + ".jpg",
        "Ä" * 130 + ".jpg",
        "b/" * 40 + "a.jpg",
        ("c" * 200 + "/") * 6,
    ):
        message = refused(pack(tmp_path / "x.zip", {**SOUND, name + "x.jpg": b"x"}))
        assert "too long a name" in message and len(message) < 200


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path, refused, kind):
    info = zipfile.ZipInfo("Images/c.jpg")
    info.external_attr = (kind | 0o777) << 16
    message = refused(pack(tmp_path / "x.zip", {**SOUND, info: "/etc/passwd"}))
    assert "link or device" in message and "Images/c.jpg" in message


def test_the_same_name_twice_and_a_file_in_a_file_are_refused(tmp_path, refused):
    with pytest.warns(UserWarning, match="Duplicate"):
        file = pack(tmp_path / "x.zip", SOUND | {zipfile.ZipInfo("Images/a.jpg"): b"again"})
    assert "twice" in refused(file)
    assert "twice" in refused(pack(tmp_path / "x.zip", {**SOUND, "Images//a.jpg": b"again"}))
    assert "in a file" in refused(pack(tmp_path / "x.zip", {**SOUND, "Images/a.jpg/c.jpg": b"c"}))


def test_an_encrypted_zip_is_refused(tmp_path, refused):
    file = pack(tmp_path / "x.zip", SOUND)
    content = bytearray(file.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # where the flags of a member are
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 1)
    file.write_bytes(content)
    assert "password" in refused(file)


def test_rare_ways_of_packing_are_refused(tmp_path, refused):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.jpg", b"x")
    assert "plain zip" in refused(tmp_path / "x.zip")


def test_what_holds_nothing_of_use_or_is_no_zip_is_refused(tmp_path, refused):
    file = tmp_path / "x.zip"
    assert "neither photos nor captions" in refused(pack(file, {"readme.md": b"x"}))
    assert "neither photos nor captions" in refused(pack(file, {}))
    for content in (b"", b"PK", b"Rar!\x1a\x07", bytes(5000)):
        file.write_bytes(content)
        assert "not a zip" in refused(file)


def test_a_damaged_photo_is_found_by_its_sum(tmp_path, refused):
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("Images/a.jpg", b"pixels of a photo")
    file.write_bytes(file.read_bytes().replace(b"pixels", b"pixelz"))
    assert "damaged at 'Images/a.jpg'" in refused(file)


def test_a_folder_that_is_there_stays_as_it_was(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(ArchiveError, match="there already"):
        unpack(pack(tmp_path / "x.zip", SOUND), tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


# --- limits -----------------------------------------------------------------------------------


def test_limits_hold_by_what_the_headers_say(tmp_path, refused):
    file = pack(tmp_path / "x.zip", SOUND)
    assert "too many" in refused(file, limits=Limits(members=2))
    assert "too many" in refused(file, limits=Limits(directory=100))
    assert "a file of more" in refused(file, limits=Limits(member=20))
    assert "files of more" in refused(file, limits=Limits(total=50))
    largest = max(map(len, SOUND.values()))
    exact = Limits(3, 1000, largest, sum(map(len, SOUND.values())))
    assert tree(unpack(file, tmp_path / "data", limits=exact)) == SOUND


@pytest.mark.parametrize("limits", [Limits(member=1000), Limits(total=1000)])
def test_limits_hold_by_what_is_read_whatever_the_headers_say(
    tmp_path, refused, limits, monkeypatch
):
    """The zip says that its photo has 10 bytes; zipfile is made to believe it only that far."""
    file = pack(tmp_path / "bomb.zip", {"a.jpg": bytes(5_000_000)})
    assert file.stat().st_size < 10_000
    content = file.read_bytes()
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(mark) + place
        assert struct.unpack_from("<I", content, at) == (5_000_000,)
        content = content[:at] + struct.pack("<I", 10) + content[at + 4 :]
    file.write_bytes(content)
    assert "damaged" in refused(file, limits=limits)  # zipfile itself stops after 10 bytes
    members = zipfile.ZipFile.open

    def trusting(self, info, *arguments, **more):
        source = members(self, info, *arguments, **more)
        source._left = 5_000_000
        return source

    monkeypatch.setattr(zipfile.ZipFile, "open", trusting)
    assert "of more than" in refused(file, limits=limits)


def test_a_disk_too_small_is_seen_before_anything_is_written(tmp_path, refused, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert "the disk has 0 MB" in refused(pack(tmp_path / "x.zip", SOUND))


def test_a_disk_that_fills_up_is_one_sentence_and_nothing_is_left(tmp_path, refused):
    content = random.Random(0).randbytes(3_000_000)
    file = pack(tmp_path / "x.zip", {"Images/a.jpg": content, "captions.txt": b"x"})
    with tiny.full_disk(1_000_000):
        assert "disk is full" in refused(file)
    assert set(tree(unpack(file, tmp_path / "data"))) == {"Images/a.jpg", "captions.txt"}


def test_other_errors_of_the_file_system_stay_what_they_are(tmp_path, monkeypatch):
    def forbidden(*arguments):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(archives.os, "replace", forbidden)
    with pytest.raises(PermissionError):
        unpack(pack(tmp_path / "x.zip", SOUND), tmp_path / "data")
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


# --- ended on the way -------------------------------------------------------------------------


def test_what_the_report_raises_ends_it_and_nothing_is_left(tmp_path):
    class Stopped(Exception):
        pass

    def stop(done, total):
        raise Stopped

    file = pack(tmp_path / "x.zip", SOUND)
    with pytest.raises(Stopped):
        unpack(file, tmp_path / "data", stop)
    assert list(tmp_path.iterdir()) == [file]


KILLED = """
import os, signal, sys
from captioner.data.download.archives import unpack
unpack(sys.argv[1], sys.argv[2], lambda done, total: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_call_that_was_killed_leaves_no_half_folder(tmp_path):
    file = pack(tmp_path / "x.zip", SOUND)
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(file), str(tmp_path / "data")],
        env=process.environment(),
        timeout=60,
    )
    assert run.returncode == -signal.SIGKILL
    assert not (tmp_path / "data").exists() and (tmp_path / ".data.unpacking").is_dir()
    assert tree(unpack(file, tmp_path / "data")) == SOUND
    assert {path.name for path in tmp_path.iterdir()} == {"x.zip", "data"}


# --- whatever comes ---------------------------------------------------------------------------

part = st.sampled_from(["..", ".", "", "a", "Images", "C:", "~", "a.jpg", "captions.txt", "\0"])
part |= st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = st.builds(
    lambda parts, between, end: between.join(parts) + end,
    st.lists(part, min_size=1, max_size=5),
    st.sampled_from(["/", "\\", "//"]),
    st.sampled_from(["", ".jpg", "/", "/captions.txt"]),
)


def unpack_anything(content: bytes) -> None:
    """Either refused with a sentence, or all that was written is in the folder."""
    with tempfile.TemporaryDirectory() as name:
        outer = Path(name) / "outer"
        outer.mkdir()
        (outer / "x.zip").write_bytes(content)
        try:
            unpack(outer / "x.zip", outer / "data")
        except ArchiveError:
            assert {path.name for path in outer.iterdir()} == {"x.zip"}
        else:
            assert {path.name for path in outer.iterdir()} == {"x.zip", "data"}
            assert not any(path.is_symlink() for path in outer.rglob("*"))
        assert [path.name for path in Path(name).iterdir()] == ["outer"]


@settings(max_examples=200)
@given(st.lists(names, min_size=1, max_size=4, unique=True))
def test_no_name_leads_out_of_the_folder(members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in members:
            archive.writestr(zipfile.ZipInfo(name), b"x")
    unpack_anything(content.getvalue())


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damage_is_refused_or_harmless(changes):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in SOUND.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    damaged = bytearray(content.getvalue())
    for place, value in changes:
        damaged[place % len(damaged)] = value
    unpack_anything(bytes(damaged))
