"""Maps land where the model looked, and their numbers are right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.attention_maps import Geometry, peaks, place, rank_agreement, region_weights

GRID = Geometry(rows=2, cols=4, size=80, stride=20, first=10)


@st.composite
def geometries(draw, least=1):
    """Grids of any shape whose outer centres lie anywhere on the photo."""
    rows, cols = draw(st.integers(least, 12)), draw(st.integers(least, 12))
    size = draw(st.integers(64, 600))
    first = draw(st.floats(0, 0.3)) * size
    last = draw(st.floats(0.6, 1)) * size
    return Geometry(rows, cols, size, (last - first) / max(rows - 1, cols - 1, 1), first)


sizes = st.tuples(st.integers(60, 240), st.integers(60, 240))


def one_hot(geometry, row, col):
    attention = np.zeros((geometry.rows, geometry.cols), np.float32)
    attention[row, col] = 1
    return attention


def pixel(share, length):
    """The pixel in which a point lies."""
    return min(int(share * length), length - 1)


@settings(deadline=None)
@given(geometries(), sizes, st.data())
def test_a_single_cell_is_brightest_at_its_centre(geometry, size, data):
    row = data.draw(st.integers(0, geometry.rows - 1))
    col = data.draw(st.integers(0, geometry.cols - 1))
    placed = place(one_hot(geometry, row, col), geometry, size)
    width, height = size
    assert placed.shape == (height, width) and placed.dtype == np.float32
    y = pixel(geometry.centres(geometry.rows)[row], height)
    x = pixel(geometry.centres(geometry.cols)[col], width)
    # The centre lies up to half a pixel from where the pixel is sampled.
    step = geometry.stride / geometry.size
    slack = 0.5 / (step * width) + 0.5 / (step * height)
    assert placed[y, x] >= placed.max() - slack - 1e-5
    # One step away there is nothing, towards the grid's inside; beyond the rim the weight goes on.
    ys = (np.arange(height) + 0.5) / height - geometry.centres(geometry.rows)[row]
    xs = (np.arange(width) + 0.5) / width - geometry.centres(geometry.cols)[col]
    if row > 0:
        assert not placed[ys <= -step].any()
    if row < geometry.rows - 1:
        assert not placed[ys >= step].any()
    if col > 0:
        assert not placed[:, xs <= -step].any()
    if col < geometry.cols - 1:
        assert not placed[:, xs >= step].any()


@settings(deadline=None)
@given(geometries(least=3), sizes, st.booleans(), st.data())
def test_an_inner_cell_balances_on_its_centre(geometry, size, smooth, data):
    row = data.draw(st.integers(1, geometry.rows - 2))
    col = data.draw(st.integers(1, geometry.cols - 2))
    placed = place(one_hot(geometry, row, col), geometry, size, smooth).astype(float)
    width, height = size
    x = placed.sum(axis=0) @ (np.arange(width) + 0.5) / placed.sum()
    y = placed.sum(axis=1) @ (np.arange(height) + 0.5) / placed.sum()
    assert x == pytest.approx(geometry.centres(geometry.cols)[col] * width, abs=1)
    assert y == pytest.approx(geometry.centres(geometry.rows)[row] * height, abs=1)


@given(geometries(), sizes, st.integers(0, 2**32 - 1))
def test_region_weights_are_what_lies_on_the_region(geometry, size, seed):
    rng = np.random.default_rng(seed)
    attention = rng.dirichlet(np.ones(geometry.cells)).reshape(geometry.rows, geometry.cols)
    region = rng.random(size[::-1]) < 0.3
    placed = place(attention, geometry, size)
    weights = region_weights(region, geometry)
    assert weights.shape == attention.shape
    assert (attention * weights).sum() == pytest.approx(placed[region].sum(), rel=1e-4)


@settings(deadline=None)
@given(geometries(), sizes, st.booleans(), st.integers(0, 2**32 - 1))
def test_placing_mixes_weights_and_makes_none(geometry, size, smooth, seed):
    even = np.ones((geometry.rows, geometry.cols), np.float32)
    np.testing.assert_allclose(place(even, geometry, size, smooth), 1, atol=1e-5)
    weights = np.random.default_rng(seed).random(even.shape, np.float32)
    placed = place(weights, geometry, size, smooth)
    assert weights.min() - 1e-5 <= placed.min() and placed.max() <= weights.max() + 1e-5
    np.testing.assert_allclose(
        place(weights + even, geometry, size, smooth), placed + 1, rtol=1e-4, atol=1e-4
    )


def test_width_and_height_are_not_swapped():
    placed = place(one_hot(GRID, 0, 3), GRID, (400, 50), smooth=False)
    lit = np.argwhere(placed)
    # Rows are centred at 10 and 30 of 80, so the first ends at 20: 12.5 of 50 pixels.
    assert lit[:, 0].min() == 0 and lit[:, 0].max() == 12
    assert lit[:, 1].min() == 300 and lit[:, 1].max() == 399


def test_between_two_centres_weights_change_evenly():
    geometry = Geometry(1, 2, size=100, stride=50, first=25)
    placed = place(np.array([[0, 1]]), geometry, (100, 1))[0]
    assert placed[:25].max() == 0 and placed[75:].min() == 1
    np.testing.assert_allclose(placed[25:75], (np.arange(50) + 0.5) / 50, atol=1e-6)


def test_a_first_centre_that_is_shifted_shifts_the_map():
    """A network with padding on one side only: its first cell looks at the corner itself."""
    shifted = Geometry(2, 4, size=80, stride=20, first=0)
    placed = place(one_hot(shifted, 0, 1), shifted, (80, 80))
    assert placed[0].argmax() in (19, 20)
    assert place(one_hot(GRID, 0, 1), GRID, (80, 80))[0].argmax() in (29, 30)


@pytest.mark.parametrize("shape", [(4, 2), (8,), (2, 4, 1)])
def test_a_map_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match="2 x 4 cells"):
        place(np.ones(shape), GRID, (80, 80))


def test_centres_are_shares_of_the_side():
    assert GRID.centres(4).tolist() == [0.125, 0.375, 0.625, 0.875]
    assert GRID.cells == 8
    assert Geometry(**GRID.to_json()) == GRID


@given(geometries(least=4), st.floats(0.5, 3), st.data())
def test_the_peak_of_a_gaussian_is_found_between_the_cells(geometry, width, data):
    col = data.draw(st.floats(1, geometry.cols - 2))
    row = data.draw(st.floats(1, geometry.rows - 2))
    away = np.hypot(np.arange(geometry.cols) - col, np.arange(geometry.rows)[:, None] - row)
    found = peaks(np.exp(-0.5 * (away / width) ** 2), geometry)
    x = (geometry.first + geometry.stride * col) / geometry.size
    y = (geometry.first + geometry.stride * row) / geometry.size
    assert np.allclose(found, (x, y), atol=1e-6)  # several, if it lies just between cells


def test_a_single_cell_peaks_at_its_centre():
    for row, col in ((0, 0), (0, 2), (1, 3)):
        x, y = (GRID.centres(4)[col], GRID.centres(4)[row])
        assert peaks(one_hot(GRID, row, col), GRID).tolist() == [[x, y]]


def test_a_cell_at_the_rim_peaks_at_its_centre():
    assert peaks(np.array([[4, 3, 0, 0], [1, 1, 1, 1]]), GRID).tolist() == [[0.125, 0.125]]


def test_an_even_map_peaks_everywhere():
    assert sorted(peaks(np.full((2, 4), 0.125), GRID).tolist()) == sorted(
        [x, y] for x in GRID.centres(4) for y in GRID.centres(2)
    )


def test_rank_agreement_of_known_orders():
    assert rank_agreement([[1, 2], [3, 4]], [[10, 20], [90, 95]]) == pytest.approx(1)
    assert rank_agreement([1, 2, 3, 4], [9, 4, 3, -1]) == pytest.approx(-1)
    assert rank_agreement([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert rank_agreement([1, 2, 1, 2], [1, 2, 2, 1]) == pytest.approx(0)


def test_equal_values_share_their_rank():
    # Ranks 1.5, 1.5, 3 and 1, 2, 3: the correlation of (-0.5, -0.5, 1) and (-1, 0, 1).
    assert rank_agreement([5, 5, 7], [1, 2, 3]) == pytest.approx(1.5 / np.sqrt(1.5 * 2))


def test_a_constant_map_agrees_with_none():
    assert rank_agreement(np.full((2, 2), 0.25), [[1, 2], [3, 4]]) == 0
    assert rank_agreement([3], [4]) == rank_agreement([], []) == 0


@given(st.lists(st.tuples(*[st.integers(-20, 20)] * 2), min_size=2, max_size=30))
def test_rank_agreement_heeds_the_order_only(pairs):
    one, other = np.array(pairs, float).T
    found = rank_agreement(one, other)
    assert -1 <= found <= 1
    assert rank_agreement(other, one) == pytest.approx(found, abs=1e-9)
    assert rank_agreement(one**3, np.exp(other / 10)) == pytest.approx(found, abs=1e-9)
    assert rank_agreement(-one, other) == pytest.approx(-found, abs=1e-9)
    spread = len(set(one)) > 1
    assert rank_agreement(one, one) == pytest.approx(1 if spread else 0)
