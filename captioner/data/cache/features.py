"""Computes the features of photos once, so that training can read them from a cache on disk."""

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
from captioner.data.cache.feature_cache import (
    ARRAY,
    MANIFEST,
    PROGRESS,
    CacheError,
    FeatureCache,
    open_array,
    read_manifest,
)
from captioner.data.cache.photo_rows import row_names
from captioner.data.shards import shard_rows
from captioner.files import json_hash, new_array, write_text

__all__ = ["CacheError", "FeatureCache", "cache", "fingerprint", "join"]

LARGEST_FLOAT16 = 65504


def fingerprint(backbone: Backbone) -> str:
    """A short hash of what features depend on: the backbone's weights and geometry."""
    digest = hashlib.blake2b(json.dumps(backbone.geometry.to_json()).encode(), digest_size=12)
    for variable in backbone.network.weights:
        digest.update(keras.ops.convert_to_numpy(variable).tobytes())
    return digest.hexdigest()


def cache(
    files: Sequence[Path],
    backbone: Backbone,
    folder: Path | str,
    view: View = PLAIN,
    batch_size: int = 16,
    report: Callable[[int, int], None] = lambda done, total: None,
    shard: tuple[int, int] | None = None,
    folded: Callable[[], Backbone] | None = None,
) -> FeatureCache:
    """Caches the features of photos, or resumes an interrupted call.

    Several processes or machines can share the work: each calls with its own shard, and a last
    call without a shard, or `join`, makes them one cache.

    Args:
        files: the photos; those that cannot be decoded are named in the manifest and left out.
        backbone: computes the features.
        folder: of the cache.
        view: augments every photo.
        batch_size: photos at a time.
        report: called after every batch with the finished and the total number of photos.
        shard: (i, n) computes the i-th of n parts, counted from 1, in a subfolder.
        folded: returns `backbone.folded()`; several caches can share its compiled network.

    Raises:
        CacheError: the folder holds a cache of other photos or another backbone, or shards that
            are not all finished.
        ShardError: there is no such shard.
        OSError: the disk is full; finished batches stay, and a new call resumes.
    """
    folder = Path(folder)
    wanted = {
        "backbone": backbone.name,
        "fingerprint": fingerprint(backbone),
        **asdict(view),
        "shape": [len(files), backbone.geometry.cells, backbone.channels],
        "photos": row_names(files),
    }
    if len(set(wanted["photos"])) < len(files):
        raise CacheError("A photo is named twice.")
    joined = (folder / MANIFEST).is_file()
    if shard is None and not joined and _shards(folder):
        join(folder)
    if shard and not joined:
        first, last = shard_rows(len(files), *shard, batch_size)
        wanted["data"] = json_hash(wanted["photos"])
        wanted["photos"], files = wanted["photos"][first:last], files[first:last]
        wanted["shape"][0] = len(files)
        folder /= f"shard-{shard[0]}-of-{shard[1]}"
    manifest = _open_or_create(folder, wanted)
    if manifest["done"] < len(files):
        if shard and joined:
            raise CacheError(f"{folder} holds a cache begun without shards; go on without them.")
        _fill(folder, manifest, files, (folded or backbone.folded)(), batch_size, report)
    if (folder / PROGRESS).is_file():
        write_text(folder / MANIFEST, json.dumps(manifest))
        (folder / PROGRESS).unlink()
    return FeatureCache(folder)


