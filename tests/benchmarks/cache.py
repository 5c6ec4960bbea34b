"""What a photo's features take on disk."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from captioner import backbones
from captioner.compact import CompactConfig
from captioner.training import features
from tests.benchmarks import tutorial
from tests.benchmarks.common import Row, Settings, photos

PHOTOS = 64


def measure(settings: Settings) -> list[Row]:
    """Kilobytes per photo, of the files as they are written; ours also for InceptionV3's grid."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        files = photos(folder / "photos", 2 if settings.quick else PHOTOS)
        array = np.zeros((tutorial.CELLS, tutorial.CHANNELS), np.float32)
        np.save(folder / "tutorial.npy", array)
        theirs = (folder / "tutorial.npy").stat().st_size
        networks = {"each its own features": backbones.compact_backbone(CompactConfig())}
        if not settings.quick:  # building the network takes a while
            networks["both InceptionV3's"] = backbones.build("inceptionv3", weights=None)
        rows = []
        for number, (what, network) in enumerate(networks.items()):
            features.cache(files, network, folder / str(number))
            written = sum(file.stat().st_size for file in (folder / str(number)).iterdir())
            rows.append(
                Row(f"cache, {what}", "KB/photo", written / len(files) / 1000, theirs / 1000)
            )
        return rows
