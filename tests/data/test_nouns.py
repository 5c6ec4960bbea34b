"""The nouns of captions."""

import pytest

from captioner.data.nouns import first_noun


@pytest.mark.parametrize(
    "caption, noun",
    [
        ("a black dog runs on the grass", "dog"),
        ("two people on a couch", "people"),
        ("a baby elephant in the mud", "elephant"),
    ],
)
def test_the_first_noun_names_an_object(caption, noun):
    words = caption.split()
    assert words[first_noun(words)] == noun


@pytest.mark.parametrize("caption", ["", "two of them running", "a hot dog"])
def test_a_caption_may_name_no_object(caption):
    assert first_noun(caption.split()) is None
