"""The benchmarks measure what their names say; speed itself is not tested.

TensorFlow is imported late: a new process that measures memory imports this file, too.
"""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import memory
from tests.benchmarks.common import Row, Settings, in_new_process, photos, write_arrays, write_cache


def test_a_ratio_above_one_is_in_our_favour():
    faster = Row("training", "captions/s", ours=6000, tutorial=1000, more_is_better=True)
    smaller = Row("cache", "KB/photo", ours=50, tutorial=500)
    single = Row("start", "s", ours=2.345)
    assert (faster.ratio, smaller.ratio, single.ratio) == (6, 10, None)
    assert benchmarks.table([faster, smaller, single]).splitlines()[2:] == [
        "| training | 1,000 captions/s | 6,000 captions/s | 6.0x |",
        "| cache | 500 KB/photo | 50 KB/photo | 10.0x |",
        "| start |  | 2.35 s |  |",
    ]


def test_photos_differ(tmp_path):
    assert len({file.read_bytes() for file in photos(tmp_path, 3)}) == 3


def test_both_read_random_features(tmp_path):
    from captioner.data.cache.features import FeatureCache

    names = ["one.jpg", "two.jpg"]
    files = write_arrays(tmp_path / "arrays", names, 4, 6)
    ours = FeatureCache(write_cache(tmp_path / "cache", names, 4, 6))
    assert all(np.load(files[name]).shape == (4, 6) for name in names)
    assert ours.array.shape == (2, 4, 6) and [ours.row(name) for name in names] == [0, 1]


def test_the_cache_is_measured_on_disk():
    from tests.benchmarks import cache

    size, *shares, own, same = cache.measure(Settings(quick=True))
    assert size.tutorial == pytest.approx(64 * 2048 * 4 / 1000, rel=0.01)
    assert size.ours == pytest.approx(49 * 320 * 2 / 1000, rel=0.02)
    assert len(shares) == 4  # photos and scenes, the network as built and folded
    assert all(share.unit == "%" and share.ours > 0 for share in shares)
    assert own.tutorial == same.tutorial > own.ours > 0 and own.ratio > 1


def test_captions_are_padded_to_the_longest_known(tmp_path):
    from tests.benchmarks import training

    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    known = {one: ["a dog"], other: ["a dog runs through the grass"]}
    names, tokens = training.tutorial_tokens({one: known[one]}, known)
    assert names == ["one.jpg"] and tokens.shape == (1, 8)
    assert (tokens[0] > 0).sum() == 4  # start, two words, end


def allocate_for_a_while() -> float:
    def batches():
        array = np.ones(40_000_000, np.uint8)
        yield len(array)
        del array
        yield 0

    return memory.peak(batches())


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="Linux only")
def test_a_temporary_allocation_is_measured():
    # In a new process, as measured: memory of earlier tests may be freed at any time.
    assert 35 < in_new_process(allocate_for_a_while) < 60


def test_a_measurement_that_needs_captions_says_so():
    with pytest.raises(SystemExit, match="--data"):
        memory.measure(Settings())
