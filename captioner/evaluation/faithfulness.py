"""Is attention faithful? Runs the tests of attention on a captioner.

pointing         does the map of a noun lie on the object that it names?
mosaic           of two photos in one picture, does it lie on the one that the noun belongs to?
covering         does a word depend on the cells that its map marks?
map_distances    do maps belong to their words, or would any map do?
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captioner import Caption, Sampling
from captioner.data.grounding import Grounding
from captioner.evaluation import covering, map_distances, mosaic
from captioner.evaluation.covering import COVER
from captioner.evaluation.intervals import Measure
from captioner.evaluation.pointing import POINTING, pointing
from captioner.training.runs import snapshots
from captioner.vocabulary import standardise

PHOTOS = 200  # of the slower tests
# Of the other captions of a photo.
SAMPLERS = [Sampling(temperature=1.0, top_p=0.9, seed=seed) for seed in range(3)]
NO_BOXES = "There are no boxes in these data: annotations/instances_*.json."
FORCED = tuple(f"forced_{name}" for name in POINTING)  # on forced references
_REASONS = {  # measure -> why it may be absent
    **dict.fromkeys(POINTING, "No caption names a thing whose box is known."),
    **dict.fromkeys(
        FORCED, "No reference names, by a word that it knows, a thing whose box is known."
    ),
    "mosaic": "No caption of two photos side by side names a thing of only one of them.",
    **dict.fromkeys(COVER, "There are no words, or no cells that could be covered."),
    "maps_within": "No caption has two different words.",
    "maps_between": "No word was said again in another caption of its photo.",
}
NAMES = tuple(_REASONS)

Step = Callable[[str, int, int], None]  # (stage, done, total); may raise to stop


@dataclass(frozen=True)
class Sample:
    """A captioner and the photos that it is tested on."""

    captioner: Any  # a Captioner, whose module would import TensorFlow
    captions: Mapping[Path, Caption]  # of the captioner
    references: Mapping[Path, Sequence[str]]
    grounding: Grounding
    step: Step = lambda stage, done, total: None

    def some(self) -> dict[Path, Caption]:
        """The captions of PHOTOS photos at most."""
        return {p: self.captions[p] for p in snapshots.choose(list(self.captions), PHOTOS)}


def measure(sample: Sample, forced: bool = False) -> tuple[dict[str, Measure], dict[str, str]]:
    """Runs the tests.

    Where a detector found the boxes (see `Grounding.complete`), and with references always, only
    nouns with a box in their photo count for pointing: without a box the object may still be there.

    If `forced`, pointing is also tested while the captioner is forced to say the references: their
    nouns are right, and the same for every captioner. Mosaics are captioned greedily.

    Returns:
        Measures by name, and for every other name of NAMES the reason why it is absent.
    """
    if not sample.captioner.checkpoint.decoder.config.use_attention:
        return {}, dict.fromkeys(NAMES, "This captioner has no attention.")
    tests = [_pointing, *([_forced_pointing] if forced else []), _mosaic, _covering, _map_distances]
    found = {name: measure for test in tests for name, measure in test(sample).items()}
    reasons = dict(_REASONS)
    if not forced:
        reasons |= dict.fromkeys(FORCED, "It was not asked for: references were not forced.")
    if not sample.grounding.boxes:
        reasons |= dict.fromkeys((*POINTING, *FORCED), NO_BOXES)
    return found, {name: reasons[name] for name in NAMES if name not in found}


def _pointing(sample: Sample) -> dict[str, Measure]:
    grounding = sample.grounding
    known = {photo: c for photo, c in sample.captions.items() if photo in grounding.boxes}
    boxes = [grounding.boxes[photo] for photo in known]
    return _with_heads(list(known.values()), boxes, grounding.nouns, grounding.complete)


def _forced_pointing(sample: Sample) -> dict[str, Measure]:
    """Words that the captioner lacks are forced as the unknown token, and do not count."""
    grounding = sample.grounding
    texts = {}  # photo -> its references that name an object
    for photo, references in sample.references.items():
        named = [
            text
            for text in references
            if any(grounding.objects(photo, word) for word in standardise(text))
        ]
        if named:
            texts[photo] = named
    captions, photos = [], []  # one of each forced reference
    forced = sample.captioner.forced(texts, texts.values())
    for done, (photo, of_photo) in enumerate(zip(texts, forced, strict=True), 1):
        captions += of_photo
        photos += [photo] * len(of_photo)
        sample.step("forcing references", done, len(texts))
    boxes = [grounding.boxes[photo] for photo in photos]
    measures = _with_heads(captions, boxes, grounding.nouns, False, photos)
    return {f"forced_{name}": measure for name, measure in measures.items()}


def _with_heads(captions: list[Caption], *rest) -> dict[str, Measure]:
    """`pointing`, and of a transformer its strict measure for each head, as "pointing/1.2" for the
    second head of the first layer."""
    measures = pointing(captions, *rest)
    if measures:
        # Captions without a word name nothing.
        for layer, head in next((caption.heads for caption in captions if caption.heads), []):
            of_head = [caption.of_head(layer, head) for caption in captions]
            name = f"pointing/{layer + 1}.{head + 1}"
            measures[name] = pointing(of_head, *rest)["pointing"]
    return measures


def _mosaic(sample: Sample) -> dict[str, Measure]:
    photos, nouns = list(sample.references), sample.grounding.nouns
    named = [mosaic.nouns_in(sample.references[photo], nouns) for photo in photos]
    pairs = mosaic.pairs(named, PHOTOS)
    size = sample.captioner.geometry.size
    pictures = (mosaic.side_by_side(photos[i], photos[j], size) for i, j in pairs)
    captions = []
    for caption in sample.captioner.captions(pictures):
        captions.append(caption)
        sample.step("mosaics", len(captions), len(pairs))
    focus = mosaic.focus(captions, [(named[i], named[j]) for i, j in pairs], nouns)
    return {"mosaic": focus} if focus else {}


def _covering(sample: Sample) -> dict[str, Measure]:
    captions = sample.some()
    photos = list(captions)

    def probabilities(i, covered):
        sample.step("covering cells", i + 1, len(photos))
        words = [word.text for word in captions[photos[i]].words]
        return sample.captioner.probabilities_covered(photos[i], words, covered)

    return covering.losses(list(captions.values()), probabilities)


def _map_distances(sample: Sample) -> dict[str, Measure]:
    photos = sample.some()
    captions = [[caption] for caption in photos.values()]
    total = len(captions) * len(SAMPLERS)
    for number, sampler in enumerate(SAMPLERS):
        for i, caption in enumerate(sample.captioner.captions(photos, sampler=sampler)):
            captions[i].append(caption)
            sample.step("other captions", number * len(captions) + i + 1, total)
    return map_distances.distances(captions)
