"""How the next word is chosen, where the right answer is known exactly."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.samplers import Beam, Greedy, Sampling

P = np.array([0.05, 0.4, 0.0, 0.25, 0.2, 0.1])  # a toy alphabet's probabilities; letter 2 is banned
PLAIN = Sampling(temperature=1.0, top_p=1.0)  # draws from the model's own distribution


def logs(*probabilities):
    """Probabilities -> log-probabilities (B, 1, V)."""
    with np.errstate(divide="ignore"):
        return np.log(np.array(probabilities, float))[:, None, :]


def kept(sampling: Sampling, probabilities=P) -> np.ndarray:
    return np.exp(sampling.filtered(logs(probabilities)[:, 0]))[0]


def drawn(sampling: Sampling, count: int, probabilities=P) -> np.ndarray:
    draw, scores = sampling.start(), np.zeros((1, 1))
    table = logs(probabilities)
    return np.array([sampling.choose(table, scores, draw)[1][0, 0] for _ in range(count)])


def test_greedy_takes_the_most_probable_word_and_the_first_of_two_equals():
    table = logs(P, P[::-1], [0.2, 0.4, 0.0, 0.4, 0.0, 0.0])
    parents, tokens, scores = Greedy().choose(table, np.full((3, 1), -1.0), None)
    assert tokens.tolist() == [[1], [4], [1]]
    assert parents.tolist() == [[0], [0], [0]]
    assert scores == pytest.approx(-1 + np.log([[0.4], [0.4], [0.4]]))


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1.7])
def test_temperature(temperature):
    expected = P ** (1 / temperature)
    assert kept(replace(PLAIN, temperature=temperature)) == pytest.approx(expected / expected.sum())


def test_a_temperature_near_0_is_greedy():
    assert kept(Sampling(1e-4)) == pytest.approx(np.eye(6)[1])
    assert set(drawn(Sampling(1e-4, seed=1), 200)) == {1}


@pytest.mark.parametrize(
    "top_k, words", [(1, {1}), (2, {1, 3}), (4, {1, 3, 4, 5}), (6, {0, 1, 3, 4, 5}), (99, None)]
)
def test_top_k_keeps_the_k_most_probable_in_their_proportions(top_k, words):
    found = kept(replace(PLAIN, top_k=top_k))
    words = words or {0, 1, 3, 4, 5}
    expected = np.where(np.isin(range(6), list(words)), P, 0)
    assert found == pytest.approx(expected / expected.sum())


def test_top_k_0_keeps_all():
    assert kept(replace(PLAIN, top_k=0)) == pytest.approx(P)


@pytest.mark.parametrize(
    "top_p, words",
    [
        (1e-9, {1}),
        (0.39, {1}),
        (0.41, {1, 3}),
        (0.64, {1, 3}),
        (0.66, {1, 3, 4}),
        (0.94, {1, 3, 4, 5}),
    ],
)
def test_top_p_keeps_the_fewest_words_that_hold_it(top_p, words):
    found = kept(replace(PLAIN, top_p=top_p))
    expected = np.where(np.isin(range(6), list(words)), P, 0)
    assert found == pytest.approx(expected / expected.sum())


def test_top_p_1_keeps_all():
    assert kept(replace(PLAIN, top_p=1.0)) == pytest.approx(P)


def test_top_p_comes_after_temperature_and_top_k():
    # At temperature 1/2 letters 1 and 3 have .16 and .0625 of .275: together 0.809.
    assert set(np.flatnonzero(kept(Sampling(0.5, top_p=0.80)))) == {1, 3}
    assert set(np.flatnonzero(kept(Sampling(0.5, top_p=0.82)))) == {1, 3, 4}
    # Of the best two, letter 1 alone has 0.4 / 0.65 = 0.615.
    assert set(np.flatnonzero(kept(Sampling(1.0, top_k=2, top_p=0.6)))) == {1}
    assert set(np.flatnonzero(kept(Sampling(1.0, top_k=2, top_p=0.63)))) == {1, 3}


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=12).filter(lambda p: sum(p) > 1e-3),
    st.floats(0.05, 3),
    st.integers(0, 12),
    st.floats(0.01, 1),
)
def test_what_is_kept_is_a_distribution_over_the_best_words(weights, temperature, top_k, top_p):
    p = np.array(weights) / sum(weights)
    found = kept(Sampling(temperature, top_k, top_p), p)
    assert found.sum() == pytest.approx(1)
    assert (found[p == 0] == 0).all()
    assert found[p.argmax()] > 0
    dropped = (found == 0) & (p > 1e-6)
    if dropped.any():
        assert p[dropped].max() <= p[found > 0].min() * (1 + 1e-9)


@pytest.mark.parametrize(
    "sampling", [replace(PLAIN, seed=3), Sampling(0.7, top_k=4, top_p=0.9, seed=3)]
)
def test_words_come_as_often_as_they_should(sampling):
    count = 4000
    found = np.bincount(drawn(sampling, count), minlength=6) / count
    expected = kept(sampling)
    assert (found[expected == 0] == 0).all()
    assert np.abs(found - expected).max() < 4 * math.sqrt(0.25 / count)


def test_the_first_word_and_the_banned_last_word_at_the_edges_of_the_draw():
    class Draw:
        def __init__(self, point):
            self.point = point

        def random(self):
            return self.point

    table = logs([0.0, 0.3, 0.7, 0.0])
    for point, word in ((0.0, 1), (0.29, 1), (0.31, 2), (1 - 2**-53, 2)):
        _, tokens, _ = PLAIN.choose(table, np.zeros((1, 1)), Draw(point))
        assert tokens.tolist() == [[word]]


def test_the_same_seed_draws_the_same_words_and_none_draws_others():
    assert (drawn(Sampling(seed=5), 50) == drawn(Sampling(seed=5), 50)).all()
    assert (drawn(Sampling(seed=5), 50) != drawn(Sampling(seed=6), 50)).any()
    assert (drawn(Sampling(), 50) != drawn(Sampling(), 50)).any()


def test_what_is_drawn_does_not_depend_on_the_batch():
    alone = Sampling(seed=9).choose(logs(P), np.zeros((1, 1)), Sampling(seed=9).start())
    both = Sampling(seed=9).choose(logs(P[::-1], P), np.zeros((2, 1)), Sampling(seed=9).start())
    assert [part[1].tolist() for part in both] == [part[0].tolist() for part in alone]


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0},
        {"temperature": -1.0},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"top_k": -1},
        {"top_p": 0.0},
        {"top_p": 1.01},
        {"top_p": math.nan},
        {"seed": -1},
    ],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Sampling(**settings)


def test_beam_keeps_the_best_of_all_continuations():
    table = np.log([[[0.6, 0.4], [0.1, 0.9]], [[0.5, 0.5], [0.2, 0.8]]])
    scores = np.log([[0.5, 0.5], [0.9, 0.1]])
    parents, tokens, totals = Beam(2).choose(table, scores, None)
    assert parents.tolist() == [[1, 0], [0, 0]]  # .45 and .30; .45 twice
    assert tokens.tolist() == [[1, 0], [0, 1]]
    assert totals == pytest.approx(np.log([[0.45, 0.30], [0.45, 0.45]]))


def test_beam_of_none_is_refused():
    with pytest.raises(ValueError, match="beams"):
        Beam(0)
