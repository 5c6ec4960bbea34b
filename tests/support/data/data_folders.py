"""Folders of data sets in every format, with empty files as photos."""

import json


def make(folder, photos=(), **files):
    """A data set: photos (empty files) in Images/, and text files; `__` stands for a dot."""
    (folder / "Images").mkdir(parents=True, exist_ok=True)
    for photo in photos:
        (folder / "Images" / photo).touch()
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def captions(dataset):
    return {path.name: written for path, written in dataset.captions.items()}


def held_out(count):
    """What is noted where so many photos became dev because the data set names none."""
    return f"no dev split is given; photos of train used for validation instead: {count}"


def split_names(dataset):
    return {split: [path.name for path in paths] for split, paths in dataset.splits.items()}


def make_coco(folder, images="images", **parts):
    """A data set laid out as COCO is: for each part of `parts` the captions of each photo, which
    is there, in `images` ("{}" is the part)."""
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for part, written in parts.items():
        place = folder / images.format(part)
        place.mkdir(parents=True, exist_ok=True)
        photos = [{"id": number, "file_name": name} for number, name in enumerate(written)]
        annotations = [
            {"id": 0, "image_id": number, "caption": text}
            for number, texts in enumerate(written.values())
            for text in texts
        ]
        for name in written:
            (place / name).touch()
        write_coco(folder, part, images=photos, annotations=annotations)
    return folder


def write_coco(folder, part, **content):
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "annotations" / f"captions_{part}.json").write_text(json.dumps(content))