def _open_or_create(folder: Path, wanted: dict) -> dict:
    """The manifest of the existing cache, or of a new one with disk space reserved."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        if different := [key for key in wanted if manifest.get(key) != wanted[key]]:
            raise CacheError(
                f"{folder} holds a cache made with other {' and '.join(different)}; "
                "choose another folder or delete it."
            )
        return manifest
    new_array(folder / ARRAY, tuple(wanted["shape"]), np.float16)
    (folder / PROGRESS).unlink(missing_ok=True)  # left over where the manifest was deleted
    manifest = {**wanted, "done": 0, "broken": []}
    write_text(folder / MANIFEST, json.dumps(manifest))
    return manifest


def _fill(
    folder: Path, manifest: dict, files: Sequence[Path], backbone: Backbone, batch_size: int, report
) -> None:
    """Computes the missing rows; reading and writing go on while the network computes."""
    array = open_array(folder, manifest, "r+")
    blank = np.zeros((backbone.geometry.size, backbone.geometry.size, 3), np.uint8)
    view = View(manifest["mirrored"], manifest["crop"])

    def decode(file: Path) -> np.ndarray | None:
        try:
            return view.apply(backbone.pixels(file), file.name)
        except photos.PhotoError:
            return None

    def encode(decoding: list[Future]) -> tuple[np.ndarray, list[bool]]:
        found = [future.result() for future in decoding]
        # Filled up to the batch size, so that the last batch needs no other compiled function.
        pixels = [blank if p is None else p for p in found]
        pixels += [blank] * (batch_size - len(pixels))
        return backbone.features(np.stack(pixels))[: len(found)], [p is not None for p in found]

    def save(grid: np.ndarray, readable: list[bool]) -> None:
        start, stop = manifest["done"], manifest["done"] + len(grid)
        array[start:stop] = np.clip(grid, -LARGEST_FLOAT16, LARGEST_FLOAT16)
        array.flush()
        names = zip(manifest["photos"][start:stop], readable, strict=True)
        manifest["broken"] += [name for name, found in names if not found]
        manifest["done"] = stop
        progress = {key: manifest[key] for key in ("done", "broken")}
        write_text(folder / PROGRESS, json.dumps(progress))
        report(stop, len(files))

    # Two batches at a time take a fifth less time: one uses the cores that the other leaves idle.
    # Only TensorFlow's models may be called from several threads.
    at_once = 2 if keras.backend.backend() == "tensorflow" else 1
    with ThreadPoolExecutor(os.cpu_count()) as decoders, ThreadPoolExecutor(at_once) as encoders:
        waiting, first = deque(), manifest["done"]
        for start in range(first, len(files), batch_size):
            decoding = [decoders.submit(decode, file) for file in files[start : start + batch_size]]
            waiting.append(encoders.submit(encode, decoding))
            if start == first or len(waiting) > at_once + 1:
                save(*waiting.popleft().result())  # the first batch alone, since it compiles
        while waiting:
            save(*waiting.popleft().result())


def join(folder: Path | str) -> FeatureCache:
    """Makes the shards in a folder one cache, the same as if it had never been split.

    Until the shards are removed at the end, the disk needs space for both.

    Raises:
        CacheError: there are no shards, some are missing or unfinished (the message names all), or
            they differ in data set, backbone or batch size.
        OSError: the disk is full. In all these cases the shards stay.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        _join(folder, _finished_shards(folder))
    joined = FeatureCache(folder)
    for shard in _shards(folder):
        shutil.rmtree(shard)
    return joined


def _join(folder: Path, shards: list[FeatureCache]) -> None:
    manifests = [shard.manifest for shard in shards]
    first = manifests[0]
    names = [name for manifest in manifests for name in manifest["photos"]]
    same = ("backbone", "fingerprint", "mirrored", "crop")
    differ = any(manifest[key] != first[key] for manifest in manifests for key in (*same, "data"))
    if differ or json_hash(names) != first["data"]:
        raise CacheError(
            f"The shards in {folder} are not of one data set, backbone and batch size; "
            "delete those that are not meant."
        )
    shape = [len(names), *first["shape"][1:]]
    array = new_array(folder / ARRAY, tuple(shape), np.float16)
    row = 0
    for shard in shards:  # from one memory map to the other: memory stays small
        array[row : row + len(shard.array)] = shard.array
        row += len(shard.array)
    array.flush()
    broken = [name for manifest in manifests for name in manifest["broken"]]
    manifest = {key: first[key] for key in same}
    manifest |= {"shape": shape, "photos": names, "done": len(names), "broken": broken}
    write_text(folder / MANIFEST, json.dumps(manifest))


def _shards(folder: Path) -> dict[Path, int]:
    """The folders of shards, and into how many parts each was split."""
    found = {path: re.fullmatch(r"shard-\d+-of-(\d+)", path.name) for path in folder.glob("s*")}
    return {path: int(name[1]) for path, name in found.items() if name}


def _finished_shards(folder: Path) -> list[FeatureCache]:
    """The shards in order. Raises CacheError that names missing and unfinished ones."""
    counts = set(_shards(folder).values())
    if not counts:
        raise CacheError(f"{folder} holds no shards.")
    if len(counts) > 1:
        raise CacheError(
            f"{folder} holds shards of several splits; delete those that are not meant."
        )
    (count,) = counts
    finished, missing = [], []
    for number in range(1, count + 1):
        shard = folder / f"shard-{number}-of-{count}"
        if not (shard / MANIFEST).is_file():
            missing.append(f"{number}/{count} is not begun")
        elif (part := read_manifest(shard))["done"] < (total := len(part["photos"])):
            missing.append(f"{number}/{count} has {part['done']} of {total} photos")
        else:
            finished.append(FeatureCache(shard))
    if missing:
        raise CacheError(f"{folder} is not finished: shard {', shard '.join(missing)}.")
    return finished
