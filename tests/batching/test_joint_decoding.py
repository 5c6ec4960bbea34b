"""Several requests decoded in one loop, on toy alphabets that are computed exactly."""

import numpy as np
import pytest

from captioner import decoding
from captioner.batching import joint_decoding
from captioner.samplers import Beam, Greedy, Sampling
from tests.support.toy import WORDS, random_tables

SAMPLERS = [Greedy(), Sampling(1.3, seed=1), Sampling(1.0, 3, 0.9, seed=2), Beam(1), Beam(4)]
PREFIXES = [[], ["a"], ["b", "d"]]


def runs(toy, count: int, max_words: int = 6) -> list:
    """Searches that differ in photo, sampler, prefix and length, and forced sentences."""
    found = []
    for number in range(count):
        photo = toy.photos([number % len(toy.tables)])
        forced = WORDS.ids(PREFIXES[number % 3])
        if number % 7 == 6:
            found.append(decoding.force(photo, [WORDS.ids("abcd"[: number % 5])]))
        else:
            sampler = SAMPLERS[number % 5]
            found.append(decoding.search(photo, sampler, forced, max_words - number % 2))
    return found


def same(one, other) -> bool:
    if isinstance(one, tuple):  # of `force`
        return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert len(one.steps) == len(other.steps)
    names = ("scores", "log_probabilities", "offered", "attention", "parents", "tokens")
    return np.array_equal(one.scores, other.scores) and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one.steps, other.steps, strict=True)
        for name in names
    )


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_each_gets_what_it_gets_alone(count):
    toy = random_tables(photos=9, seed=3)
    alone = [decoding.run(toy, steps) for steps in runs(toy, count)]
    together = joint_decoding.decode(toy, runs(toy, count))
    assert all(same(*pair) for pair in zip(together, alone, strict=True))


def test_steps_have_few_sizes_that_become_smaller():
    toy = random_tables(photos=9, seed=3)
    sizes = []

    def step(inputs):
        assert len({len(part) for part in inputs}) == 1
        sizes.append(len(inputs[0]))
        return toy(inputs)

    lengths = [1, 2, 2, *[3] * 8, 4, 5, 6]  # words, of 14 sentences
    joint_decoding.decode(
        step, [decoding.force(toy.photos([0]), [WORDS.ids("a" * length)]) for length in lengths]
    )
    assert sizes == [32, 32, 32, 8, 8, 1]
    assert [joint_decoding.padded_size(n) for n in (1, 2, 8, 9, 33, 96)] == [1, 8, 8, 32, 64, 96]


def test_one_that_fails_fails_alone():
    toy = random_tables(photos=3, seed=5)
    wrong = decoding.search(toy.photos([1]), forced=WORDS.ids("aaaa"), max_words=3)
    good = runs(toy, 4)
    found = joint_decoding.decode(toy, [*good[:2], wrong, *good[2:]])
    assert isinstance(found.pop(2), ValueError)
    alone = [decoding.run(toy, steps) for steps in runs(toy, 4)]
    assert all(same(*pair) for pair in zip(found, alone, strict=True))
    (only,) = joint_decoding.decode(
        toy, [decoding.search(toy.photos([1]), forced=WORDS.ids("aaaa"), max_words=3)]
    )
    assert isinstance(only, ValueError)
