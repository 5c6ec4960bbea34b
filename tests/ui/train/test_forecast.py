"""What is said beside Start: which features are cached already, and the device."""

import json
from pathlib import Path

import pytest

from captioner.data.augmentation import PLAIN, View, views
from captioner.data.cache import feature_cache
from captioner.paths import BUNDLED, FEATURES
from captioner.training.machines import hardware
from captioner.ui.train.backbone_choice import backbone_choices
from captioner.ui.train.data_choice import DataChoice
from captioner.ui.train.forecast import device_text, forecast

ONE, TWO = "datasets/one", "datasets/two"
MIRRORED = View(mirrored=True)


def features(*data: str, backbone="compact", mirror=True, **settings) -> str:
    """What is said of the features of a training on these data."""
    choice = DataChoice.from_controls(data[0], data[1:])
    encoder = backbone_choices({"default": BUNDLED})[backbone]
    text = forecast([], choice, encoder, views(mirror, 0), 1, 256, **settings)
    return text.split("**Features.** ")[1]


def cached(data: str, view: View, name="compact", stride: int | None = 32) -> Path:
    """A finished cache of the train photos, or of all, as a training leaves it."""
    everything = sorted(path.name for path in Path(data, "Images").iterdir())
    listed = Path(data, "Flickr_8k.trainImages.txt").read_text().split()
    key = feature_cache.data_key(Path(data), everything if view == PLAIN else listed, view)
    folder = FEATURES / f"{Path(data).name}-{view.mirrored}-{stride}"
    folder.mkdir(parents=True)
    source = feature_cache.source(key, feature_cache.backbone_key(name, stride))
    (folder / feature_cache.SOURCE).write_text(source)
    (folder / feature_cache.MANIFEST).write_text("{}")
    return folder


def test_features_are_cached_for_these_data_this_encoder_and_these_views(data_sets):
    assert features(ONE) == "Not cached yet: 1 MB of features are extracted first."
    folder = cached(ONE, PLAIN)
    assert features(ONE, mirror=False) == "Cached already: 1 MB of features."
    assert features(ONE).startswith("Partly cached: of 1 MB of features, ")
    cached(ONE, MIRRORED)
    assert features(ONE) == "Cached already: 1 MB of features."
    assert features(TWO).startswith("Not cached yet")
    assert features(ONE, TWO).startswith("Partly cached")
    assert features(ONE, backbone="compact-fine").startswith("Not cached yet")
    assert features(ONE, backbone="vgg16").startswith("Not cached yet")
    # The bundled captioner has the encoder that the features are of.
    assert features(ONE, backbone="start default") == "Cached already: 1 MB of features."
    assert features(ONE, tune=True) == "None are cached: the encoder is trained, too."
    (folder / feature_cache.PROGRESS).write_text(json.dumps({"done": 3}))  # it is being written
    assert features(ONE).startswith("Partly cached")


def test_another_encoder_of_the_same_name_has_other_features(tmp_path):
    folder = tmp_path / "tuned"
    folder.mkdir()
    for name in ("config.json", "backbone.weights.h5"):
        (folder / name).write_bytes((BUNDLED / name).read_bytes())
    assert feature_cache.backbone_key(str(folder)) == feature_cache.backbone_key("compact", 32)
    with (folder / "backbone.weights.h5").open("ab") as file:
        file.write(b"more")
    assert feature_cache.backbone_key(str(folder)) != feature_cache.backbone_key("compact", 32)


@pytest.mark.parametrize(
    "gpus, libraries, expected",
    [
        ([], False, 'CPU, 2 cores, no GPU found. * `pip install "tensorflow[and-cuda]"`'),
        ([hardware.Gpu("NVIDIA H100", 79.6)], True, "NVIDIA H100, 80 GB."),
        (
            [hardware.Gpu("NVIDIA H100", 79.6)],
            False,
            'CPU, 2 cores. There is a GPU (NVIDIA H100, 80 GB), * `pip install "tensorflow[and-',
        ),
        ([hardware.Gpu("A", 24), hardware.Gpu("B", 48)], True, "A, 24 GB and B, 48 GB."),
    ],
)
def test_the_device_is_named(monkeypatch, gpus, libraries, expected):
    monkeypatch.setattr(hardware, "cores", lambda: 2)
    monkeypatch.setattr(hardware, "gpus", lambda: gpus)
    monkeypatch.setattr(hardware, "has_gpu_libraries", lambda: libraries)
    text = device_text().removeprefix("**Device.** ")
    begin, _, end = expected.partition("*")
    assert text.startswith(begin) and end in text
    assert device_text("cpu") == "**Device.** CPU, 2 cores."
