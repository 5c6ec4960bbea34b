"""Feature grids cached on disk: the backbone sees every photo once, training reads by row."""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np

from captioner import photos
from captioner.backbones import Backbone
from captioner.files import new_array, write_text


class CacheError(ValueError):
    """The folder holds a cache of something else, or a damaged one; one sentence says what."""


def fingerprint(backbone: Backbone) -> str:
    """A short hash of the weights and the geometry: what the features depend on."""
    digest = hashlib.blake2b(json.dumps(backbone.geometry.to_json()).encode(), digest_size=12)
    for variable in backbone.network.weights:
        digest.update(keras.ops.convert_to_numpy(variable).tobytes())
    return digest.hexdigest()


class PhotoRows:
    """An array with one row per photo; a photo is known by its file name."""

    def __init__(self, rows: dict[str, int], array: np.ndarray):
        self._rows, self.array = rows, array

    def __contains__(self, photo: Path | str) -> bool:
        return Path(photo).name in self._rows

    def row(self, photo: Path | str) -> int:
        """Row of a photo."""
        return self._rows[Path(photo).name]


class FeatureCache(PhotoRows):
    """Features of photos, float16 (photos, cells, channels), memory-mapped.

    `features.npy` holds one row per photo; `manifest.json` names the photos, the backbone they
    went through, how many rows are done, and which photos could not be read.
    """

    def __init__(self, folder: Path | str):
        """Opens a finished cache. Raises CacheError if it is missing, unfinished or damaged."""
        self.folder = Path(folder)
        self.manifest = _read_manifest(self.folder)
        if self.manifest["done"] < len(self.manifest["photos"]):
            raise CacheError(f"{folder} is not finished; call `cache` again to go on.")
        broken = set(self.manifest["broken"])
        rows = {p: i for i, p in enumerate(self.manifest["photos"]) if p not in broken}
        super().__init__(rows, _map(self.folder, self.manifest, "r"))


def cache(
    files: Sequence[Path],
    backbone: Backbone,
    folder: Path | str,
    mirrored: bool = False,
    batch_size: int = 32,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> FeatureCache:
    """Caches the features of photos, or goes on with a cache that was cut off.

    Photos that cannot be read are named in the manifest and left out. `mirrored` caches the
    mirrored photos, for augmentation. `report(done, total)` is called after every batch.

    Raises CacheError if the folder holds the cache of other photos or another backbone, and
    OSError if the disk is full; what was finished stays and a new call goes on.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shape = [len(files), backbone.geometry.cells, backbone.channels]
    wanted = {
        "backbone": backbone.name,
        "fingerprint": fingerprint(backbone),
        "mirrored": mirrored,
        "shape": shape,
        "photos": [file.name for file in files],
    }
    if len(set(wanted["photos"])) < len(files):
        raise CacheError("Two photos have the same file name; a cache tells them by it.")
    if (folder / "manifest.json").is_file():
        manifest = _read_manifest(folder)
        if different := [key for key in wanted if manifest[key] != wanted[key]]:
            raise CacheError(
                f"{folder} holds a cache made with other {' and '.join(different)}; "
                "choose another folder or delete it."
            )
        array = _map(folder, manifest, "r+")
    else:
        array = new_array(folder / "features.npy", tuple(shape), np.float16)
        manifest = {**wanted, "done": 0, "broken": []}
        _write_manifest(folder, manifest)

    def read(file: Path):
        try:
            pixels = backbone.pixels(photos.open_photo(file))
            return pixels[:, ::-1] if mirrored else pixels
        except photos.PhotoError:
            return None

    blank = np.zeros((backbone.geometry.size, backbone.geometry.size, 3), np.uint8)
    starts = range(manifest["done"], len(files), batch_size)
    with ThreadPoolExecutor(2) as pool:

        def fetch(start: int):
            return [pool.submit(read, file) for file in files[start : start + batch_size]]

        coming = fetch(manifest["done"])
        for start in starts:
            batch, coming = coming, fetch(start + batch_size)  # read while the network computes
            found = [future.result() for future in batch]
            # Always the same batch size, so that nothing is compiled for the last one.
            pixels = [blank if p is None else p for p in found]
            pixels += [blank] * (batch_size - len(pixels))
            grid = backbone.features(np.stack(pixels))[: len(found)]
            array[start : start + len(found)] = np.clip(grid, -65504, 65504)
            array.flush()
            names = wanted["photos"][start : start + len(found)]
            manifest["broken"] += [n for n, p in zip(names, found, strict=True) if p is None]
            manifest["done"] = start + len(found)
            _write_manifest(folder, manifest)
            report(manifest["done"], len(files))
    return FeatureCache(folder)


def _map(folder: Path, manifest: dict, mode: str) -> np.ndarray:
    try:
        array = np.load(folder / "features.npy", mmap_mode=mode, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise CacheError(f"{folder} is damaged: features.npy cannot be read ({error}).") from error
    if list(array.shape) != manifest["shape"]:
        raise CacheError(f"{folder} is damaged: features.npy has shape {array.shape}.")
    return array


def _write_manifest(folder: Path, manifest: dict) -> None:
    write_text(folder / "manifest.json", json.dumps(manifest))


def _read_manifest(folder: Path) -> dict:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        keys = ("backbone", "fingerprint", "mirrored", "shape", "photos", "done", "broken")
        return {key: manifest[key] for key in keys}
    except FileNotFoundError as error:
        raise CacheError(f"{folder} holds no feature cache.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(f"{folder} is damaged: manifest.json cannot be read.") from error
