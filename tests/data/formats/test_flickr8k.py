"""Flickr8k: malformed lines are counted, and a photo is in one split only."""

import pytest

from captioner.data.datasets import DatasetError, photo_files, read
from tests.support.data.data_folders import captions, held_out, make, split_names

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
            ["a.jpg", "b.jpg"],
            Flickr8k__token__txt=TOKENS,
            Flickr_8k__trainImages__txt="a.jpg\n",
            Flickr_8k__devImages__txt="b.jpg\n",
        )
    )
    for name in ("test", "validation"):
        with pytest.raises(DatasetError, match=f"'{name}'.*it has: train, dev"):
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
