"""Words of captions, and the objects that they name."""

import json

from captioner.data import datasets, grounding
from captioner.data.boxes import Box


def write(folder, categories, annotations):
    """A data set of one photo in train and one in dev, with the boxes of the latter."""
    (folder / "annotations").mkdir(parents=True)
    for split, name in (("train", "a.jpg"), ("val", "b.jpg")):
        (folder / split).mkdir()
        (folder / split / name).touch()
        images = [{"id": 1, "file_name": name, "width": 100, "height": 50}]
        captions = [{"image_id": 1, "caption": "two people on a couch"}]
        content = {"images": images, "annotations": captions}
        (folder / "annotations" / f"captions_{split}.json").write_text(json.dumps(content))
    kinds = [{"id": number, "name": name} for number, name in enumerate(categories)]
    found = [
        {"image_id": 1, "category_id": categories.index(name), "bbox": box}
        for name, box in annotations
    ]
    content = {"images": images, "annotations": found, "categories": kinds}
    (folder / "annotations" / "instances_val.json").write_text(json.dumps(content))
    return datasets.read(folder)


def test_words_name_objects_of_coco_s_categories(tmp_path):
    categories = ["person", "couch", "traffic light"]
    boxes = [
        ("person", [0, 0, 50, 50]),
        ("couch", [50, 0, 50, 25]),
        ("traffic light", [0, 0, 1, 1]),
    ]
    dataset = write(tmp_path, categories, boxes)
    found = grounding.read(tmp_path, dataset, "dev")
    (photo,) = dataset.splits["dev"]
    person, sofa = Box("person", 0, 0, 0.5, 1), Box("sofa", 0.5, 0, 1, 0.5)
    assert list(found.boxes) == [photo] and found.categories == {"person", "sofa"}
    for word in ("man", "people", "surfer"):
        assert found.objects(photo, word) == [person]
    assert found.objects(photo, "couch") == found.objects(photo, "sofa") == [sofa]
    for word in ("dog", "on", "light", ""):
        assert found.objects(photo, word) == []
    assert found.objects(tmp_path / "b.jpg", "man") == []  # of that name, but another photo
    assert not found.complete


def test_without_boxes_nothing_is_known(tmp_path):
    dataset = write(tmp_path, ["person"], [])
    assert grounding.read(tmp_path, dataset, "train").boxes == {}
    (photo,) = dataset.splits["dev"]
    assert grounding.read(tmp_path, dataset, "dev").boxes == {photo: []}
