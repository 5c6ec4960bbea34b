"""captions.txt: quotes, commas and line breaks as every writer has them."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from data_folders import captions, held_out, make, split_names
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.datasets import DatasetError, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.jpg,A dog .", "A dog ."),
        ('a.jpg,"A dog , running ."', "A dog , running ."),
        ("a.jpg,A dog , running .", "A dog , running ."),
        ('a.jpg,"A ""good"" dog"', 'A "good" dog'),
        ('a.jpg,A "good" dog', 'A "good" dog'),
        ('a.jpg,"A dog\n runs"', "A dog runs"),
        ('"a.jpg","A dog"', "A dog"),
        ("a.jpg,A dog on line one\u2028still one", "A dog on line one still one"),
        ("a.jpg,Ein Hündchen", "Ein Hündchen"),
    ],
)
@pytest.mark.parametrize("header", ["image,caption\n", "", "\ufeffimage,caption\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_captions_txt(tmp_path, text, expected, header, end):
    content = (header + text + "\nb.jpg,A cat\n").replace("\n", end)
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg"], captions__txt=content))
    assert captions(dataset) == {"a.jpg": [expected], "b.jpg": ["A cat"]}
    assert dataset.notes == [held_out(1)]


def test_captions_txt_with_malformed_lines(tmp_path):
    text = "image,caption\na.jpg,dog\n\nb.jpg\n , \na.jpg,\na.jpg,  \nb.jpg,cat\n"
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg"], captions__txt=text))
    assert captions(dataset) == {"a.jpg": ["dog"], "b.jpg": ["cat"]}
    assert dataset.notes == ["malformed lines of captions.txt, left out: 1", held_out(1)]


@pytest.mark.parametrize(
    "text", ['a.jpg,"A dog\nb.jpg,A cat\n', 'a.jpg,"A" dog\n', 'a.jpg,"A\nb.jpg,"A cat , ."\n']
)
def test_a_quote_that_would_swallow_lines_is_refused(tmp_path, text):
    folder = make(tmp_path, ["a.jpg", "b.jpg"], captions__txt="image,caption\n" + text)
    with pytest.raises(DatasetError, match="captions.txt: bad quotes in or before line [23]$"):
        read(folder)


def test_captions_txt_is_split_by_photo(tmp_path):
    names = [f"{i:03}.jpg" for i in range(40)]
    lines = [f"{name},caption {k}" for k in range(5) for name in reversed(names)]
    dataset = read(make(tmp_path, names, captions__txt="image,caption\n" + "\n".join(lines)))
    splits = split_names(dataset)
    assert splits["dev"] == names[9::10] and splits["test"] == []
    assert sorted(splits["train"] + splits["dev"]) == names
    assert all(len(written) == 5 for written in dataset.captions.values())


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
name = st.sampled_from(["a.jpg", "b.jpg", "c.jpg"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(name, text), min_size=1))
def test_captions_txt_gives_back_what_a_csv_writer_wrote(rows):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("image", "caption"), *rows])
    expected = {}
    for photo, caption in rows:
        if caption.split():
            expected.setdefault(photo, []).append(" ".join(caption.split()))
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), ["a.jpg", "b.jpg", "c.jpg"], captions__txt=file.getvalue())
        if expected:
            assert captions(read(folder)) == expected
        else:
            with pytest.raises(DatasetError):
                read(folder)
