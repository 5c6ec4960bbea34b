"""Boxes of COCO's instances: those of the built-in scenes, and files that are not as they should
be."""

import json

import pytest

from captioner import scenes
from captioner.data.boxes import Box
from captioner.data.dataset import DatasetError
from captioner.data.formats.coco import read_boxes

IMAGE = {"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}
DOG = {"id": 7, "name": "dog"}


def written(tmp_path, content, name="instances_val2017.json"):
    (tmp_path / "annotations").mkdir(exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "annotations" / name).write_text(text, encoding="utf-8")
    return tmp_path


def instances(*annotations, images=(IMAGE,), categories=(DOG,)):
    return {
        "images": list(images),
        "annotations": list(annotations),
        "categories": list(categories),
    }


def dog(*bbox, image=1, category=7):
    return {"image_id": image, "category_id": category, "bbox": list(bbox)}


def test_edges_are_shares_of_the_photo(tmp_path):
    folder = written(tmp_path, instances(dog(50, 10, 100, 80)))
    assert read_boxes(folder, "dev") == {"a.jpg": [Box("dog", 0.25, 0.1, 0.75, 0.9)]}


def test_splits_keep_apart(tmp_path):
    written(tmp_path, instances(dog(0, 0, 20, 20)), "instances_train2017.json")
    folder = written(tmp_path, instances(dog(0, 0, 200, 100)))
    assert read_boxes(folder, "train")["a.jpg"] == [Box("dog", 0, 0, 0.1, 0.2)]
    assert read_boxes(folder, "dev")["a.jpg"] == [Box("dog", 0, 0, 1, 1)]
    assert read_boxes(folder, "test") == {}


def test_a_photo_without_objects_has_no_boxes(tmp_path):
    assert read_boxes(written(tmp_path, instances()), "dev") == {"a.jpg": []}


def test_a_data_set_without_instances_has_none(tmp_path):
    assert read_boxes(tmp_path, "dev") == {}


def test_scenes_have_the_boxes_that_were_drawn(tmp_path):
    folder = scenes.write(tmp_path / "scenes", 20, seed=2, size=64)
    found = {split: read_boxes(folder, split) for split in ("train", "dev", "test")}
    assert [len(photos) for photos in found.values()] == [16, 2, 2]
    for name, drawn in (("000000.png", found["train"]), ("000018.png", found["dev"])):
        objects = scenes.draw(2, int(name[:6]), 64).objects
        assert drawn[name] == [Box(o.noun, *(edge / 64 for edge in o.box)) for o in objects]
        assert {box.category for box in drawn[name]} <= set(scenes.NOUNS.values())


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        dog(0, 0, 1),
        dog(0, 0, 1, "2"),
        dog(0, 0, 1, float("nan")),
        dog(0, 0, 1, 1, image=2),
        dog(0, 0, 1, 1, category=[]),
    ],
)
def test_malformed_entries_are_left_out(tmp_path, entry):
    folder = written(tmp_path, instances(entry, dog(0, 0, 20, 10)))
    assert read_boxes(folder, "dev") == {"a.jpg": [Box("dog", 0, 0, 0.1, 0.1)]}


@pytest.mark.parametrize(
    "image",
    [
        IMAGE | {"width": 0},
        IMAGE | {"height": "100"},
        IMAGE | {"file_name": ""},
        {"id": 1, "file_name": "a.jpg"},
    ],
)
def test_photos_of_unknown_size_have_no_boxes(tmp_path, image):
    folder = written(tmp_path, instances(dog(0, 0, 20, 10), images=[image]))
    assert read_boxes(folder, "dev") == {}


@pytest.mark.parametrize("content", ["{", "[]", '{"images": []}', "[" * 100_000])
def test_files_that_are_not_cocos_are_refused(tmp_path, content):
    with pytest.raises(DatasetError, match="instances_val2017.json"):
        read_boxes(written(tmp_path, content), "dev")
