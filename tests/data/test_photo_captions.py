"""Captions in one text are found as in a dictionary."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.data.photo_captions import CaptionsOf, PhotoCaptions

photos = st.sampled_from([Path("a.jpg"), Path("b/a.jpg"), Path("c.jpg")])
lines = st.text(st.characters(exclude_characters="\n"), max_size=9)


@given(st.lists(st.tuples(photos, st.lists(lines | st.just("\ud800"), min_size=1))))
def test_a_photo_has_all_its_captions_in_order(pairs):
    expected: dict[Path, list[str]] = {}
    for photo, captions in pairs:
        expected.setdefault(photo, []).extend(captions)
    found = PhotoCaptions(iter(pairs))
    assert found == expected and list(found) == list(expected) and len(found) == len(expected)
    assert all(photo in found for photo in expected)
    assert Path("d.jpg") not in found and found.get(Path("d.jpg")) is None


def test_captions_of_some_photos():
    one, other = Path("one.jpg"), Path("other.jpg")
    some = CaptionsOf({one: ["a dog"], other: ["a cat"]}, [other])
    assert dict(some) == {other: ["a cat"]} and len(some) == 1 and one not in some
    with pytest.raises(KeyError):
        some[one]
