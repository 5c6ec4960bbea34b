"""COCO: its layouts and years; malformed entries are counted; photos are split once."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.datasets import DatasetError, read
from tests.support.data.data_folders import captions, held_out, make_coco, split_names, write_coco


@pytest.mark.parametrize("images", ["{}", "images/{}", "images"])
def test_coco(tmp_path, images):
    written = {
        "train2017": {"1.jpg": ["A dog .", "A brown\n dog"]},
        "val2017": {"2.jpg": ["A cat"]},
    }
    dataset = read(make_coco(tmp_path, images, **written))
    assert captions(dataset) == {"1.jpg": ["A dog .", "A brown dog"], "2.jpg": ["A cat"]}
    assert split_names(dataset) == {"train": ["1.jpg"], "dev": ["2.jpg"], "test": []}
    assert dataset.split("dev") == [tmp_path / images.format("val2017") / "2.jpg"]
    assert dataset.notes == [] and dataset.name == tmp_path.name


def test_coco_without_a_dev_file_holds_out_the_last_of_a_few_photos(tmp_path):
    written = {
        "train": {"b.jpg": ["x"], "a.jpg": ["x"], "silent.jpg": []},
        "test": {"c.jpg": ["x"]},
    }
    dataset = read(make_coco(tmp_path, "{}", **written))
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": ["c.jpg"]}
    assert dataset.notes[-1] == held_out(1)


def test_coco_without_a_train_file_stays_as_it_is(tmp_path):
    dataset = read(make_coco(tmp_path, "{}", val2017={"a.jpg": ["x"], "b.jpg": ["x"]}))
    assert split_names(dataset) == {"train": [], "dev": ["a.jpg", "b.jpg"], "test": []}


def test_coco_of_2014_and_2017_in_one_folder_gives_each_photo_once(tmp_path):
    old, new = "COCO_train2014_000000000009.jpg", "000000000009.jpg"
    other = "COCO_val2014_000000000042.jpg"
    make_coco(tmp_path, "{}", train2014={old: ["a"]}, val2014={other: ["b"]}, val2017={new: ["c"]})
    dataset = read(tmp_path)
    assert split_names(dataset) == {"train": [], "dev": [other, new], "test": []}
    assert captions(dataset) == {other: ["b"], new: ["c"]}
    assert "photos that another split has, too, left out: 1" in dataset.notes


def test_a_photo_in_several_coco_splits_is_not_trained_on(tmp_path):
    written = {"a.jpg": ["x"], "b.jpg": ["x"], "c.jpg": ["x"]}
    parts = {"train": written, "dev": {"b.jpg": ["y"], "c.jpg": ["y"]}, "test": {"c.jpg": ["z"]}}
    dataset = read(make_coco(tmp_path, "{}", **parts))
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": ["c.jpg"]}
    assert captions(dataset) == {"a.jpg": ["x"], "b.jpg": ["y"], "c.jpg": ["z"]}
    assert {photo.parent.name for photo in dataset.split("dev")} == {"dev"}


def test_the_same_coco_photo_twice_has_the_captions_of_both(tmp_path):
    make_coco(tmp_path, train={"a.jpg": ["one"]})
    images = [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "a.jpg"}]
    written = [{"image_id": 1, "caption": "one"}, {"image_id": 2, "caption": "two"}]
    write_coco(tmp_path, "train", images=images, annotations=written)
    dataset = read(tmp_path)
    assert captions(dataset) == {"a.jpg": ["one", "two"]}
    assert split_names(dataset)["train"] == ["a.jpg"]


def test_coco_entries_that_are_malformed_or_missing_are_counted(tmp_path):
    make_coco(tmp_path, train={"a.jpg": ["a dog"], "silent.jpg": []})
    images = [{"id": "a", "file_name": "a.jpg"}, {"id": 2, "file_name": "gone.jpg"}]
    images += [{"id": 3, "file_name": "silent.jpg"}, {"id": [], "file_name": "a.jpg"}, {"id": 4}, 5]
    written = [{"image_id": "a", "caption": "a dog"}, {"image_id": 2, "caption": "nowhere"}]
    written += [{"image_id": 9, "caption": "of nothing"}, {"image_id": {}, "caption": "x"}, None]
    written += [{"image_id": "a", "caption": ["x"]}, {"image_id": "a", "caption": "  "}]
    write_coco(tmp_path, "train", images=images, annotations=written)
    dataset = read(tmp_path)
    assert captions(dataset) == {"a.jpg": ["a dog"]}
    assert dataset.notes == [
        "malformed entries of captions_train.json, left out: 7",
        "photos with captions that are not there: 1",
        "photos without captions: 1",
        "one photo is not split: nothing is held out, so scores mean little",
    ]


def test_coco_names_lead_nowhere_else(tmp_path):
    (tmp_path / "secret.jpg").touch()
    folder = make_coco(tmp_path / "data", train={"a.jpg": ["a dog"]})
    images = [{"id": 1, "file_name": "../../secret.jpg"}, {"id": 2, "file_name": "train/a.jpg"}]
    images += [{"id": 3, "file_name": str(tmp_path / "secret.jpg")}]
    written = [{"image_id": n, "caption": f"number {n}"} for n in (1, 2, 3)]
    write_coco(folder, "train", images=images, annotations=written)
    assert captions(read(folder)) == {"a.jpg": ["number 2"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "lacks COCO's lists"),
        (b'{"images": []}', "lacks COCO's lists"),
        (b'{"images": {}, "annotations": "no"}', "lacks COCO's lists"),
        (b'{"images": [], "annotations": []}', "holds no captions"),
    ],
)
def test_a_coco_file_that_is_none_is_refused(tmp_path, content, message):
    folder = make_coco(tmp_path, dev={"a.jpg": ["a dog"]} if b"lists" in content else {})
    (folder / "annotations" / "captions_train2014.json").write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        read(folder)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values),
    max_leaves=8,
)
entries = st.fixed_dictionaries(
    {}, optional={key: json_values for key in ("id", "image_id", "file_name", "caption")}
)


@settings(deadline=None, max_examples=60)
@given(st.lists(entries | json_values, max_size=5), st.lists(entries | json_values, max_size=5))
def test_any_coco_entries_beside_sound_ones_are_left_out(images, annotations):
    with tempfile.TemporaryDirectory() as folder:
        make_coco(Path(folder), train={"a.jpg": []})
        images = [*images, {"id": "sound", "file_name": "a.jpg"}]
        annotations = [*annotations, {"image_id": "sound", "caption": "a dog"}]
        write_coco(Path(folder), "train", images=images, annotations=annotations)
        assert captions(read(folder))["a.jpg"][-1] == "a dog"
