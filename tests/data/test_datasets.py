"""Readers of data sets: what is malformed is left out and counted, and nothing held out leaks."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.datasets import DatasetError, photo_files, read


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
    """What is noted where so many photos became dev because nobody had said which."""
    return f"no dev split is given; photos of train held out as dev: {count}"


def split_names(dataset):
    return {split: [path.name for path in paths] for split, paths in dataset.splits.items()}


# --- Flickr8k -------------------------------------------------------------------------------

TOKENS = """\
a.jpg#0\tA dog .
a.jpg#1\tA brown dog , running .
b.jpg#0\tA cat .
c.jpg#0\tA bird .
"""


def test_flickr8k(tmp_path):
    dataset = read(
        make(
            tmp_path,
            ["a.jpg", "b.jpg", "c.jpg"],
            Flickr8k__token__txt=TOKENS,
            Flickr_8k__trainImages__txt="a.jpg\n",
            Flickr_8k__devImages__txt="b.jpg\n",
        )
    )
    assert captions(dataset) == {
        "a.jpg": ["A dog .", "A brown dog , running ."],
        "b.jpg": ["A cat ."],
        "c.jpg": ["A bird ."],
    }
    assert all(path.parent == tmp_path / "Images" for path in dataset.captions)
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": []}
    assert dataset.split("dev") == [tmp_path / "Images" / "b.jpg"]
    assert dataset.notes == []


def test_malformed_lines_are_left_out_and_counted(tmp_path):
    text = TOKENS + "no tab here\nd.jpg\tno number\nd.jpg#x\tno digit\n\n   \n#0\tno photo\n"
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg", "c.jpg"], Flickr8k__token__txt=text))
    assert set(captions(dataset)) == {"a.jpg", "b.jpg", "c.jpg"}
    assert any("malformed" in note and note.endswith(": 3") for note in dataset.notes)


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
    ]
    assert dataset.missing == ["x.jpg", "y.jpg.1"]
    assert [path.name for path in dataset.silent] == ["b.jpg"]


def test_a_photo_in_several_lists_stays_in_one_and_is_not_trained_on(tmp_path):
    dataset = read(
        make(
            tmp_path,
            ["a.jpg", "b.jpg", "c.jpg"],
            Flickr8k__token__txt=TOKENS,
            Flickr_8k__trainImages__txt="a.jpg\nb.jpg\nc.jpg\na.jpg\n",
            Flickr_8k__devImages__txt="b.jpg\nc.jpg\n",
            Flickr_8k__testImages__txt="c.jpg\nnone.jpg\n",
        )
    )
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": ["c.jpg"]}


def test_an_unknown_or_empty_split_is_named(tmp_path):
    dataset = read(
        make(
            tmp_path,
            ["a.jpg"],
            Flickr8k__token__txt=TOKENS,
            Flickr_8k__trainImages__txt="a.jpg\n",
        )
    )
    for name in ("dev", "validation"):
        with pytest.raises(DatasetError, match=f"'{name}'.*it has: train"):
            dataset.split(name)


@pytest.mark.parametrize("listed", [False, True])
def test_without_a_dev_list_every_tenth_photo_is_held_out(tmp_path, listed):
    names = [f"{i:03}.jpg" for i in range(25)]
    lists = {"Flickr_8k__trainImages__txt": "\n".join(reversed(names))} if listed else {}
    text = "".join(f"{name}#0\tA dog .\n" for name in names)
    dataset = read(make(tmp_path, names, Flickr8k__token__txt=text, **lists))
    splits = split_names(dataset)
    assert splits["dev"] == ["009.jpg", "019.jpg"] and splits["test"] == []
    assert sorted(splits["train"]) == sorted(set(names) - {"009.jpg", "019.jpg"})
    assert {path.name for path in dataset.held_out} == {"009.jpg", "019.jpg"}
    assert dataset.notes == [held_out(2)]
    assert "009.jpg" not in {path.name for path in photo_files(tmp_path)}


def test_a_dev_list_whose_photos_are_not_there_counts_as_none(tmp_path):
    lists = {"Flickr_8k__trainImages__txt": "a.jpg\nb.jpg\n", "Flickr_8k__devImages__txt": "x.jpg"}
    dataset = read(make(tmp_path, ["a.jpg", "b.jpg"], Flickr8k__token__txt=TOKENS, **lists))
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": []}


def test_only_line_ends_end_a_line(tmp_path):
    text = "a.jpg#0\tA dog\u2028runs\x0bfast\x85.\n"
    dataset = read(make(tmp_path, ["a.jpg"], Flickr8k__token__txt=text))
    assert captions(dataset) == {"a.jpg": ["A dog runs fast ."]}


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    dataset = read(
        make(
            tmp_path,
            ["a.jpg", "b.jpg", "c.jpg"],
            Flickr8k__token__txt=b"\xef\xbb\xbf" + TOKENS.replace("\n", "\r\n").encode(),
            Flickr_8k__devImages__txt=b"\xef\xbb\xbfa.jpg\r\nb.jpg\r\n",
        )
    )
    assert captions(dataset)["a.jpg"] == ["A dog .", "A brown dog , running ."]
    assert split_names(dataset)["dev"] == ["a.jpg", "b.jpg"]


# --- captions.txt ---------------------------------------------------------------------------


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


# --- COCO -----------------------------------------------------------------------------------


def make_coco(folder, images="images", **parts):
    """A data set laid out as COCO is: for each part of `parts` the captions of each photo, which
    is there, in `images` ("{}" is the part)."""
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for part, said in parts.items():
        place = folder / images.format(part)
        place.mkdir(parents=True, exist_ok=True)
        photos = [{"id": number, "file_name": name} for number, name in enumerate(said)]
        annotations = [
            {"id": 0, "image_id": number, "caption": text}
            for number, texts in enumerate(said.values())
            for text in texts
        ]
        for name in said:
            (place / name).touch()
        write_coco(folder, part, images=photos, annotations=annotations)
    return folder


def write_coco(folder, part, **content):
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "annotations" / f"captions_{part}.json").write_text(json.dumps(content))


@pytest.mark.parametrize("images", ["{}", "images/{}", "images"])
def test_coco(tmp_path, images):
    said = {"train2017": {"1.jpg": ["A dog .", "A brown\n dog"]}, "val2017": {"2.jpg": ["A cat"]}}
    dataset = read(make_coco(tmp_path, images, **said))
    assert captions(dataset) == {"1.jpg": ["A dog .", "A brown dog"], "2.jpg": ["A cat"]}
    assert split_names(dataset) == {"train": ["1.jpg"], "dev": ["2.jpg"], "test": []}
    assert dataset.split("dev") == [tmp_path / images.format("val2017") / "2.jpg"]
    assert dataset.notes == [] and dataset.name == tmp_path.name


def test_coco_without_a_dev_file_holds_out_the_last_of_a_few_photos(tmp_path):
    said = {"train": {"b.jpg": ["x"], "a.jpg": ["x"], "silent.jpg": []}, "test": {"c.jpg": ["x"]}}
    dataset = read(make_coco(tmp_path, "{}", **said))
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
    said = {"a.jpg": ["x"], "b.jpg": ["x"], "c.jpg": ["x"]}
    parts = {"train": said, "dev": {"b.jpg": ["y"], "c.jpg": ["y"]}, "test": {"c.jpg": ["z"]}}
    dataset = read(make_coco(tmp_path, "{}", **parts))
    assert split_names(dataset) == {"train": ["a.jpg"], "dev": ["b.jpg"], "test": ["c.jpg"]}
    assert captions(dataset) == {"a.jpg": ["x"], "b.jpg": ["y"], "c.jpg": ["z"]}
    assert {photo.parent.name for photo in dataset.split("dev")} == {"dev"}


def test_the_same_coco_photo_twice_has_the_captions_of_both(tmp_path):
    make_coco(tmp_path, train={"a.jpg": ["one"]})
    images = [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "a.jpg"}]
    said = [{"image_id": 1, "caption": "one"}, {"image_id": 2, "caption": "two"}]
    write_coco(tmp_path, "train", images=images, annotations=said)
    dataset = read(tmp_path)
    assert captions(dataset) == {"a.jpg": ["one", "two"]}
    assert split_names(dataset)["train"] == ["a.jpg"]


def test_coco_entries_that_are_malformed_or_missing_are_counted(tmp_path):
    make_coco(tmp_path, train={"a.jpg": ["a dog"], "silent.jpg": []})
    images = [{"id": "a", "file_name": "a.jpg"}, {"id": 2, "file_name": "gone.jpg"}]
    images += [{"id": 3, "file_name": "silent.jpg"}, {"id": [], "file_name": "a.jpg"}, {"id": 4}, 5]
    said = [{"image_id": "a", "caption": "a dog"}, {"image_id": 2, "caption": "nowhere"}]
    said += [{"image_id": 9, "caption": "of nothing"}, {"image_id": {}, "caption": "x"}, None]
    said += [{"image_id": "a", "caption": ["x"]}, {"image_id": "a", "caption": "  "}]
    write_coco(tmp_path, "train", images=images, annotations=said)
    dataset = read(tmp_path)
    assert captions(dataset) == {"a.jpg": ["a dog"]}
    assert dataset.notes == [
        "malformed entries of captions_train.json, left out: 7",
        "photos with captions that are not there: 1",
        "photos without captions: 1",
    ]


def test_coco_names_lead_nowhere_else(tmp_path):
    (tmp_path / "secret.jpg").touch()
    folder = make_coco(tmp_path / "data", train={"a.jpg": ["a dog"]})
    images = [{"id": 1, "file_name": "../../secret.jpg"}, {"id": 2, "file_name": "train/a.jpg"}]
    images += [{"id": 3, "file_name": str(tmp_path / "secret.jpg")}]
    said = [{"image_id": n, "caption": f"number {n}"} for n in (1, 2, 3)]
    write_coco(folder, "train", images=images, annotations=said)
    assert captions(read(folder)) == {"a.jpg": ["number 2"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "lacks COCO's lists"),
        (b'{"images": []}', "lacks COCO's lists"),
        (b'{"images": {}, "annotations": "no"}', "lacks COCO's lists"),
        (b'{"images": [], "annotations": []}', "none of the captions"),
    ],
)
def test_a_coco_file_that_is_none_is_refused(tmp_path, content, said):
    folder = make_coco(tmp_path, dev={"a.jpg": ["a dog"]} if b"lists" in content else {})
    (folder / "annotations" / "captions_train2014.json").write_bytes(content)
    with pytest.raises(DatasetError, match=said):
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


# --- all ------------------------------------------------------------------------------------


def test_what_is_no_data_set_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="is not a folder"):
        read(tmp_path / "none")
    with pytest.raises(DatasetError, match="holds no data set"):
        read(tmp_path)
    with pytest.raises(DatasetError, match="none of the captions"):
        read(make(tmp_path, Flickr8k__token__txt=TOKENS))
    (tmp_path / "Images").rmdir()
    with pytest.raises(DatasetError, match="none of the captions"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["Flickr8k__token__txt", "captions__txt"])
def test_text_that_is_not_utf8_is_refused(tmp_path, name):
    folder = make(tmp_path, ["a.jpg"], **{name: b"a.jpg#0\tA na\xefve dog .\n"})
    with pytest.raises(DatasetError, match=r"not UTF-8 text \(byte \d+\); save it as UTF-8"):
        read(folder)


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


# --- photos for training without captions ---------------------------------------------------


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
    said = {"train": {"a.jpg": ["x"]}, "val": {"b.jpg": ["x"], "silent.jpg": []}}
    folder = make_coco(tmp_path / "data" / "coco", images, **said, test={"c.jpg": ["x"]})
    within = folder / images.format("train")
    (within / "neither.jpg").touch()
    for start in (folder.parent, folder, within):
        assert {path.name for path in photo_files(start)} == {"a.jpg", "neither.jpg"}
