"""The formats of data sets: one module each with EXPECTED, ANNOTATIONS, `recognises` and `read`.

The first format that recognises a folder reads it. CONTRIBUTING.md says how to add one.
"""

from pathlib import Path, PurePath
from types import ModuleType

from captioner.data.formats import coco, flickr8k, image_folder, karpathy, sidecars, tables
from captioner.data.photo_files import SUFFIXES

FORMATS: tuple[ModuleType, ...] = (flickr8k, karpathy, image_folder, tables, coco, sidecars)


def find_format(folder: Path) -> ModuleType | None:
    """The format of the data set in a folder."""
    return next((format_ for format_ in FORMATS if format_.recognises(folder)), None)


def is_annotation(path: PurePath) -> bool:
    """Whether a file has the name of a file that captions, boxes or splits are read from."""
    return path.suffix.lower() not in SUFFIXES and any(
        path.match(pattern) for format_ in FORMATS for pattern in format_.ANNOTATIONS
    )


def expected_files() -> str:
    """What a folder must hold, for a message."""
    return ", or ".join(format_.EXPECTED for format_ in FORMATS)
