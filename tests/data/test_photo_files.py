"""Photos are found by the names that captions use for them, and by nothing else."""

import os
import unicodedata
from pathlib import Path

import pytest

from captioner.data.datasets import DatasetError, read
from captioner.data.photo_files import PhotoFiles, walk, walk_names


def photos(folder: Path, *names: str) -> PhotoFiles:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return PhotoFiles(folder)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Images/a.jpg", "a.jpg"),
        ("images/a.jpg", "a.jpg"),
        ("Flickr8k_Dataset/a.jpg", "a.jpg"),
        ("Flicker8k_Dataset/a.jpg", "a.jpg"),
        ("deep/in/a folder/a.jpg", "a.jpg"),
        ("a.jpg", "a.jpg"),
        ("Images/a.JPG", "a.jpg"),
        ("Images/A.jpg", "a.JPG"),
        ("Images/a.jpg", "Images\\a.jpg"),
        ("Images/a.jpg", "/home/her/data/a.jpg"),
        ("Images/a.jpg", "../Images/./a.jpg"),
        (nfd("Images/Mädchen.jpg"), "Mädchen.jpg"),
        ("Images/Mädchen.jpg", nfd("Mädchen.jpg")),
        ("Images/a.heic", "a"),
        ("Images/a.b.png", "a.b"),
    ],
)
def test_a_photo_is_found(tmp_path, file, name):
    assert photos(tmp_path, file).find(name) == tmp_path / file


@pytest.mark.parametrize("name", ["b.jpg", "", "/", "..", "a.png", "a.jpg.1", "x/"])
def test_what_is_not_there_is_not_found(tmp_path, name):
    found = photos(tmp_path / "data", "a.jpg", "notes.txt", ".hidden/b.jpg", "__MACOSX/b.jpg")
    (tmp_path / "b.jpg").touch()
    assert found.find(name) is None and found.find("notes.txt") is None
    assert found.paths == [tmp_path / "data" / "a.jpg"]


def test_of_several_that_with_the_same_folders_then_the_same_letters_is_meant(tmp_path):
    found = photos(tmp_path, "train/1.jpg", "val/1.jpg", "val/deep/1.JPG", "2.jpg", "x/2.jpg")
    assert found.find("val/1.jpg") == tmp_path / "val" / "1.jpg"
    assert found.find("data\\train\\1.jpg") == tmp_path / "train" / "1.jpg"
    assert found.find("1.JPG") == tmp_path / "val" / "deep" / "1.JPG"
    assert found.find("2.jpg") == tmp_path / "2.jpg"


def test_links_to_folders_are_followed_once(tmp_path):
    photos(tmp_path / "elsewhere", "a.jpg")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "Images").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "again").symlink_to(tmp_path / "elsewhere")
    assert PhotoFiles(tmp_path / "data").paths == [tmp_path / "data" / "Images" / "a.jpg"]


@pytest.mark.parametrize("folder", [".", "a", "./a/../a", ""])
def test_names_are_the_paths_as_strings(tmp_path, monkeypatch, folder):
    photos(tmp_path, "b.jpg", "a/2.jpg", "a/b/1.png")
    monkeypatch.chdir(tmp_path)
    names = list(walk_names(Path(folder)))
    assert names == list(map(str, walk(Path(folder)))) and "a/2.jpg" in map(os.path.normpath, names)


def test_if_no_photo_is_there_one_that_was_sought_and_one_that_is_there_are_named(tmp_path):
    photos(tmp_path, "Pictures/cat.jpg")
    (tmp_path / "captions.txt").write_text("image,caption\ndog.jpg,a dog\n")
    with pytest.raises(DatasetError) as error:
        read(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: none of the captions has its photo there; dog.jpg was sought in {tmp_path} "
        f"and the folders in it, where there is {Path('Pictures/cat.jpg')}"
    )
