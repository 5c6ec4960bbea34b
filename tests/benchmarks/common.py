"""Shared by the measurements: settings, rows of the table, photos, random features."""

import importlib
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Settings:
    """Options of the command line."""

    data: Path | None = None  # a data set with captions
    checkpoint: Path | None = None  # None is the bundled one
    quick: bool = False  # a few steps, to check that it runs; its numbers mean nothing
    photos: int = 100_000  # of the larger data set that scale makes up

    def captions(self) -> dict[Path, list[str]]:
        """Captions of the train split by photo. Raises SystemExit without a data set."""
        from captioner.data import datasets

        if self.data is None:
            raise SystemExit(
                "This measurement needs a data set with captions: give its folder with --data."
            )
        dataset = datasets.read(self.data)
        return {photo: dataset.captions[photo] for photo in dataset.split("train")}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    unit: str
    ours: float
    tutorial: float | None = None  # None if the tutorial has no such feature
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better our value is; None without the tutorial's."""
        if self.tutorial is None:
            return None
        return self.ours / self.tutorial if self.more_is_better else self.tutorial / self.ours


def in_new_process(function: Callable, *arguments):
    """Calls the function in a new process, so that measurements do not affect each other."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def measure(name: str, settings: Settings) -> list[Row]:
    """Runs the measurement of that name."""
    return importlib.import_module(f"tests.benchmarks.{name}").measure(settings)


def photos(folder: Path, count: int) -> list[Path]:
    """Writes `count` different JPEGs of 640 x 480 pixels: crops of a photo of Gradio's."""
    source = Path(find_spec("gradio").origin).parent / "media_assets/images/tower.jpg"
    rng = np.random.default_rng(0)
    paths = []
    with Image.open(source) as photo:
        for number in range(count):
            share = rng.uniform(0.5, 1.0)
            width, height = (round(side * share) for side in photo.size)
            left = int(rng.integers(photo.width - width + 1))
            top = int(rng.integers(photo.height - height + 1))
            crop = photo.crop((left, top, left + width, top + height)).convert("RGB")
            paths.append(folder / f"{number:03d}.jpg")
            crop.resize((640, 480)).save(paths[-1], quality=90)
    return paths


def write_arrays(folder: Path, names: list[str], cells: int, channels: int) -> dict[str, Path]:
    """Random features in the tutorial's format, a float32 .npy per photo: {name: path}."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = {name: folder / f"{name}.npy" for name in names}
    for path in paths.values():
        np.save(path, rng.random((cells, channels), np.float32))
    return paths


def write_cache(folder: Path, names: list[str], cells: int, channels: int) -> Path:
    """Random features in the format of FeatureCache; returns the folder."""
    folder.mkdir()
    shape = (len(names), cells, channels)
    array = np.lib.format.open_memmap(folder / "features.npy", "w+", np.float16, shape)
    rng = np.random.default_rng(0)
    for row in range(len(names)):
        array[row] = rng.random((cells, channels), np.float32)
    array.flush()
    manifest = {
        "backbone": "random numbers",
        "fingerprint": "",
        "mirrored": False,
        "crop": 0,
        "shape": shape,
        "photos": names,
        "done": len(names),
        "broken": [],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
