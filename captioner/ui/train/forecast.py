"""The text beside Start: how long the training will take, which features are cached already, and
the device."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from captioner.data import datasets
from captioner.data.augmentation import PLAIN, View
from captioner.data.cache import feature_cache
from captioner.decoder.designs import DESIGNS
from captioner.paths import FEATURES
from captioner.training.machines import hardware
from captioner.training.runs.estimate import Work, estimate
from captioner.training.runs.run import Run
from captioner.training.settings import FitConfig
from captioner.ui.shared import data_sources
from captioner.ui.train.backbone_choice import BackboneChoice
from captioner.ui.train.data_choice import DataChoice

_GPU_SUPPORT = '`pip install "tensorflow[and-cuda]"`'


def forecast(
    runs: Iterable[Run],
    data: DataChoice,
    backbone: BackboneChoice,
    views: list[View],
    epochs: int,
    units: int,
    tune: bool = False,
    self_critical: bool = False,
    design: str = FitConfig.design,
) -> str:
    """Returns Markdown: the time of a training and its features.

    Args:
        runs: earlier ones, the newest first.
        views: of each photo, whose features are extracted.
        epochs, units, tune, self_critical, design: settings of the training.

    Raises:
        ValueError: the data cannot be read, or must be downloaded first.
    """
    drawn, _, captions = data.size()
    rows, missing, undrawn = _rows(data, backbone, views)
    work = Work(
        drawn=drawn if undrawn else 0,
        photos=() if tune else (missing,),
        captions=epochs * captions,
        cells=backbone.cells,
        channels=backbone.channels,
        units=units,
        speed=backbone.speed,
        self_critical=self_critical,
        transformer=DESIGNS[design].transformer,
    )
    lines = [f"**Time.** {estimate(runs, work)}"]
    megabytes = 2 * backbone.cells * backbone.channels / 1e6  # of a photo, in float16
    size = f"{rows * megabytes:,.0f} MB of features"
    if tune:
        lines.append("**Features.** None are cached: the encoder is trained, too.")
    elif not missing:
        lines.append(f"**Features.** Cached already: {size}.")
    elif missing == rows:
        lines.append(f"**Features.** Not cached yet: {size} are extracted first.")
    else:
        rest = f"{missing * megabytes:,.0f} MB are extracted first"
        lines.append(f"**Features.** Partly cached: of {size}, {rest}.")
    return "\n\n".join(lines)


def _rows(data: DataChoice, backbone: BackboneChoice, views: list[View]) -> tuple[int, int, bool]:
    """(photos, each counted once for each view; those whose features are not cached; whether scenes
    must be drawn first)."""
    folders = [data.recipe_fields()["data"], *data.more]
    cached, key = feature_cache.finished_sources(FEATURES), backbone.key
    rows = missing = 0
    undrawn = False
    for choice, folder in zip(data.all, map(Path, folders), strict=True):
        try:
            everything, train = _photo_names(folder.resolve())
        except ValueError:  # not there yet
            _, photos, _ = data_sources.size(choice, data.scene_count)
            rows, missing = rows + photos * len(views), missing + photos * len(views)
            undrawn = True
            continue
        for view in views:
            names = everything if view == PLAIN else train
            source = feature_cache.source(feature_cache.data_key(folder, names, view), key)
            rows += len(names)
            missing += 0 if source in cached else len(names)
    return rows, missing, undrawn


@lru_cache(maxsize=16)
def _photo_names(folder: Path) -> tuple[list[str], list[str]]:
    """File names of all photos of a data set and of those to train on. Raises DatasetError."""
    dataset = datasets.read(folder)
    return [p.name for p in sorted(dataset.captions)], [p.name for p in dataset.splits["train"]]


def device_text(device: str = "auto") -> str:
    """Returns Markdown: what the training will compute on. The first call can take seconds.

    Args:
        device: "auto" or "cpu", as in a recipe.
    """
    cpu = f"CPU, {hardware.cores()} cores"
    if device == "cpu":
        return f"**Device.** {cpu}."
    gpus = hardware.gpus()
    if not gpus:
        return (
            f"**Device.** {cpu}, no GPU found. With an NVIDIA GPU, this line installs what "
            f"TensorFlow needs: {_GPU_SUPPORT}"
        )
    names = " and ".join(f"{gpu.name}, {gpu.memory:.0f} GB" for gpu in gpus)
    if hardware.has_gpu_libraries():
        return f"**Device.** {names}."
    return (
        f"**Device.** {cpu}. There is a GPU ({names}), but TensorFlow cannot use it yet: "
        f"{_GPU_SUPPORT}"
    )
