"""captions.txt: quotes, commas and line breaks as every writer has them."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.datasets import DatasetError, read
from tests.support.data.data_folders import captions, held_out, make, split_names


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


BOY = "the boy laying face down on a skateboard is being pushed along the ground by another boy ."
FLICKR30K = """\
image_name{0}comment_number{0}comment
a.jpg{0}0{0}the boy laying face down on a skateboard is being pushed along the ground \
by another boy .
a.jpg{0}1{0}a dog{0} running .
b.jpg{0}4   A dog runs across the grass .
b.jpg
"""


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "| "])
@pytest.mark.parametrize("name", ["captions__txt", "results__csv"])
def test_the_number_in_flickr30ks_files_is_no_part_of_the_caption(tmp_path, separator, name):
    text = FLICKR30K.format(separator)
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg"], **{name: text}))
    written = captions(dataset)
    assert written["a.jpg"] == [BOY, " ".join(f"a dog{separator} running .".split())]
    assert written["b.jpg"] == ["A dog runs across the grass ."]  # the line lacks a separator
    assert any("malformed lines" in note and note.endswith(": 1") for note in dataset.notes)


@pytest.mark.parametrize("photo", ["image", "Image_Name", "filename", "file_name", "photo"])
@pytest.mark.parametrize("caption", ["caption", "comment", "Text", "sentence", "raw", "label"])
def test_columns_are_known_by_their_header(tmp_path, photo, caption):
    text = f"id,split,{caption},{photo}\n7,train,a dog, running,a.jpg\n8,val,a cat,b.jpg\n"
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg"], data__csv=text))
    assert captions(dataset) == {"a.jpg": ["a dog, running"], "b.jpg": ["a cat"]}
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": []}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,a.jpg,a dog, running\n1,b.jpg,a cat\n", "a dog, running"),
        ("a.jpg,0,train,a dog, running\nb.jpg,1,val,a cat\n", "a dog, running"),
        ("a dog;a.jpg\na cat;b.jpg\n", "a dog"),
        ("a.jpg#0\ta dog\nb.jpg#0\ta cat\n", "a dog"),
        ("x,y,z\n1,a.jpg,a dog\n2,b.jpg,a cat\n", "a dog"),
        ('a.jpg\t"a dog\nb.jpg\ta cat\n', '"a dog'),
        ("image,caption_number,caption\na.jpg,1,a dog\nb.jpg,2,a cat", "a dog"),
        ('filename,raw\na.jpg,"[""a dog"", ""dogs""]"\nb.jpg,a cat', "a dog"),
        ("filename,raw\na.jpg,\"['a dog', 'dogs']\"\nb.jpg,a cat", "a dog"),
        ("image,caption_0,caption_1\na.jpg,a dog,dogs\nb.jpg,a cat,", "a dog"),
        ("image,label,caption\na.jpg,5,a dog\nb.jpg,6,a cat\n", "a dog"),
        ("name,image\na dog,a.jpg\na cat,b.jpg", "a dog"),
    ],
)
def test_columns_without_a_known_header_are_known_by_what_they_hold(tmp_path, text, expected):
    written = captions(read(make(tmp_path, ["a.jpg", "b.jpg"], captions__txt=text)))
    assert written["a.jpg"][0] == expected and written["b.jpg"] == ["a cat"]
    assert written["a.jpg"][1:] in ([], ["dogs"])


def test_tables_named_after_splits_are_these_splits(tmp_path):
    head = "image,caption\n"
    tables = {f"{n}__csv": f"{head}{n}.jpg,a dog\n" for n in ("train", "validation", "test")}
    folder = make(tmp_path, ["train.jpg", "validation.jpg", "test.jpg"], **tables)
    names = split_names(read(folder))
    assert names == {"train": ["train.jpg"], "dev": ["validation.jpg"], "test": ["test.jpg"]}


def test_a_table_without_photos_and_captions_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="name them in its first line: image,caption"):
        read(make(tmp_path, ["a.jpg"], captions__txt="a,b\n1,2\n"))
    (tmp_path / "captions.txt").rename(tmp_path / "prices.csv")
    with pytest.raises(DatasetError, match="holds no data set"):
        read(tmp_path)
