"""The backbones that the Train tab offers."""

from captioner import checkpoints
from captioner.paths import BUNDLED
from captioner.ui.train.backbone_choice import backbone_choices


def test_backbones_are_described_without_loading_them():
    choices = backbone_choices({"default": BUNDLED})
    for key, stride in (("compact", 32), ("compact-fine", 16)):
        real = checkpoints.find_backbone("compact", stride)
        assert (choices[key].cells, choices[key].channels) == (real.geometry.cells, real.channels)
    assert choices["start default"].recipe_fields == {"start": str(BUNDLED)}
