"""Colours and strengths of overlays, as Python and the page share them."""

import json

import matplotlib
import numpy as np
import pytest

from captioner.rendering import overlay_style


@pytest.mark.parametrize("palette", overlay_style.PALETTES)
def test_colours_are_those_of_matplotlib(palette):
    table = overlay_style.colours(palette)
    expected = matplotlib.colormaps[palette](np.arange(256))[:, :3] * 255
    assert table.shape == (256, 3) and table.dtype == np.uint8
    difference = abs(table - expected)
    assert difference.mean() < 0.6 and difference.max() < 7


def test_what_is_not_attended_stays_visible_by_default():
    style = overlay_style.page_style()
    spotlight = 1 - (1 - style["spotlight"]["darkest"]) * style["strength"]
    heat = 1 - style["heat"]["faint"] * style["strength"]  # the darkest colour is nearly black
    assert min(spotlight, heat) >= 0.6


def test_the_page_gets_plain_json():
    style = json.loads(json.dumps(overlay_style.page_style()))
    assert list(style["palettes"]) == list(overlay_style.PALETTES)
    for steps in style["palettes"].values():
        assert np.shape(steps) == (33, 3)
        assert np.all(np.diff(np.dot(steps, (0.299, 0.587, 0.114))) > 0)  # from dark to light


# Machado, Oliveira and Fernandes 2009: linear RGB as it appears with each colour blindness.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.28, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    f = np.cbrt(np.clip(linear, 0, 1) @ to_xyz.T / (0.9505, 1, 1.089))
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_both_sides_of_a_difference_can_be_told_apart(blindness):
    steps = np.array(overlay_style.page_style()["difference"]) / 255
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    seen = lab(linear @ np.array(BLINDNESS[blindness]).T)
    middle, sides = seen[16], (seen[15::-1], seen[17:])
    for side in sides:  # ever farther from white
        assert np.all(np.diff(np.linalg.norm(side - middle, axis=1)) > 0)
    apart = np.linalg.norm(sides[0] - sides[1], axis=1)
    assert apart[7] > 40 and apart[15] > 80
    if blindness == "none":  # neither side looks stronger
        assert abs(sides[0][:, 0] - sides[1][:, 0]).max() < 4
