"""The pointing game: does the map of a noun lie on the object that it names?"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from captioner.attention_maps import Geometry, peaks, region_weights
from captioner.caption import Caption
from captioner.data.boxes import Box, covers
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure

TOLERANCE = 15 / 500  # how far beside a box a peak is near, as a share of the photo's width
FINE = 224  # points across the photo at which maps and boxes are compared
POINTING = ("pointing", "pointing_near", "attention_within")
BASELINES = ("uniform", "middle", "shuffled")


def pointing(
    captions: Iterable[Caption],
    boxes: Iterable[Sequence[Box]],
    nouns: Mapping[str, str],
    misses: bool = True,
    photos: Iterable[Hashable] | None = None,
) -> dict[str, Measure]:
    """Compares the map of every noun with the boxes of what it names.

    The first two measures are the pointing game of Zhang et al. (2016, arXiv:1608.00507). Its
    authors accept a peak within 15 pixels of a box in photos of about 500 pixels: "near". Equal
    peaks of a map share the hit, see `attention_maps.peaks`.

    Three baselines say what the same nouns would get with other maps:

    uniform     the same weight for every cell; also the chance of the measure
    middle      all weight on the centre of the photo, where photographers put things
    shuffled    the mean over the maps of nouns in other photos. It keeps the preferences that maps
                have for any noun, and is the hardest to beat. Absent if all nouns that name
                something are of one photo

    Args:
        captions: Captions with their maps.
        boxes: The boxes in the photo of each caption.
        nouns: Word -> category; other words are ignored. Of several boxes of the category any one
            will do.
        misses: Whether a noun without a box in its photo counts as a miss, 0 in every measure.
            False ignores it, which is right where some objects have no box.
        photos: The photo of each caption; by default each caption has its own.

    Returns:
        "pointing": the share of maps that peak in a box of what is named; "pointing_near": in it or
        near it; "attention_within": the share of attention within the boxes. Empty if there is no
        such noun.

    Raises:
        ValueError: There are not as many captions as lists of boxes.
    """
    captions = list(captions)
    photos = range(len(captions)) if photos is None else photos
    found: list[_Noun] = []
    answers: dict[Hashable, list[np.ndarray]] = defaultdict(list)
    targets: dict[tuple, _Target] = {}  # shared by the captions of a photo
    for caption, present, photo in zip(captions, boxes, photos, strict=True):
        for word in caption.words:
            category = nouns.get(word.text)
            if named := tuple(box for box in present if box.category == category):
                key = (photo, named)
                if key not in targets:
                    targets[key] = _Target(photo, named, caption.geometry)
                found.append(_Noun(targets[key], word.attention))
                answers[photo].append(found[-1].answer())
            elif misses and category is not None:
                answers[photo].append(np.zeros(len(POINTING)))
    if not answers:
        return {}
    count = sum(map(len, answers.values()))  # misses are misses with any map
    baselines = {name: total / count for name, total in _baseline_totals(found).items()}
    return {
        name: intervals.mean(
            [[answer[n] for answer in of_photo] for of_photo in answers.values()],
            float(baselines["uniform"][n]),
            {baseline: float(shares[n]) for baseline, shares in baselines.items()},
        )
        for n, name in enumerate(POINTING)
    }


class _Target:
    """The boxes of what a noun names in a photo."""

    def __init__(self, photo: Hashable, boxes: tuple[Box, ...], geometry: Geometry):
        self.photo, self.boxes, self.geometry = photo, boxes, geometry
        points = (np.arange(FINE) + 0.5) / FINE
        covered = covers(boxes, points, points)  # bool (FINE, FINE)
        self.area = float(covered.mean())  # share of the photo
        self.inside = region_weights(covered, geometry).ravel()  # of each cell's weight, (cells,)

    def hits(self, points: np.ndarray) -> np.ndarray:
        """Whether points (N, 2) lie in a box, and whether in it or near it: float64 (N, 2)."""
        x, y = points.T
        distance = np.full(len(points), np.inf)  # to the nearest box, 0 in it
        for box in self.boxes:
            across = np.maximum(np.maximum(box.left - x, x - box.right), 0)
            down = np.maximum(np.maximum(box.top - y, y - box.bottom), 0)
            distance = np.minimum(distance, np.hypot(across, down))
        return np.stack([distance <= 0, distance <= TOLERANCE], axis=1).astype(float)


class _Noun:
    """A noun that names something: its map as it lies on the photo, and the peaks of the map."""

    def __init__(self, target: _Target, attention: np.ndarray):
        self.target = target
        weights = np.asarray(attention, np.float64).ravel()
        self.weights = weights / (weights @ _totals(target.geometry))  # (cells,)
        self.peaks = peaks(attention, target.geometry)  # (N, 2)

    def answer(self) -> np.ndarray:
        """Its values of POINTING."""
        hits = self.target.hits(self.peaks).mean(axis=0)
        return np.array([*hits, self.weights @ self.target.inside])


def _baseline_totals(nouns: Sequence[_Noun]) -> dict[str, np.ndarray]:
    """What all nouns together would get with other maps: baseline -> float64 (POINTING,)."""
    totals = {name: np.zeros(len(POINTING)) for name in BASELINES}
    shuffled = _shuffled(nouns)
    for noun in nouns:
        target = noun.target
        (middle,) = target.hits(np.array([[0.5, 0.5]]))
        totals["uniform"] += [*target.hits(_centres(target.geometry)).mean(axis=0), target.area]
        totals["middle"] += [*middle, middle[0]]
        totals["shuffled"] += shuffled.get(target, 0)
    return totals if shuffled else {name: totals[name] for name in BASELINES[:2]}


def _shuffled(nouns: Sequence[_Noun]) -> dict[_Target, np.ndarray]:
    """The mean of POINTING over the maps of other photos, for every target; empty if all nouns are
    of one photo."""
    numbers: dict[Hashable, int] = {}
    photo = np.array([numbers.setdefault(n.target.photo, len(numbers)) for n in nouns])
    if len(numbers) < 2:
        return {}
    weights = np.stack([noun.weights for noun in nouns])  # (nouns, cells)
    total = weights.sum(axis=0)
    counts = np.array([len(noun.peaks) for noun in nouns])
    shares, photo_of_peak = np.repeat(1 / counts, counts), np.repeat(photo, counts)
    # Uniform maps have all their peaks in common: each point is compared with the boxes once.
    every = np.concatenate([noun.peaks for noun in nouns])
    points, point = np.unique(every, axis=0, return_inverse=True)
    found = {}
    for target in {noun.target for noun in nouns}:
        same = photo == numbers[target.photo]
        other = photo_of_peak != numbers[target.photo]
        peaking = np.bincount(point.ravel()[other], shares[other], len(points))
        within = (total - weights[same].sum(axis=0)) @ target.inside
        answers = np.array([*(peaking @ target.hits(points)), within])
        found[target] = np.clip(answers / (~same).sum(), 0, 1)
    return found


@lru_cache
def _totals(geometry: Geometry) -> np.ndarray:
    """How much each cell's weight counts on the whole photo, float64 (cells,)."""
    return region_weights(np.ones((FINE, FINE), bool), geometry).ravel()


@lru_cache
def _centres(geometry: Geometry) -> np.ndarray:
    """Where a uniform map peaks, (cells, 2)."""
    return peaks(np.ones((geometry.rows, geometry.cols)), geometry)
