"""The overview of a data set: exact counts, and each fault in one sentence."""

import os
from pathlib import Path

from captioner.data import datasets, overview
from captioner.data.overview import Example, Split
from tests.support import tiny


def make(folder: Path, written: dict[str, list[str]], **splits: str) -> Path:
    """A data set laid out as Flickr8k is, with photos drawn; `splits` are names with spaces."""
    (folder / "Images").mkdir(parents=True)
    for name in written:
        tiny.drawn("red", "disc", "white").save(folder / "Images" / name)
    lines = [
        f"{name}#{n}\t{text}\n" for name, texts in written.items() for n, text in enumerate(texts)
    ]
    (folder / "Flickr8k.token.txt").write_text("".join(lines))
    for split, names in splits.items():
        (folder / f"Flickr_8k.{split}Images.txt").write_text("\n".join(names.split()))
    return folder


def look(folder: Path, **settings) -> overview.Overview:
    return overview.overview(datasets.read(folder), **settings)


def test_everything_is_counted(tmp_path):
    written = {
        "a.png": ["A red disc .", "A disc on white ."],
        "b.png": ["A red disc is on the red disc ."],
        "c.png": ["A blue disc ."],
        "d.png": ["in no split"],
    }
    folder = make(tmp_path, written, train="a.png b.png", dev="c.png")
    seen = look(folder, min_count=4)
    assert (seen.name, seen.photos, seen.captions) == ("Flickr8k", 4, 5)
    example = Example(str(folder / "Images" / "a.png"), written["a.png"])
    other = Example(str(folder / "Images" / "b.png"), written["b.png"])
    assert seen.splits["train"] == Split(2, 3, [example, other])
    assert (seen.splits["dev"].photos, seen.splits["dev"].captions) == (1, 1)
    assert seen.splits["test"] == Split(0, 0, [])
    dataset = datasets.read(folder)
    words = [overview.overview(dataset, count).words for count in (1, 2, 3, 4, 5)]
    assert words == [7, 4, 3, 1, 0] and seen.words == 1
    assert seen.notes == [] and overview.overview(dataset, 1).problems == []
    (problem,) = seen.problems
    assert problem.startswith(
        "Only 1 word occurs 4 times in the captions to train on; with --min-count 3 there would be "
        "3, with --min-count 2 there would be 4, with --min-count 1 there would be 7. "
    )


def test_what_is_broken_missing_or_uncaptioned_is_named_and_the_rest_goes_on(tmp_path):
    written = {f"{letter}.png": ["a red disc"] for letter in "abcdefghij"}
    folder = make(tmp_path, written, train="a.png b.png c.png d.png", dev="e.png f.png")
    images = folder / "Images"
    whole = (images / "b.png").read_bytes()
    for name, content in {
        "a.png": b"",
        "b.png": whole[: len(whole) // 2],
        "e.png": b"GIF?",
    }.items():
        (images / name).write_bytes(content)
    for name in "ghij":
        (images / f"{name}.png").unlink()
    for number in range(6):
        (images / f"plain-{number}.jpg").touch()
    seen = look(folder, min_count=1)
    assert [Path(one.photo).name for one in seen.splits["train"].examples] == ["c.png", "d.png"]
    assert seen.problems == []
    assert seen.notes == [
        "photos with captions that are not there: 4 (g.png, h.png, i.png, j.png)",
        "photos without captions: 6 (plain-0.jpg, plain-1.jpg, plain-2.jpg, plain-3.jpg, "
        "plain-4.jpg and others)",
        "photos that cannot be read: 3 (a.png, b.png, e.png)",
    ]


def test_only_some_of_very_many_photos_are_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(overview, "MAX_OPENED", 3)
    written = {f"{number}.png": ["a disc"] for number in range(9)}
    opened = []
    monkeypatch.setattr(overview.photos, "open_photo", lambda file: opened.append(file.name))
    look(make(tmp_path, written))
    assert sorted(opened) == ["0.png", "3.png", "6.png"]


# --- what stands against training -------------------------------------------------------------


def test_a_caption_of_ten_thousand_words_is_cut_and_that_is_said(tmp_path):
    written = {"a.png": [" ".join(["disc"] * 10_000)], "b.png": ["a disc"], "c.png": ["a disc"]}
    seen = look(make(tmp_path, written), min_count=1)
    assert "captions of more than 24 words, cut there: 1" in seen.notes
    assert seen.problems == []


def test_captions_without_words_are_noted(tmp_path):
    written = {"a.png": ["...", "a disc"], "b.png": ["a disc"], "c.png": ["a disc"]}
    assert "captions without a word: 1" in look(make(tmp_path, written)).notes


def test_one_photo_is_enough_and_that_nothing_is_held_out_is_noted(tmp_path):
    seen = look(make(tmp_path, {"a.png": ["a disc"]}), min_count=1)
    assert seen.problems == []
    assert seen.notes == ["one photo is not split: nothing is held out, so scores mean little"]
    assert seen.splits["train"].photos == seen.splits["dev"].photos == 1


def test_no_photo_to_train_on_is_a_problem(tmp_path):
    written = {"a.png": ["a disc"] * 5, "b.png": ["a disc"] * 5}
    (problem,) = look(make(tmp_path, written, dev="a.png b.png")).problems
    assert "No photo is in the split 'train'" in problem
    assert "Flickr_8k.trainImages.txt" in problem and "captions_train.json" in problem


def test_a_split_that_was_made_is_noted(tmp_path):
    seen = look(make(tmp_path, {f"{n}.png": ["a disc"] for n in range(8)}))
    assert seen.splits["dev"].photos == 1 and seen.problems == []
    assert seen.notes == ["no dev split is given; photos of train used for validation instead: 1"]


def test_a_split_of_which_nothing_can_be_opened_is_a_problem(tmp_path):
    written = {f"{n}.png": ["a disc"] for n in range(8)}
    folder = make(tmp_path, written)
    os.truncate(folder / "Images" / "7.png", 20)
    assert look(folder).problems == [
        "No photo of the split 'dev' can be opened; upload them again, as JPEG or PNG."
    ]


def test_too_rare_words_are_a_problem_of_the_setting(tmp_path):
    folder = make(tmp_path, {f"{n}.png": ["a disc"] for n in range(4)})
    (problem,) = look(folder, min_count=4).problems
    assert "No word occurs 4 times" in problem and "smaller min word frequency" in problem
    assert look(folder, min_count=3).problems == []
