"""What is kept of a training as it goes on."""

from pathlib import Path

import pytest

from captioner.training import snapshots


@pytest.mark.parametrize("epochs", [1, 2, 9, 40, 41, 79, 80, 500, 1000])
def test_of_many_epochs_some_are_kept_the_first_and_the_last_always(epochs):
    kept = [epoch for epoch in range(1, epochs + 1) if snapshots.is_kept(epoch, epochs)]
    assert kept[0] == 1 and kept[-1] == epochs
    assert min(epochs, snapshots.MOMENTS // 2) <= len(kept) <= snapshots.MOMENTS + 2
    if epochs <= snapshots.MOMENTS:
        assert kept == list(range(1, epochs + 1))


@pytest.mark.parametrize(
    "there, kept", [(1, [0]), (5, range(5)), (6, range(6)), (11, range(0, 11, 2))]
)
def test_photos_are_chosen_evenly(there, kept):
    photos = [Path(f"{number}.jpg") for number in range(there)]
    assert snapshots.choose(photos) == [photos[number] for number in kept]
