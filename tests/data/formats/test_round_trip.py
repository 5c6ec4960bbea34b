"""Every format gives back what was written in it: any names, scripts and separators."""

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.datasets import read
from tests.support.data import data_formats

letters = st.characters(categories=["L", "N"], include_characters=" ,;|-_'")
stems = st.text(letters, min_size=1, max_size=12).map(str.strip).filter(bool)
names = st.builds("{}{}".format, stems, st.sampled_from([".jpg", ".JPG", ".png", ".heic"]))
marks = st.characters(categories=["L", "M", "N", "P", "Zs"])
sentences = st.text(marks, min_size=1, max_size=30).filter(lambda text: text.split())
photos = st.tuples(
    names, st.sampled_from(["train", "dev", "test"]), st.lists(sentences, min_size=1, max_size=3)
)


def key(name):
    """Names that differ in no more than this are one name on some systems."""
    return unicodedata.normalize("NFC", Path(name).stem).casefold()


@pytest.mark.parametrize("write", data_formats.WRITERS)
@settings(deadline=None, max_examples=25)
@given(
    rows=st.lists(photos, min_size=2, max_size=6, unique_by=lambda row: key(row[0])),
    separator=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_was_written_is_read(write, rows, separator):
    rows = [("first.jpg", "train", ["a dog"]), ("held out.jpg", "dev", ["a cat"]), *rows]
    rows = [row for n, row in enumerate(rows) if key(row[0]) not in {key(r[0]) for r in rows[:n]}]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows, separator)
        dataset = read(folder)
    expected = {name: [" ".join(text.split()) for text in written] for name, _, written in rows}
    assert {path.name: written for path, written in dataset.captions.items()} == expected
    for split, found in dataset.splits.items():
        assert {path.name for path in found} == {name for name, own, _ in rows if own == split}
    assert dataset.notes == []
