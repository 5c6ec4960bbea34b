"""Where the cells of a trained network look, measured on photos.

Padding determines what a cell can see, but weights determine what of it matters: a network whose
strides see more of what lies to the right learns to look left.
"""

from dataclasses import replace

import numpy as np

from captioner.backbones.backbone import Backbone

STRIP = 16  # pixels


def measured(backbone: Backbone, pixels: np.ndarray) -> Backbone:
    """Measures `first` of a backbone's geometry, in whole pixels.

    Strip by strip the photos are covered with their mean colour; a cell looks where that changes
    its numbers (Zeiler and Fergus 2014, arXiv:1311.2901). All photos are used a second time, turned
    by 180 degrees, so that the places of the objects in them do not matter.

    Args:
        backbone: Its network stays the same.
        pixels: Photos, uint8 (B, size, size, 3).
    """
    geometry = backbone.geometry
    both = np.concatenate([pixels, pixels[:, ::-1, ::-1]])
    shift = np.mean([_shift(backbone, both, axis) for axis in (1, 2)])
    shift = np.clip(shift, -geometry.stride / 2, geometry.stride / 2)
    return replace(backbone, geometry=replace(geometry, first=float(round(geometry.first + shift))))


def _shift(backbone: Backbone, pixels: np.ndarray, axis: int) -> float:
    """How many pixels further along an axis the cells look than the geometry says."""
    size = backbone.geometry.size
    grid = backbone.network.predict_on_batch(pixels)
    deviation = grid.std(axis=(0, 1, 2)) + 1e-6  # of each channel
    mean = pixels.mean(axis=(1, 2), keepdims=True).astype(np.uint8)
    middles = np.arange(STRIP / 2, size, STRIP)
    changes = []
    for middle in middles:
        strip = np.abs(np.arange(size) + 0.5 - middle) < STRIP / 2
        covered = np.where(strip[:, None, None] if axis == 1 else strip[:, None], mean, pixels)
        change = np.square((backbone.network.predict_on_batch(covered) - grid) / deviation)
        changes.append(change.mean(axis=-1).sum(axis=(0, 3 - axis)))
    changes = np.array(changes) + 1e-12  # (strips, cells along the axis)
    found = (changes * middles[:, None]).sum(axis=0) / changes.sum(axis=0)
    # The photo's edges push all of them to the middle, those near an edge most: a line undoes that.
    assumed = backbone.geometry.centres(len(found)) * size
    slope, start = np.polyfit(assumed[1:-1], found[1:-1], 1)
    return (start - (1 - slope) * size / 2) / slope
