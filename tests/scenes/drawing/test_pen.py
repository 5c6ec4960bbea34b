"""The pen: what is drawn has the size that it should, wherever it is painted."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from captioner.scenes.drawing.pen import Pen, Transform, darker, lighter, mix, paint, path, smooth
from captioner.scenes.layout import apart, overlap

RED, BLUE = (220, 40, 30), (40, 60, 220)


def painted(pen, place, tint=None, size=60):
    """The canvas and the owner's numbers, as arrays."""
    canvas, owner = Image.new("RGB", (size, size)), Image.new("L", (size, size))
    paint(canvas, pen, place, tint, owner, 7)
    return np.asarray(canvas).astype(int), np.asarray(owner)


def filled(owner):
    """Left, top, right, bottom of the pixels that are anybody's."""
    return Image.fromarray(owner).getbbox()


def test_a_path_is_read_as_svg_writes_it():
    assert path("-.5,0 1,.25") == ((-0.5, 0.0), (1.0, 0.25))
    pens = Pen(), Pen()
    pens[0].polygon("0,0 1,0 .5,1", RED)
    pens[1].polygon([(0, 0), (1, 0), (0.5, 1)], RED)
    assert pens[0].shapes == pens[1].shapes


@pytest.mark.parametrize("shading", [0.0, 0.2])
def test_shapes_are_painted_where_they_belong(shading):
    pen = Pen()
    pen.box(0, 0, 2, 1, RED, shading=shading)
    assert pen.bounds == (0, 0, 2, 1)
    canvas, owner = painted(pen, Transform(10, 50, 10))
    assert np.allclose(filled(owner), (10, 40, 31, 51), atol=1)
    assert set(np.unique(owner)) == {0, 7}
    assert (canvas[owner == 0] == 0).all() and (canvas[owner == 7] > 0).any(axis=1).all()


def test_mirrored_it_is_the_mirror_image_but_for_the_light():
    pen = Pen()
    pen.polygon("0,0 2,0 0,3", RED)
    _, owner = painted(pen, Transform(30, 50, 10))
    _, mirrored = painted(pen, Transform(30, 50, 10, mirrored=True))
    turned = np.roll(owner[:, ::-1], 1, axis=1)  # about x = 30
    assert np.mean(turned != mirrored) < 0.03 and np.mean(owner != mirrored) > 0.1
    shaded = Pen()
    shaded.oval(0, 1, 2, 1, RED, shading=0.2)
    for place in (Transform(30, 40, 10), Transform(30, 40, 10, mirrored=True)):
        canvas, owner = painted(shaded, place)
        rows, cols = np.nonzero(owner)
        upper_left = canvas[rows, cols][rows + cols < np.median(rows + cols)]
        lower_right = canvas[rows, cols][rows + cols > np.median(rows + cols)]
        assert upper_left.mean() > lower_right.mean() + 5


def test_a_tint_changes_every_colour():
    pen = Pen()
    pen.box(0, 0, 1, 1, RED, shading=0)
    canvas, owner = painted(pen, Transform(10, 30, 10), tint=lambda colour: mix(colour, BLUE, 1))
    assert (canvas[owner == 7] == BLUE).all()


def test_later_shapes_lie_over_earlier_ones():
    pen = Pen()
    pen.box(0, 0, 2, 2, RED, shading=0)
    pen.box(0, 0, 1, 2, BLUE, shading=0)
    canvas, _ = painted(pen, Transform(10, 40, 10))
    assert tuple(canvas[30, 12]) == BLUE and tuple(canvas[30, 27]) == RED


point = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@given(st.lists(point, min_size=3, max_size=8), st.booleans())
def test_a_curve_goes_through_its_points(points, closed):
    curve = smooth(points, closed)
    for one in points:
        assert min(math.dist(one, other) for other in curve) < 1e-9


def test_a_curve_through_two_points_is_a_line():
    assert smooth([(0, 0), (1, 2)]) == [(0, 0), (1, 2)]


@given(point, point, st.floats(0.1, 1))
def test_a_limb_is_as_wide_as_it_should_be(start, end, width):
    assume(math.dist(start, end) > 0.1)
    pen = Pen()
    pen.limb([start, end], width, RED)
    reach = width / 2
    expected = [min(start[i], end[i]) - reach for i in (0, 1)]
    expected += [max(start[i], end[i]) + reach for i in (0, 1)]
    assert np.allclose(pen.bounds, expected, atol=reach * 0.15)


@given(point, st.floats(0.2, 2), st.floats(0.2, 2), st.floats(-180, 180))
def test_turning_keeps_size_and_centre(centre, rx, ry, degrees):
    pen = Pen()
    pen.oval(0, 0, rx, ry, RED)
    turned = pen.turned(degrees, *centre).turned(-degrees, *centre)
    assert np.allclose(turned.bounds, pen.bounds)
    quarter = pen.turned(90, 0, 0)
    assert np.allclose(quarter.bounds, (-ry, -rx, ry, rx))


@given(st.tuples(*[st.integers(0, 255)] * 3), st.floats(0, 1))
def test_shades_are_colours_lighter_or_darker(colour, share):
    for shade, sign in ((lighter(colour, share), 1), (darker(colour, share), -1)):
        assert all(0 <= value <= 255 for value in shade)
        assert sign * sum(shade) >= sign * sum(colour) - 48  # the light is warm, shade a bit blue


box = st.tuples(point, st.floats(0.1, 2), st.floats(0.1, 2)).map(
    lambda b: (*b[0], b[0][0] + b[1], b[0][1] + b[2])
)


@given(box, box)
def test_boxes_apart_do_not_overlap(one, other):
    assert apart(one, other, 0) == apart(other, one, 0)
    assert (overlap(one, other) == 0) == apart(one, other, 0)
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, one) == pytest.approx(1)
