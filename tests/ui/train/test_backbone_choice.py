"""The backbones that the Train tab offers."""

from captioner import checkpoints
from captioner.paths import BUNDLED
from captioner.ui.train.backbone_choice import backbone_choices


def test_backbones_are_described_without_loading_them():
    choices = backbone_choices({"default": BUNDLED})
    coarse = checkpoints.find_backbone("compact")
    for key, real in (("compact", coarse), ("compact-fine", coarse.copy(output_stride=16))):
        assert (choices[key].cells, choices[key].channels) == (real.geometry.cells, real.channels)
    assert choices["start default"].recipe_fields == {"start": str(BUNDLED)}
