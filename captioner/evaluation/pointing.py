"""Does the map of a noun lie on the thing that it names? And would another map do as well?"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from captioner.attention_maps import Geometry, peaks, region_weights
from captioner.caption import Caption
from captioner.data.boxes import Box, covers
from captioner.evaluation import intervals
from captioner.evaluation.intervals import Measure

PUBLISHED = 15 / 500  # how far beside a box a peak may lie, a share of the photo's width
FINE = 224  # points across the photo at which maps and boxes are compared
POINTING = ("pointing", "pointing_near", "attention_within")
BASELINES = ("uniform", "middle", "shuffled")
_MISS = np.zeros(len(POINTING))


def pointing(
    captions: Iterable[Caption],
    boxes: Iterable[Sequence[Box]],
    nouns: Mapping[str, str],
    misses: bool = True,
    photos: Iterable[Hashable] | None = None,
) -> dict[str, Measure]:
    """Asks of every noun in captions whether its map lies on what it names.

    "pointing": maps that peak in a box of what is named; "pointing_near": or near it;
    "attention_within": attention within the boxes. Nothing if no noun is asked about.

    `boxes` are those of each caption's photo; `nouns` tells the category that a word names, and
    words that are not in it are not asked about. Where there are several objects of the category,
    any of them will do. A noun that names nothing in its photo is a miss, 0 in every measure, if
    `misses`; else it is not asked about, which is right where some objects have no box. `photos`
    tell captions of one photo from those of others; without them each has a photo of its own.

    The first two are the pointing game of Zhang et al. (2016, arXiv:1608.00507). Its authors let a
    peak pass that is within 15 pixels of a box, in photos of about 500: that is near. Where a map
    peaks, `attention.peaks` tells; equal peaks share the hit.

    Three baselines tell what the same nouns would get with other maps:

    uniform     the same weight for every cell: a hit counts by how many cells are centred in a box,
                or near, and the boxes' share of the photo lies within. The chance of the measure
    middle      all weight on the centre of the photo, where photographers put things
    shuffled    the map of a noun in another photo: the mean over all of them. It keeps what maps
                prefer whatever they are about, and is the hardest to beat. Absent if all nouns that
                name something are of one photo

    Raises ValueError if there are not as many captions as photos with boxes.
    """
    captions = list(captions)
    photos = range(len(captions)) if photos is None else photos
    asked: list[_Noun] = []
    answers: dict[Hashable, list[np.ndarray]] = defaultdict(list)
    targets: dict[tuple, _Target] = {}  # of many captions of a photo, the same
    for caption, present, photo in zip(captions, boxes, photos, strict=True):
        for word in caption.words:
            category = nouns.get(word.text)
            if named := tuple(box for box in present if box.category == category):
                key = (photo, named)
                if key not in targets:
                    targets[key] = _Target(photo, named, caption.geometry)
                asked.append(_Noun(targets[key], word.attention))
                answers[photo].append(asked[-1].answer())
            elif misses and category is not None:
                answers[photo].append(_MISS)
    if not answers:
        return {}
    count = sum(map(len, answers.values()))  # misses are misses with any map
    baselines = {name: found.sum(axis=0) / count for name, found in _baselines(asked).items()}
    return {
        name: intervals.mean(
            [[answer[n] for answer in of_photo] for of_photo in answers.values()],
            float(baselines["uniform"][n]),
            {baseline: float(shares[n]) for baseline, shares in baselines.items()},
        )
        for n, name in enumerate(POINTING)
    }


class _Target:
    """What a noun names in a photo."""

    def __init__(self, photo: Hashable, boxes: tuple[Box, ...], geometry: Geometry):
        self.photo, self.boxes, self.geometry = photo, boxes, geometry
        points = (np.arange(FINE) + 0.5) / FINE
        covered = covers(boxes, points, points)  # bool (FINE, FINE)
        self.area = float(covered.mean())  # share of the photo
        # How much of each cell's weight falls within the boxes, float64 (cells,).
        self.inside = region_weights(covered, geometry).ravel()

    def hits(self, points: np.ndarray) -> np.ndarray:
        """Whether points (N, 2) lie in a box, and whether in it or near: float64 (N, 2)."""
        away = _away(points, self.boxes)
        return np.stack([away <= 0, away <= PUBLISHED], axis=1).astype(float)


class _Noun:
    """A noun that names something: its map, as it is laid on the photo, and where that peaks."""

    def __init__(self, target: _Target, attention: np.ndarray):
        self.target = target
        weights = np.asarray(attention, np.float64).ravel()
        self.weights = weights / (weights @ _totals(target.geometry))  # (cells,)
        self.peaks = peaks(attention, target.geometry)  # (N, 2)

    def answer(self) -> np.ndarray:
        """What it adds to each measure of POINTING."""
        hits = self.target.hits(self.peaks).mean(axis=0)
        return np.array([*hits, self.weights @ self.target.inside])


def _baselines(asked: Sequence[_Noun]) -> dict[str, np.ndarray]:
    """What each noun would get with other maps: name -> float64 (nouns, POINTING)."""
    others = _OtherMaps(asked)
    several = len({noun.target.photo for noun in asked}) > 1
    known: dict[_Target, np.ndarray] = {}
    for noun in asked:
        if (target := noun.target) not in known:
            (middle,) = target.hits(np.array([[0.5, 0.5]]))
            uniform = target.hits(_centres(target.geometry)).mean(axis=0)
            rows = [[*uniform, target.area], [*middle, middle[0]]]
            known[target] = np.array([*rows, others.answer(target)] if several else rows)
    names = BASELINES if several else BASELINES[:2]
    found = [known[noun.target] for noun in asked]
    return {
        name: np.array([rows[n] for rows in found]).reshape(-1, len(POINTING))
        for n, name in enumerate(names)
    }


class _OtherMaps:
    """The maps of all nouns, each of which may be asked about what a noun of another photo names.

    The sum over the maps of other photos is that over all maps less that over the photo's own.
    """

    def __init__(self, asked: Sequence[_Noun]):
        self.nouns = asked
        self.own: dict[Hashable, list[int]] = defaultdict(list)  # photo -> its nouns
        for number, noun in enumerate(asked):
            self.own[noun.target.photo].append(number)
        every = np.concatenate([np.zeros((0, 2)), *(noun.peaks for noun in asked)])
        # Uniform maps have all their peaks in common: each point is looked at once.
        self.points, at = np.unique(every, axis=0, return_inverse=True)
        self.at = np.split(at.ravel(), np.cumsum([len(noun.peaks) for noun in asked])[:-1])
        self.peaking, self.weights = self._sums(range(len(asked)))

    def answer(self, target: _Target) -> np.ndarray:
        """What they get on average, float64 (POINTING,)."""
        own = self.own[target.photo]
        peaking, weights = self._sums(own)
        hits = (self.peaking - peaking) @ target.hits(self.points)
        within = (self.weights - weights) @ target.inside
        return np.clip(np.array([*hits, within]) / (len(self.nouns) - len(own)), 0, 1)

    def _sums(self, numbers: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Of some maps: how many peak at each point, where equal peaks share, and their sum."""
        peaking, weights = np.zeros(len(self.points)), 0.0
        for number in numbers:
            peaking[self.at[number]] += 1 / len(self.at[number])
            weights = weights + self.nouns[number].weights
        return peaking, weights


@lru_cache
def _totals(geometry: Geometry) -> np.ndarray:
    """How much each cell's weight counts on the whole photo, float64 (cells,)."""
    return region_weights(np.ones((FINE, FINE), bool), geometry).ravel()


@lru_cache
def _centres(geometry: Geometry) -> np.ndarray:
    """Where a uniform map peaks, (cells, 2)."""
    return peaks(np.ones((geometry.rows, geometry.cols)), geometry)


def _away(points: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """How far from the nearest box points (N, 2) are, 0 within it: float64 (N,)."""
    x, y = points.T
    away = np.full(len(points), np.inf)
    for box in boxes:
        across = np.maximum(np.maximum(box.left - x, x - box.right), 0)
        down = np.maximum(np.maximum(box.top - y, y - box.bottom), 0)
        away = np.minimum(away, np.hypot(across, down))
    return away
