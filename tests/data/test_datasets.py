"""Data sets of any format: read or refused with a reason, and nothing held out leaks."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.datasets import DatasetError, photo_files, read
from tests.support.data.data_folders import captions, make, make_coco, split_names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Flickr8k__token__txt", "a.jpg#0\tdog\nx.jpg#0\tnone\nx.jpg#1\tnone\ny.jpg.1#0\tnone\n"),
        ("captions__txt", "image,caption\na.jpg,dog\nx.jpg,none\nx.jpg,none\ny.jpg.1,none\n"),
    ],
)
def test_captions_without_photo_and_photos_without_caption_are_counted(tmp_path, name, text):
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg", "Thumbs.db"], **{name: text}))
    assert captions(dataset) == {"a.jpg": ["dog"]}
    assert dataset.notes == [
        "photos with captions that are not there: 2",
        "photos without captions: 1",
        "one photo is not split: nothing is held out, so scores mean little",
    ]
    assert dataset.missing == ["x.jpg", "y.jpg.1"]
    assert [path.name for path in dataset.uncaptioned] == ["b.jpg"]


def test_what_is_no_data_set_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="is not a folder"):
        read(tmp_path / "none")
    with pytest.raises(DatasetError, match="holds no data set"):
        read(tmp_path)
    with pytest.raises(DatasetError, match="none of the captions"):
        read(make(tmp_path, Flickr8k__token__txt="a.jpg#0\tA dog .\n"))
    (tmp_path / "Images").rmdir()
    with pytest.raises(DatasetError, match="none of the captions"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["Flickr8k__token__txt", "captions__txt"])
def test_text_that_is_not_utf8_is_refused(tmp_path, name):
    folder = make(tmp_path, ["a.jpg"], **{name: b"a.jpg#0\tA na\xefve dog .\n"})
    with pytest.raises(DatasetError, match=r"not UTF-8 text \(byte \d+\); save it as UTF-8"):
        read(folder)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200), st.sampled_from(["Flickr8k__token__txt", "captions__txt"]))
def test_any_bytes_are_read_or_refused(data, file):
    with tempfile.TemporaryDirectory() as folder:
        sound = b"a.jpg#0\tA dog\n" if "token" in file else b"image,caption\na.jpg,A dog\n"
        make(Path(folder), ["a.jpg"], **{file: sound + data})
        try:
            dataset = read(folder)
        except DatasetError as error:
            assert "UTF-8" in str(error) or "quotes" in str(error)
        else:
            assert captions(dataset)["a.jpg"][0].startswith("A dog")


@pytest.fixture
def flickr(tmp_path):
    return make(
        tmp_path / "data" / "flickr",
        ["train.jpg", "dev.jpg", "silent-dev.png", "test.JPG", "neither.webp", "notes.txt"],
        Flickr8k__token__txt="".join(f"{n}#0\tA dog .\n" for n in ("train.jpg", "dev.jpg")),
        Flickr_8k__trainImages__txt="train.jpg\n",
        Flickr_8k__devImages__txt="dev.jpg\nsilent-dev.png\n",
        Flickr_8k__testImages__txt="test.JPG\n",
    )


def test_photo_files_leaves_out_what_is_held_out(flickr):
    names = ["neither.webp", "train.jpg"]
    for folder in (flickr, flickr / "Images", flickr.parent, str(flickr)):
        assert [path.name for path in photo_files(folder)] == names
    assert photo_files(flickr) == [flickr / "Images" / name for name in names]


def test_photo_files_from_inside_images(flickr, monkeypatch):
    monkeypatch.chdir(flickr / "Images")
    assert [str(path) for path in photo_files(".")] == ["neither.webp", "train.jpg"]


def test_photo_files_of_captions_txt_leaves_out_its_dev_photos(tmp_path):
    names = [f"{i:03}.jpg" for i in range(20)]
    lines = "".join(f"{name},a dog\n" for name in names)
    folder = make(tmp_path, names, captions__txt=lines)
    found = {path.name for path in photo_files(folder)}
    assert found == set(names) - set(names[9::10])
    assert not found & set(split_names(read(folder))["dev"])


def test_photo_files_of_a_plain_folder(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("b.PNG", "a.jpeg", "deep/er/c.webp", "deep/readme.md", "captions.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    names = [str(path.relative_to(tmp_path)) for path in photo_files(tmp_path)]
    assert names == ["a.jpeg", "b.PNG", "deep/er/c.webp"]


def test_photo_files_of_nothing(tmp_path):
    with pytest.raises(DatasetError, match="no photos"):
        photo_files(tmp_path)
    with pytest.raises(DatasetError, match="no photos"):
        photo_files(tmp_path / "none")


@pytest.mark.parametrize("images", ["{}", "images/{}", "images"])
def test_photo_files_of_coco_leaves_out_what_is_held_out(tmp_path, images):
    written = {"train": {"a.jpg": ["x"]}, "val": {"b.jpg": ["x"], "silent.jpg": []}}
    folder = make_coco(tmp_path / "data" / "coco", images, **written, test={"c.jpg": ["x"]})
    within = folder / images.format("train")
    (within / "neither.jpg").touch()
    for start in (folder.parent, folder, within):
        assert {path.name for path in photo_files(start)} == {"a.jpg", "neither.jpg"}
