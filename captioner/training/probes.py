"""Puts the questions of `faithfulness` to a captioner, and says which have no answer, and why."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from captioner import Caption, Sampling
from captioner.training import faithfulness, mosaic, samples
from captioner.training.boxes import Box
from captioner.training.faithfulness import POINTING
from captioner.training.measures import Measure

PHOTOS = 200  # of them mosaics are made, cells covered and other captions sought
OTHERS = [Sampling(top_p=0.9, seed=seed) for seed in range(3)]
_COVER = ("cover_most", "cover_random", "cover_least")
NAMES = (*POINTING, "mosaic", *_COVER, "maps_within", "maps_between")

Step = Callable[[str, int, int], None]  # what is done, so much, of so much; may raise to stop


def ask(
    captioner,
    captions: Mapping[Path, Caption],
    references: Mapping[Path, Sequence[str]],
    nouns: Mapping[str, str],
    boxes: Mapping[str, Sequence[Box]],
    step: Step = lambda doing, done, total: None,
) -> tuple[dict[str, Measure], dict[str, str]]:
    """The measures of `faithfulness` by name, and for those that are not there the reason.

    `captions` are what the captioner said of photos and `references` what people said of them;
    `nouns` tells the noun that a word stands for, and where there are `boxes`, by file name, it is
    their category. Mosaics are captioned greedily.
    """
    if not getattr(captioner.checkpoint.decoder.config, "attends", True):
        return {}, dict.fromkeys(NAMES, "This captioner has no attention.")
    some = samples.choose(list(captions), PHOTOS)
    found = {
        **_pointing(captions, nouns, boxes),
        **_mosaic(captioner, references, nouns, step),
        **_cover(captioner, {photo: captions[photo] for photo in some}, step),
        **_maps(captioner, {photo: captions[photo] for photo in some}, step),
    }
    reasons = {
        **dict.fromkeys(POINTING, "No caption names a thing whose box could be known."),
        "mosaic": "No caption of two photos side by side names a thing of only one of them.",
        **dict.fromkeys(_COVER, "There are no words, or no cells that could be covered."),
        "maps_within": "No caption has two different words.",
        "maps_between": "No word was said again in another caption of its photo.",
    }
    if not boxes:
        reasons |= dict.fromkeys(POINTING, "Only scenes have boxes that say where things are.")
    return found, {name: reasons[name] for name in NAMES if name not in found}


def _pointing(captions, nouns, boxes) -> dict[str, Measure]:
    if not boxes:
        return {}
    there = [boxes.get(photo.name, []) for photo in captions]
    return faithfulness.pointing(captions.values(), there, nouns)


def _mosaic(captioner, references, nouns, step) -> dict[str, Measure]:
    photos = list(references)
    named = [mosaic.nouns_in(references[photo], nouns) for photo in photos]
    pairs = mosaic.pairs(named, PHOTOS)
    size = captioner.geometry.size
    pictures = (mosaic.side_by_side(photos[i], photos[j], size) for i, j in pairs)
    said = []
    for caption in captioner.captions(pictures):
        said.append(caption)
        step("mosaics", len(said), len(pairs))
    sides = [(named[i], named[j]) for i, j in pairs]
    measure = faithfulness.mosaic_focus(said, sides, nouns)
    return {"mosaic": measure} if measure else {}


def _cover(captioner, captions, step) -> dict[str, Measure]:
    photos = list(captions)

    def probable(i, covered):
        step("covering cells", i + 1, len(photos))
        words = [word.text for word in captions[photos[i]].words]
        return captioner.probabilities_covered(photos[i], words, covered)

    return faithfulness.cover_losses(list(captions.values()), probable)


def _maps(captioner, captions, step) -> dict[str, Measure]:
    said = [[caption] for caption in captions.values()]
    total = len(said) * len(OTHERS)
    for number, sampler in enumerate(OTHERS):
        for i, caption in enumerate(captioner.captions(captions, sampler=sampler)):
            said[i].append(caption)
            step("other captions", number * len(said) + i + 1, total)
    return faithfulness.map_distances(said)
