"""Puts the questions of `faithfulness` to a captioner, and says which have no answer, and why."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from captioner import Caption, Sampling
from captioner.data.grounding import Grounding
from captioner.evaluation import faithfulness, mosaic
from captioner.evaluation.faithfulness import POINTING
from captioner.evaluation.intervals import Measure
from captioner.training import snapshots
from captioner.vocabulary import standardise

PHOTOS = 200  # of them mosaics are made, cells covered and other captions sought
OTHERS = [Sampling(temperature=1.0, top_p=0.9, seed=seed) for seed in range(3)]
NO_BOXES = "There are no boxes in these data: annotations/instances_*.json."
FORCED = tuple(f"forced_{name}" for name in POINTING)  # of references instead of own captions
_COVER = ("cover_most", "cover_random", "cover_least")
NAMES = (*POINTING, *FORCED, "mosaic", *_COVER, "maps_within", "maps_between")

Step = Callable[[str, int, int], None]  # what is done, so much, of so much; may raise to stop


def ask(
    captioner,
    captions: Mapping[Path, Caption],
    references: Mapping[Path, Sequence[str]],
    grounding: Grounding,
    step: Step = lambda doing, done, total: None,
    forced: bool = False,
) -> tuple[dict[str, Measure], dict[str, str]]:
    """The measures of `faithfulness` by name, and for those that are not there the reason.

    `captions` are what the captioner said of photos and `references` what people said of them.
    Mosaics are captioned greedily. If `forced`, pointing is asked of the references, too: they are
    the same nouns for every captioner, and right.

    Where a detector found the boxes (see `Grounding.complete`), and of references always, pointing
    is asked only of nouns with a box in their photo: no box does not mean that nothing is there.
    """
    if not getattr(captioner.checkpoint.decoder.config, "attends", True):
        return {}, dict.fromkeys(NAMES, "This captioner has no attention.")
    some = snapshots.choose(list(captions), PHOTOS)
    found = {
        **_pointing(captions, grounding),
        **(_forced(captioner, references, grounding, step) if forced else {}),
        **_mosaic(captioner, references, grounding.nouns, step),
        **_cover(captioner, {photo: captions[photo] for photo in some}, step),
        **_maps(captioner, {photo: captions[photo] for photo in some}, step),
    }
    reasons = {
        **dict.fromkeys(POINTING, "No caption names a thing whose box is known."),
        **dict.fromkeys(
            FORCED, "No reference names, by a word that it knows, a thing whose box is known."
        ),
        "mosaic": "No caption of two photos side by side names a thing of only one of them.",
        **dict.fromkeys(_COVER, "There are no words, or no cells that could be covered."),
        "maps_within": "No caption has two different words.",
        "maps_between": "No word was said again in another caption of its photo.",
    }
    if not forced:
        reasons |= dict.fromkeys(FORCED, "It was not asked for: references were not forced.")
    if not grounding.boxes:
        reasons |= dict.fromkeys((*POINTING, *FORCED), NO_BOXES)
    return found, {name: reasons[name] for name in NAMES if name not in found}


def _pointing(captions: Mapping[Path, Caption], grounding: Grounding) -> dict[str, Measure]:
    known = {photo: captions[photo] for photo in captions if photo in grounding.boxes}
    boxes = [grounding.boxes[photo] for photo in known]
    return faithfulness.pointing(known.values(), boxes, grounding.nouns, grounding.complete)


def _forced(captioner, references, grounding, step) -> dict[str, Measure]:
    """Pointing, of references. Words that the captioner lacks are forced as the unknown token, and
    not asked about."""
    asked = {}  # photo -> its references that name an object
    for photo, texts in references.items():
        named = [
            text
            for text in texts
            if any(grounding.objects(photo, word) for word in standardise(text))
        ]
        if named:
            asked[photo] = named
    said: dict[Path, list[Caption]] = {}
    for photo, captions in zip(asked, captioner.forced(asked, asked.values()), strict=True):
        said[photo] = captions
        step("forcing references", len(said), len(asked))
    photos = [photo for photo, captions in said.items() for _ in captions]
    boxes = [grounding.boxes[photo] for photo in photos]
    captions = itertools.chain.from_iterable(said.values())
    found = faithfulness.pointing(captions, boxes, grounding.nouns, misses=False, photos=photos)
    return {f"forced_{name}": measure for name, measure in found.items()}


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
