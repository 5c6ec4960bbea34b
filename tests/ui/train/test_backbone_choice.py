"""The backbones that the Train tab offers."""

import json

from captioner import checkpoints
from captioner.paths import BUNDLED
from captioner.ui.train.backbone_choice import backbone_choices


def test_backbones_are_described_without_loading_them():
    choices = backbone_choices({"default": BUNDLED})
    coarse = checkpoints.find_backbone("compact")
    for key, real in (("compact", coarse), ("compact-fine", coarse.copy(output_stride=16))):
        assert (choices[key].cells, choices[key].channels) == (real.geometry.cells, real.channels)
    assert choices["start default"].recipe_fields == {"start": str(BUNDLED)}


def test_a_checkpoint_is_as_fast_as_its_backbone(tmp_path):
    config = checkpoints.read_config(BUNDLED)
    config["backbone"]["name"] = "vgg16"
    (tmp_path / "config.json").write_text(json.dumps(config))
    choices = backbone_choices({"bundled": BUNDLED, "large": tmp_path, "none": tmp_path / "gone"})
    assert choices["start bundled"].speed == choices["start none"].speed == choices["compact"].speed
    assert choices["start large"].speed == choices["vgg16"].speed < choices["compact-fine"].speed
