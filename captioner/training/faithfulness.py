"""Whether attention is faithful: does the map of a word lie on the thing that the word names?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from captioner.attention import Geometry
from captioner.caption import Caption
from captioner.training.boxes import Box

FINE = 224  # points across the photo at which maps and boxes are compared


@dataclass(frozen=True)
class Pointing:
    """How well the maps of nouns point; the shares are means over all nouns, 0 to 1.

    A noun that names nothing in its photo is a miss: it counts with 0 in every share.
    """

    nouns: int  # words that were asked about
    absent: int  # those of them that name nothing in their photo
    hits: float  # maps that peak in a box of what is named
    mass: float  # attention within these boxes
    chance: float  # their area: `mass` of a uniform map, and `hits` of a random point
    uniform: float  # `hits` of a uniform map: cells whose centre lies in a box


def pointing(
    captions: Iterable[Caption],
    boxes: Iterable[Sequence[Box]],
    nouns: Mapping[str, str],
    tolerance: float = 0.0,
) -> Pointing:
    """Asks of every noun in captions whether its map lies on what it names.

    `boxes` are those of each caption's photo; `nouns` tells the category that a word names, and
    words that are not in it are not asked about. Where there are several objects of the category,
    any of them will do.

    A hit is the pointing game of Zhang et al. (2016, arXiv:1608.00507): the map's peak, which is
    the centre of a cell, lies in a box. Equal peaks share the hit, so that a uniform map gets no
    more than its chance. The authors also let a peak pass that is within 15 pixels of a box, in
    photos of about 500; here it must be inside, but `tolerance`, a share of the photo's width,
    can be set to do as they do.

    Raises ValueError if there are not as many captions as photos with boxes.
    """
    shares, absent = [], 0
    for caption, present in zip(captions, boxes, strict=True):
        for i, word in enumerate(caption.words):
            if word.text in nouns:
                named = [box for box in present if box.category == nouns[word.text]]
                shares.append(_shares(caption, i, named, tolerance) if named else (0.0,) * 4)
                absent += not named
    means = np.mean(shares, axis=0) if shares else np.zeros(4)
    return Pointing(len(shares), absent, *(float(mean) for mean in means))


def _shares(
    caption: Caption, i: int, boxes: Sequence[Box], tolerance: float
) -> tuple[float, float, float, float]:
    """Hit, mass, chance and uniform hit of word `i`."""
    attention, geometry = caption.words[i].attention, caption.geometry
    inside = _centres_inside(geometry, boxes, tolerance)
    placed = caption.placed_attention(i, (FINE, FINE))
    covered = _covered(boxes)
    return (
        float(inside[attention == attention.max()].mean()),
        float(placed[covered].sum() / placed.sum()),
        float(covered.mean()),
        float(inside.mean()),
    )


def _centres_inside(geometry: Geometry, boxes: Sequence[Box], tolerance: float) -> np.ndarray:
    """Which cells have their centre in a box, or no further away than `tolerance`: bool (rows,
    cols)."""
    x, y = geometry.centres(geometry.cols), geometry.centres(geometry.rows)[:, None]
    inside = np.zeros((geometry.rows, geometry.cols), bool)
    for box in boxes:
        across = np.maximum(np.maximum(box.left - x, x - box.right), 0)
        down = np.maximum(np.maximum(box.top - y, y - box.bottom), 0)
        inside |= np.hypot(across, down) <= tolerance
    return inside


def _covered(boxes: Sequence[Box]) -> np.ndarray:
    """Which points of the photo lie in a box: bool (FINE, FINE)."""
    points = (np.arange(FINE) + 0.5) / FINE
    covered = np.zeros((FINE, FINE), bool)
    for box in boxes:
        across = (box.left <= points) & (points < box.right)
        down = (box.top <= points) & (points < box.bottom)
        covered |= down[:, None] & across
    return covered
