"""The data that can be chosen, and uploaded zips."""

import json
import zipfile

import pytest

from captioner.data import datasets
from captioner.ui.shared import data_sources
from tests.support import tiny


def zipped(folder, file):
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return file


def test_an_uploaded_zip_becomes_a_data_set(tmp_path):
    folder = tiny.data_folder(tmp_path / "made" / "photos")
    file = zipped(folder, tmp_path / "my: photos!.zip")
    root = tmp_path / "datasets"
    found = [data_sources.unpack([file], root) for _ in range(2)]
    assert [f.name for f in found] == ["my photos", "my photos 2"]
    assert ("my photos", str(found[0])) in data_sources.choices(root)
    text, examples = data_sources.describe(str(found[0]))
    assert "18 photos (12 in train, 6 in dev), 36 captions" in text
    assert len(examples) == 8 and all(" on " in caption for _, caption in examples)


def test_what_is_left_out_is_listed_by_name(tmp_path):
    folder = tiny.data_folder(tmp_path / "made")
    first, second, *_ = sorted((folder / "Images").iterdir())
    first.unlink()
    second.rename(second.with_name("*_odd_*.png"))
    captions = folder / "Flickr8k.token.txt"
    captions.write_text(captions.read_text().replace(second.name, "*_odd_*.png"))
    (folder / "Images" / "*_odd_*.png").write_bytes(b"no photo")
    text, _ = data_sources.describe(str(folder))
    shown = text.replace("\\", "")  # escapes, so that names show as they are
    assert shown.endswith(
        f"\n\n- Photos with captions that are not there: 1 ({first.name})."
        "\n- Photos that cannot be read: 1 (*_odd_*.png)."
    )
    assert r"(\*\_odd\_\*.png)" in text


def test_a_zip_without_a_data_set_leaves_nothing(tmp_path):
    folder = tmp_path / "made"
    tiny.photo_files(folder)
    file = zipped(folder, tmp_path / "only photos.zip")
    with pytest.raises(ValueError, match="only photos.zip"):
        data_sources.unpack([file], tmp_path / "datasets")
    assert list((tmp_path / "datasets").iterdir()) == []
    (tmp_path / "no.zip").write_text("no zip at all")
    with pytest.raises(ValueError):
        data_sources.unpack([tmp_path / "no.zip"], tmp_path / "datasets")
    assert list((tmp_path / "datasets").iterdir()) == []


@pytest.mark.parametrize(
    ("photos", "texts"),
    [
        ("Flicker8k_Dataset", "Flickr8k_text/Flickr8k.token.txt"),
        ("Flickr8k_Dataset", "Flickr8k.token.txt"),
        ("val2017", "annotations/captions_val2017.json"),
        ("photos", "captions.txt"),
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_photos_and_captions_may_be_in_one_zip_or_two(tmp_path, photos, texts, count):
    coco = {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [{"image_id": 1, "caption": "a dog"}],
    }
    content = "image,caption\na.jpg,a dog\n" if texts == "captions.txt" else "a.jpg#0\ta dog\n"
    members = {f"{photos}/a.jpg": "", texts: json.dumps(coco) if "json" in texts else content}
    files = [tmp_path / f"{number}.zip" for number in range(count)]
    for number, (name, text) in enumerate(members.items()):
        with zipfile.ZipFile(files[number % count], "a") as archive:
            archive.writestr(name, text)
    folder = data_sources.unpack(files, tmp_path / "datasets")
    assert list(datasets.read(folder).captions.values()) == [["a dog"]]


def test_two_zips_with_captions_of_one_name_are_refused(tmp_path):
    files = [tmp_path / f"{name}.zip" for name in ("photos", "train", "dev")]
    members = (("a.jpg", ""), *[("captions.txt", "image,caption\na.jpg,a dog\n")] * 2)
    for file, member in zip(files, members, strict=True):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(*member)
    with pytest.raises(ValueError, match=r"dev\.zip: two of them hold captions\.txt"):
        data_sources.unpack(files, tmp_path / "datasets")
    assert list((tmp_path / "datasets").iterdir()) == []


def test_scenes_come_first_and_existing_data_are_not_downloaded_again(tmp_path):
    offered = data_sources.choices(tmp_path / "datasets")
    assert offered[0][1] == data_sources.SCENES
    assert {value for _, value in offered[1:]} == {
        "download:flickr8k", "download:coco2014", "download:coco2017"
    }  # fmt: skip
    (tmp_path / "datasets" / "flickr8k").mkdir(parents=True)  # as a download begins
    assert data_sources.choices(tmp_path / "datasets") == offered
    tiny.data_folder(tmp_path / "datasets" / "flickr8k")
    assert "download:flickr8k" not in dict(data_sources.choices(tmp_path / "datasets")).values()


def test_the_licence_of_a_download_is_shown():
    text, examples = data_sources.describe("download:flickr8k")
    assert "1.1 GB" in text and "Hodosh" in text and examples == []
