"""Feature grids cached on disk: the backbone sees every photo once, training reads by row."""

import hashlib
import json
import os
import re
import shutil
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from captioner import photos
from captioner.backbones.backbone import Backbone
from captioner.data.augmentation import PLAIN, View
from captioner.data.photo_rows import PhotoRows
from captioner.files import new_array, write_text

MANIFEST, PROGRESS, ARRAY = "manifest.json", "progress.json", "features.npy"
ROWS = 1024  # copied at a time when shards are joined


class CacheError(ValueError):
    """The folder holds a cache of something else, or a damaged one; one sentence says what."""


def size(backbone: Backbone, count: int) -> int:
    """Bytes on disk of the features of `count` photos: 2 for each number."""
    return count * backbone.geometry.cells * backbone.channels * np.dtype(np.float16).itemsize


def fingerprint(backbone: Backbone) -> str:
    """A short hash of the weights and the geometry: what the features depend on."""
    digest = hashlib.blake2b(json.dumps(backbone.geometry.to_json()).encode(), digest_size=12)
    for variable in backbone.network.weights:
        digest.update(keras.ops.convert_to_numpy(variable).tobytes())
    return digest.hexdigest()


class FeatureCache(PhotoRows):
    """Features of photos, float16 (photos, cells, channels), memory-mapped.

    `features.npy` holds one row per photo; `manifest.json` names the photos, the backbone they
    went through, how many rows are done, and which photos could not be read. Until all are done
    these two stand in `progress.json`, which stays small however many photos there are.
    """

    def __init__(self, folder: Path | str):
        """Opens a finished cache. Raises CacheError if it is missing, unfinished or damaged."""
        self.folder = Path(folder)
        self.manifest = _read_manifest(self.folder)
        if self.manifest["done"] < len(self.manifest["photos"]):
            raise CacheError(f"{folder} is not finished; call `cache` again to go on.")
        broken = set(self.manifest["broken"])
        rows = {p: i for i, p in enumerate(self.manifest["photos"]) if p not in broken}
        array = _map(self.folder, self.manifest, "r")
        view = View(self.manifest["mirrored"], self.manifest["crop"])
        super().__init__(rows, array, view)


def cache(
    files: Sequence[Path],
    backbone: Backbone,
    folder: Path | str,
    view: View = PLAIN,
    batch_size: int = 16,
    report: Callable[[int, int], None] = lambda done, total: None,
    shard: tuple[int, int] | None = None,
) -> FeatureCache:
    """Caches the features of photos, or goes on with a cache that was cut off.

    Photos that cannot be read are named in the manifest and left out. Other views than the plain
    one are for augmentation. `report(done, total)` is called after every batch.

    `shard=(i, n)` does the i-th of n parts, 1 to n, in a folder of its own within `folder`: so
    several processes or machines share the work, on a network disk, too. All are called alike but
    for i; then a call without `shard`, or `join`, makes them one cache.

    Raises CacheError if the folder holds the cache of other photos or another backbone, or shards
    that are not all finished, and OSError if the disk is full; what was finished stays and a new
    call goes on.
    """
    folder = Path(folder)
    wanted = {
        "backbone": backbone.name,
        "fingerprint": fingerprint(backbone),
        **asdict(view),
        "shape": [len(files), backbone.geometry.cells, backbone.channels],
        "photos": [file.name for file in files],
    }
    if len(set(wanted["photos"])) < len(files):
        raise CacheError("Two photos have the same file name; a cache tells them by it.")
    if shard is None and not (folder / MANIFEST).is_file() and _shards(folder):
        join(folder)
    if shard and not (folder / MANIFEST).is_file():  # else they are joined already
        first, last = _part(len(files), batch_size, *shard)
        wanted["data"] = _digest(wanted["photos"])
        wanted["photos"], files = wanted["photos"][first:last], files[first:last]
        wanted["shape"][0] = len(files)
        folder /= f"shard-{shard[0]}-of-{shard[1]}"
    manifest = _begin(folder, wanted)
    if manifest["done"] < len(files):
        if shard and "data" not in wanted:
            raise CacheError(f"{folder} holds a cache begun without shards; go on without them.")
        _fill(folder, manifest, files, backbone, batch_size, report)
    if (folder / PROGRESS).is_file():
        write_text(folder / MANIFEST, json.dumps(manifest))
        (folder / PROGRESS).unlink()
    return FeatureCache(folder)


