"""The cache of features on disk: `features.npy` with one row for each photo, and its manifest.

`manifest.json` names the photos, their backbone, the photos that cannot be decoded, and how many
rows are done. While rows are added, the last two are in `progress.json`, which stays small.
`source.txt` identifies what a training needs it for, without loading photos or backbone.
"""

import hashlib
import json
import mmap
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from captioner import checkpoint_folder
from captioner.backbones.specs import SPECS
from captioner.data.augmentation import View
from captioner.data.cache.photo_rows import PhotoRows, RowNames
from captioner.paths import BUNDLED

SOURCE = "source.txt"
MANIFEST, PROGRESS, ARRAY = "manifest.json", "progress.json", "features.npy"


class CacheError(ValueError):
    """The cache is damaged, or of other data; the message says so in one sentence."""


class FeatureCache(PhotoRows):
    """A finished cache: features of photos, float16 (photos, cells, channels), memory-mapped.

    Attributes:
        folder: where it is.
    """

    def __init__(self, folder: Path | str):
        """Opens a cache.

        Raises:
            CacheError: it is missing, unfinished or damaged.
        """
        self.folder = Path(folder)
        manifest = self.manifest
        names = manifest["photos"]
        if manifest["done"] < len(names):
            raise CacheError(f"{folder} is not finished; call `cache` again to go on.")
        broken = set(manifest["broken"])
        rows = [row for row, name in enumerate(names) if name not in broken]
        self._mapped = open_array(self.folder, manifest, "r")
        array = self._mapped.view(np.ndarray)  # a memmap reads rows slower
        readable = RowNames([names[row] for row in rows], rows)
        super().__init__(readable, array, View(manifest["mirrored"], manifest["crop"]))

    @property
    def manifest(self) -> dict:
        """The content of `manifest.json`, which is read again: it names every photo."""
        return read_manifest(self.folder)

    def prefetch(self, rows: np.ndarray) -> None:
        # Else the system reads four times as much: what lies around each row, too.
        if not hasattr(mmap, "MADV_WILLNEED"):
            return
        size, before = self._mapped[0].nbytes, self._mapped.offset % mmap.ALLOCATIONGRANULARITY
        for start in (before + rows.astype(np.int64) * size).tolist():
            page = start - start % mmap.PAGESIZE
            self._mapped.base.madvise(mmap.MADV_WILLNEED, page, start + size - page)


def open_array(folder: Path, manifest: dict, mode: str) -> np.ndarray:
    """Maps `features.npy`. Raises CacheError if it is damaged."""
    try:
        array = np.load(folder / ARRAY, mmap_mode=mode, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise CacheError(f"{folder} is damaged: features.npy cannot be read ({error}).") from error
    if list(array.shape) != manifest["shape"]:
        raise CacheError(f"{folder} is damaged: features.npy has shape {array.shape}.")
    return array


def read_manifest(folder: Path) -> dict:
    """The manifest with the present progress. Raises CacheError if it is missing or damaged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = {"crop": 0, **manifest}  # the first caches had no crops
        if (folder / PROGRESS).is_file():
            manifest |= json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        for key in ("backbone", "fingerprint", "mirrored", "shape", "photos", "done", "broken"):
            manifest[key]
        return manifest
    except FileNotFoundError as error:
        raise CacheError(f"{folder} holds no feature cache.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(f"{folder} is damaged: manifest.json cannot be read.") from error


def data_key(data: Path, photos: Iterable[str], view: View) -> str:
    """Identifies a view of photos: the folder of their data set, and their file names."""
    key = [str(data.resolve()), *photos, view.mirrored]
    return json.dumps(key + [view.crop] if view.crop else key)


def backbone_key(name: str, stride: int | None = None) -> str:
    """Identifies a backbone without loading it: one of SPECS, "compact", or the folder of a compact
    one or of a captioner. Raises OSError, ValueError or KeyError if the folder is damaged."""
    folder = BUNDLED if name == "compact" else Path(name)
    if name not in SPECS:
        described = json.loads((folder / "config.json").read_text(encoding="utf-8"))["backbone"]
        name = described["name"]
    if name in SPECS:
        return name
    path = checkpoint_folder.backbone_weights(folder, {"backbone": described})
    weights = checkpoint_folder.weights_digest(path)
    return f"{weights} {stride or described['geometry']['stride']:g}"


def source(data: str, backbone: str) -> str:
    """Identifies the cache of data and backbone, by their keys."""
    return hashlib.blake2b(f"{data} {backbone}".encode(), digest_size=16).hexdigest()


def finished_sources(root: Path) -> set[str]:
    """The sources of the finished caches in the folders in `root`."""
    return {
        file.read_text(encoding="utf-8")
        for file in root.glob(f"[!.]*/{SOURCE}")
        if (file.parent / MANIFEST).is_file() and not (file.parent / PROGRESS).is_file()
    }
