"""The registry of formats: each module has what `formats` promises, and finds its own folders."""

from pathlib import Path

import pytest

from captioner.data.formats import FORMATS, coco, find_format, flickr8k, is_annotation, tables
from tests.support.data.data_folders import make, make_coco


@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_has_the_four_names(format_):
    assert format_.EXPECTED
    assert callable(format_.recognises) and callable(format_.read)
    assert all(is_annotation(Path("folder") / name) for name in format_.ANNOTATIONS)


def test_the_first_format_that_recognises_a_folder_reads_it(tmp_path):
    assert find_format(tmp_path) is None
    make_coco(tmp_path, train={"a.jpg": ["a dog"]})
    assert find_format(tmp_path) is coco
    make(tmp_path, captions__txt="a.jpg,a dog\n")
    assert find_format(tmp_path) is tables
    make(tmp_path, Flickr8k__token__txt="a.jpg#0\ta dog\n")
    assert find_format(tmp_path) is flickr8k


def test_photos_are_no_annotations():
    assert not is_annotation(Path("annotations/captions_train.jpg"))
    assert not is_annotation(Path("notes.txt"))
