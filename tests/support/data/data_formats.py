"""Writes the same captions in every format that is read."""

import csv
import json

SPLITS = {"train": "train", "dev": "val", "test": "test"}  # ours, and as others call them


def photo(folder, name):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def table(folder, rows, separator):
    with (folder / "captions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["image_name", "comment_number", "comment", "split"])
        for name, split, captions in rows:
            photo(folder, f"images/{name}")
            writer.writerows([name, n, text, SPLITS[split]] for n, text in enumerate(captions))


def karpathy(folder, rows, separator):
    images = []
    for name, split, captions in rows:
        photo(folder, f"{split}2014/{name}")
        sentences = [{"raw": text, "tokens": text.split()} for text in captions]
        image = {"filepath": f"{split}2014", "filename": name, "sentences": sentences}
        images.append({**image, "split": "restval" if split == "train" else SPLITS[split]})
    (folder / "dataset_coco.json").write_text(json.dumps({"images": images}))


def flickr8k(folder, rows, separator):
    texts = folder / "Flickr8k_text"
    texts.mkdir()
    for name, _, _ in rows:
        photo(folder, f"Flicker8k_Dataset/{name}")
    lines = [f"{name}#{n}\t{t}\n" for name, _, written in rows for n, t in enumerate(written)]
    (texts / "Flickr8k.token.txt").write_text("".join(lines), encoding="utf-8")
    for split in SPLITS:
        names = "".join(f"{name}\n" for name, own, _ in rows if own == split)
        (texts / f"Flickr_8k.{split}Images.txt").write_text(names, encoding="utf-8")


def image_folder(folder, rows, separator):
    for split, other in SPLITS.items():
        (folder / other).mkdir()
        lines = []
        for name, own, written in rows:
            if own == split:
                photo(folder, f"{other}/{name}")
                lines += [json.dumps({"file_name": name, "text": text}) for text in written]
        (folder / other / "metadata.jsonl").write_text("\n".join(lines))


def image_folder_csv(folder, rows, separator):
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(["file_name", "text"])
        for name, split, written in rows:
            photo(folder, f"{split}/{name}")
            writer.writerows([f"{split}\\{name}", text] for text in written)


def sidecars(folder, rows, separator):
    for name, split, written in rows:
        photo(folder, f"{split}/{name}")
        path = (folder / split / name).with_suffix(".txt")
        path.write_text("\n".join(written), encoding="utf-8")


def coco(folder, rows, separator):
    (folder / "annotations").mkdir()
    for split, other in SPLITS.items():
        own = [(name, written) for name, own, written in rows if own == split]
        for name, _ in own:
            photo(folder, f"{other}2014/{name}")
        content = {
            "images": [{"id": n, "file_name": name} for n, (name, _) in enumerate(own)],
            "annotations": [
                {"image_id": n, "caption": text}
                for n, (_, texts) in enumerate(own)
                for text in texts
            ],
        }
        (folder / "annotations" / f"captions_{other}2014.json").write_text(json.dumps(content))


WRITERS = (table, karpathy, flickr8k, image_folder, image_folder_csv, sidecars, coco)
