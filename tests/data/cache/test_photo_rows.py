"""Rows are found by the names of photos, also by parts of their paths."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.data.cache.photo_rows import JoinedRows, PhotoRows, RowNames

names = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12)


@given(st.dictionaries(names, st.integers(0, 1000)), st.lists(names))
def test_names_are_found_as_in_a_dictionary(rows, others):
    asked = [*rows, *others, "", "longer than all names that are known"]
    found = RowNames(list(rows), list(rows.values())).find(asked)
    assert found.tolist() == [rows.get(name, -1) for name in asked]


def test_a_photo_is_found_by_the_longest_part_of_its_path_that_is_known():
    rows = PhotoRows({"a.jpg": 2, "train/a.jpg": 1, "x/train/a.jpg": 0}, np.eye(3))
    photos = [Path("x/train/a.jpg"), Path("y/train/a.jpg"), Path("a.jpg"), "y/a.jpg", "b.jpg"]
    assert rows.find(photos).tolist() == [0, 1, 2, 2, -1]
    assert [photo in rows for photo in photos] == [True] * 4 + [False]
    assert [rows.row(photo) for photo in photos[:-1]] == [0, 1, 2, 2]
    with pytest.raises(KeyError, match="b.jpg"):
        rows.row("b.jpg")
    assert rows.find([]).tolist() == []


def test_rows_of_joined_data_sets_are_prefetched_from_their_own():
    class Noted(PhotoRows):
        def prefetch(self, rows):
            self.noted = rows.tolist()

    one, other = (Noted({"a.jpg": 0, "b.jpg": 1}, np.eye(2)) for _ in range(2))
    photos = [[Path(folder, name) for name in ("a.jpg", "b.jpg")] for folder in "xy"]
    rows = JoinedRows(list(zip(photos, (one, other), strict=True)))
    rows.prefetch(rows.find([photos[1][1], photos[0][0], photos[1][0]]))
    assert (one.noted, other.noted) == ([0], [1, 0])
