"""Snapshots of a training."""

import json
from pathlib import Path

import pytest

from captioner.training.runs import snapshots


@pytest.mark.parametrize("epochs", [1, 2, 9, 40, 41, 79, 80, 500, 1000])
def test_of_many_epochs_some_are_kept_the_first_and_the_last_always(epochs):
    kept = [epoch for epoch in range(1, epochs + 1) if snapshots.is_due(epoch, epochs)]
    assert kept[0] == 1 and kept[-1] == epochs
    assert min(epochs, snapshots.SNAPSHOTS // 2) <= len(kept) <= snapshots.SNAPSHOTS + 2
    if epochs <= snapshots.SNAPSHOTS:
        assert kept == list(range(1, epochs + 1))


@pytest.mark.parametrize(
    "there, kept", [(1, [0]), (5, range(5)), (6, range(6)), (11, range(0, 11, 2))]
)
def test_photos_are_chosen_evenly(there, kept):
    photos = [Path(f"{number}.jpg") for number in range(there)]
    assert snapshots.choose(photos) == [photos[number] for number in kept]


def test_photos_that_an_older_version_kept_are_read(tmp_path):
    kept = {"photos": [], "grid": {"x": [0.5], "y": [0.5]}}
    for written, read in (({"attends": False}, False), ({}, True), ({"use_attention": True}, True)):
        (tmp_path / "photos.json").write_text(json.dumps(kept | written))
        assert snapshots.read_photos(tmp_path) == kept | {"use_attention": read}
