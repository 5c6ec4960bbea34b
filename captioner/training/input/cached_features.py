"""The features that a training reads: which caches they are in, and those that are missing."""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from captioner.backbones.backbone import Backbone
from captioner.data import datasets
from captioner.data.augmentation import PLAIN, View, views
from captioner.data.cache import cache_folders, feature_cache, features
from captioner.data.cache.photo_rows import JoinedRows, PhotoRows
from captioner.data.datasets import Dataset
from captioner.files import write_text
from captioner.training.recipe import Recipe
from captioner.training.runs.estimate import features_kind
from captioner.training.runs.journal import Journal


class Wanted(NamedTuple):
    """The features of the photos of a data set in one view, and where they are cached."""

    data: str  # name of the data set
    folder: Path
    files: list[Path]  # the photos; only those of train if augmented
    view: View
    source: str


def wanted(recipe: Recipe, data_sets: Mapping[Path, Dataset], backbone: Backbone) -> list[Wanted]:
    """The caches of a training; all trainings on the same data, backbone and view share them."""
    name = feature_cache.backbone_key(recipe.start or recipe.backbone, recipe.stride)
    fingerprint = features.fingerprint(backbone).encode()
    found = []
    for view in views(recipe.mirror, recipe.fit.crops):
        for data, one in data_sets.items():
            files = sorted(one.captions) if view == PLAIN else one.split("train")
            key = feature_cache.data_key(data, (file.name for file in files), view)
            digest = hashlib.blake2b(key.encode(), digest_size=6)
            digest.update(fingerprint)
            folder = Path(recipe.features) / f"{one.name}-{digest.hexdigest()}"
            found.append(Wanted(one.name, folder, files, view, feature_cache.source(key, name)))
    return found


def rows(wanted: Sequence[Wanted], backbone: Backbone, journal: Journal) -> list[PhotoRows]:
    """The features of all photos in each view; those that are not cached are computed."""
    folded = functools.cache(backbone.folded)
    kind = features_kind(backbone.geometry.cells, backbone.channels)
    of_view: dict[View, list] = {}
    for data, folder, files, view, source in wanted:
        what = f"{'mirrored ' * view.mirrored}{'crops' if view.crop else 'photos'}"
        journal.stage(f"extracting features of {what}", 0, len(files), "photos", kind)
        with FileLock(folder / cache_folders.LOCK):  # two trainings must not write one cache
            cache = features.cache(
                files, backbone, folder, view, report=journal.progress, folded=folded
            )
        if view == PLAIN:
            warn_of_unreadable(data, cache.manifest["broken"], journal)
        write_text(folder / feature_cache.SOURCE, source)
        of_view.setdefault(view, []).append((files, cache))
    return [some[0][1] if len(some) == 1 else JoinedRows(some) for some in of_view.values()]


def warn_of_unreadable(data: str, names: Sequence[str], journal: Journal) -> None:
    """Warns of photos that are left out."""
    if names:
        note = f"photos that cannot be read: {len(names)}{datasets.some_of(names)}"
        journal.warn(f"{data}: {note}.")