def _begin(folder: Path, wanted: dict) -> dict:
    """The manifest of the cache that is there, or of a new one whose room is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / MANIFEST).is_file():
        manifest = _read_manifest(folder)
        if different := [key for key in wanted if manifest.get(key) != wanted[key]]:
            raise CacheError(
                f"{folder} holds a cache made with other {' and '.join(different)}; "
                "choose another folder or delete it."
            )
        return manifest
    new_array(folder / ARRAY, tuple(wanted["shape"]), np.float16)
    (folder / PROGRESS).unlink(missing_ok=True)  # of a manifest that somebody deleted
    manifest = {**wanted, "done": 0, "broken": []}
    write_text(folder / MANIFEST, json.dumps(manifest))
    return manifest


def _fill(
    folder: Path, manifest: dict, files: Sequence[Path], backbone: Backbone, batch_size: int, report
) -> None:
    """Computes the rows that are not done. While the network is at some batches, the next ones are
    read and those before are written: it waits for neither."""
    array, backbone = _map(folder, manifest, "r+"), backbone.folded()
    blank = np.zeros((backbone.geometry.size, backbone.geometry.size, 3), np.uint8)
    view = View(manifest["mirrored"], manifest["crop"])

    def read(file: Path):
        try:
            return view.apply(backbone.pixels(file), file.name)
        except photos.PhotoError:
            return None

    def look(reading: list[Future]) -> tuple[np.ndarray, list[bool]]:
        found = [future.result() for future in reading]
        # Always the same batch size, so that nothing is compiled for the last one.
        pixels = [blank if p is None else p for p in found]
        pixels += [blank] * (batch_size - len(pixels))
        return backbone.features(np.stack(pixels))[: len(found)], [p is not None for p in found]

    def save(grid: np.ndarray, readable: list[bool]) -> None:
        start, stop = manifest["done"], manifest["done"] + len(grid)
        array[start:stop] = np.clip(grid, -65504, 65504)  # float16 ends there
        array.flush()
        names = zip(manifest["photos"][start:stop], readable, strict=True)
        manifest["broken"] += [name for name, found in names if not found]
        manifest["done"] = stop
        write_text(
            folder / PROGRESS, json.dumps({key: manifest[key] for key in ("done", "broken")})
        )
        report(stop, len(files))

    with ThreadPoolExecutor(os.cpu_count()) as readers, ThreadPoolExecutor(_at_once()) as lookers:
        waiting, first = deque(), manifest["done"]
        for start in range(first, len(files), batch_size):
            reading = [readers.submit(read, file) for file in files[start : start + batch_size]]
            waiting.append(lookers.submit(look, reading))
            if start == first or len(waiting) > _at_once() + 1:
                save(*waiting.popleft().result())  # the first compiles, the others need not
        while waiting:
            save(*waiting.popleft().result())


def _at_once() -> int:
    """Batches that the network is at. What one leaves idle, between operations and in those that
    do not divide evenly, another uses: two are done a fifth sooner than one after the other. Only
    TensorFlow's models may be called so."""
    return 2 if keras.backend.backend() == "tensorflow" else 1


