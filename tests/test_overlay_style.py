"""Colours and strengths of overlays, as Python and the page share them."""

import json

import matplotlib
import numpy as np
import pytest

from captioner import overlay_style


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
