"""The captioners that come with the project."""

import numpy as np
import pytest

from captioner import Beam, Captioner
from captioner.paths import ASSETS, BUNDLED, CHECKPOINTS

MEGABYTE = 1e6


def size(folder) -> float:
    return sum(file.stat().st_size for file in folder.iterdir()) / MEGABYTE


@pytest.fixture(scope="module")
def transformer():
    return Captioner.load(CHECKPOINTS / "transformer")


def test_they_are_small_and_share_a_backbone(transformer):
    assert size(BUNDLED) + size(CHECKPOINTS / "transformer") <= 40
    assert size(CHECKPOINTS / "transformer") <= 12
    assert not (CHECKPOINTS / "transformer" / "backbone.weights.h5").exists()
    assert transformer.geometry == Captioner.load().geometry


def test_the_transformer_looks_with_several_heads_at_what_it_names(transformer):
    photo = ASSETS / "examples" / "horse.jpg"
    for sampler in ({}, {"sampler": Beam(3)}):
        caption = transformer.caption(photo, **sampler)
        (horse,) = [word for word in caption.words if word.text == "horse"][:1]
        assert horse.heads.shape == (2, 4, 7, 7)
        assert np.abs(horse.heads - horse.attention).max() > 0.05  # they differ