def join(folder: Path | str) -> FeatureCache:
    """Makes the shards in `folder` one cache, the same as if it had never been split, and removes
    them. Needs room for both until then; memory stays small.

    Raises CacheError if there are none, some are missing or unfinished (all are named), or they
    are not of the same data set, backbone and batch size; OSError if the disk is full. The shards
    stay then.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        _join(folder, _finished_shards(folder))
    joined = FeatureCache(folder)
    for shard in _shards(folder):
        shutil.rmtree(shard)
    return joined


def _join(folder: Path, shards: list[FeatureCache]) -> None:
    first = shards[0].manifest
    names = [name for shard in shards for name in shard.manifest["photos"]]
    same = ("backbone", "fingerprint", "mirrored", "crop")
    if any(shard.manifest[key] != first[key] for shard in shards for key in (*same, "data")) or (
        _digest(names) != first["data"]
    ):
        raise CacheError(
            f"The shards in {folder} are not of one data set, backbone and batch size; "
            "delete those that are not meant."
        )
    shape = [len(names), *first["shape"][1:]]
    array = new_array(folder / ARRAY, tuple(shape), np.float16)
    row = 0
    for shard in shards:
        for start in range(0, len(shard.array), ROWS):
            some = shard.array[start : start + ROWS]
            array[row : row + len(some)] = some
            row += len(some)
    array.flush()
    broken = [name for shard in shards for name in shard.manifest["broken"]]
    manifest = {key: first[key] for key in same}
    manifest |= {"shape": shape, "photos": names, "done": len(names), "broken": broken}
    write_text(folder / MANIFEST, json.dumps(manifest))


def _shards(folder: Path) -> dict[Path, tuple[int, int]]:
    """The folders of shards that are there, and their (i, n)."""
    found = {path: re.fullmatch(r"shard-(\d+)-of-(\d+)", path.name) for path in folder.glob("s*")}
    return {path: (int(name[1]), int(name[2])) for path, name in found.items() if name}


def _finished_shards(folder: Path) -> list[FeatureCache]:
    """In order. Raises CacheError that names those which are missing or unfinished."""
    numbers = {count for _, count in _shards(folder).values()}
    if len(numbers) != 1:
        raise CacheError(
            f"{folder} holds shards of several splits; delete those that are not meant."
            if numbers
            else f"{folder} holds no shards."
        )
    (count,) = numbers
    finished, missing = [], []
    for number in range(1, count + 1):
        shard = folder / f"shard-{number}-of-{count}"
        if not (shard / MANIFEST).is_file():
            missing.append(f"{number}/{count} is not begun")
        elif (known := _read_manifest(shard))["done"] < (total := len(known["photos"])):
            missing.append(f"{number}/{count} has {known['done']} of {total} photos")
        else:
            finished.append(FeatureCache(shard))
    if missing:
        raise CacheError(f"{folder} is not finished: shard {', shard '.join(missing)}.")
    return finished


def _part(count: int, batch_size: int, number: int, parts: int) -> tuple[int, int]:
    """First row of a shard, and the one after its last. They part between whole batches: so the
    network sees the same batches as if nothing was split, and its results are the same bits."""
    if not 1 <= number <= parts:
        raise CacheError(f"There is no shard {number}/{parts}; they go from 1/{parts} on.")
    batches = -(-count // batch_size)
    first, last = ((batches * n // parts) * batch_size for n in (number - 1, number))
    return first, min(last, count)


def _digest(names: Sequence[str]) -> str:
    return hashlib.blake2b(json.dumps(names).encode(), digest_size=12).hexdigest()


def _map(folder: Path, manifest: dict, mode: str) -> np.ndarray:
    try:
        array = np.load(folder / ARRAY, mmap_mode=mode, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise CacheError(f"{folder} is damaged: features.npy cannot be read ({error}).") from error
    if list(array.shape) != manifest["shape"]:
        raise CacheError(f"{folder} is damaged: features.npy has shape {array.shape}.")
    return array


def _read_manifest(folder: Path) -> dict:
    """What is known of the cache, `done` and `broken` as they are now."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = {"crop": 0, **manifest}  # there were none at first
        if (folder / PROGRESS).is_file():
            manifest |= json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        for key in ("backbone", "fingerprint", "mirrored", "shape", "photos", "done", "broken"):
            manifest[key]
        return manifest
    except FileNotFoundError as error:
        raise CacheError(f"{folder} holds no feature cache.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(f"{folder} is damaged: manifest.json cannot be read.") from error
