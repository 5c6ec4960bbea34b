"""Evaluates a captioner on a split of a data set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

from captioner import samplers
from captioner.data import datasets, grounding
from captioner.evaluation import captioning, faithfulness, meteor, metrics
from captioner.evaluation.hallucination import CHAIR, chair
from captioner.evaluation.store import Evaluation, EvaluationError, checkpoint_fingerprint
from captioner.training.runs.journal import Stopped


@dataclass(frozen=True)
class Request:
    """What to evaluate on, and how."""

    data: str  # folder of a data set
    split: str = "dev"
    sampler: dict = field(default_factory=dict)  # what differs from samplers.DEFAULTS
    photos: int = 0  # the first so many of the sorted split; 0 for all
    quick: bool = False  # scores and CHAIR only, no tests of attention
    forced: bool = False  # also test pointing with the references


def evaluate(
    captioner,
    name: str,
    request: Request,
    report: Callable[[str, int, int], None] = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Captions the photos of a split and measures all that can be measured.

    Photos that cannot be read, or have no reference with a word, are left out; `missing` of the
    result says so. `name` is that of the checkpoint; `report` is called with (stage, done, total).

    Raises:
        Stopped: `should_stop()` is true.
        DatasetError: The data cannot be read, or the split has no photo that can be captioned.
        ValueError: There is no such sampler or setting, or its value is out of range.
    """

    def step(stage: str, done: int, total: int) -> None:
        report(stage, done, total)
        if should_stop():
            raise Stopped

    settings = {**samplers.DEFAULTS, **request.sampler}
    sampler = _sampler(settings)
    dataset = datasets.read(request.data)
    selected = captioning.references(dataset, request.split, request.photos)
    captions, seconds = captioning.captions(captioner, selected, sampler, step)
    missing = captioning.left_out(dataset, selected, captions)
    references = {photo: selected[photo] for photo in captions}
    texts = [caption.text for caption in captions.values()]
    reference_texts = list(references.values())
    trained_on = [text for photo in dataset.splits["train"] for text in dataset.captions[photo]]
    if not trained_on:
        missing["novel"] = "The data have no train split to look for the captions in."

    scores = metrics.scores(texts, reference_texts)
    if len(texts) == 1:
        missing["CIDEr"] = "CIDEr is 0 for a single photo: no word is said of some photos only."
    step("METEOR", 0, 1)
    try:
        scores["METEOR"] = meteor.score(texts, reference_texts, should_stop)
    except meteor.NoMeteor as error:
        missing["METEOR"] = str(error)
    step("METEOR", 1, 1)

    objects = grounding.read(request.data, dataset, request.split)
    hallucination = chair(dict(zip(captions, texts, strict=True)), references, objects)
    reason = faithfulness.NO_BOXES
    if objects.boxes:
        reason = "No caption names a thing that was looked for."
    missing |= {measure: reason for measure in CHAIR if measure not in hallucination}

    if request.quick:
        measures, reasons = {}, {"faithfulness": "It was not asked for."}
    else:
        sample = faithfulness.Sample(captioner, captions, references, objects, step)
        measures, reasons = faithfulness.measure(sample, request.forced)

    each = metrics.photo_scores(texts, reference_texts)
    return Evaluation(
        checkpoint=name,
        written=checkpoint_fingerprint(captioner.checkpoint.config),
        data=str(request.data),
        split=request.split,
        sampler=settings,
        date=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        scores=scores,
        missing=missing | reasons,
        captions={**captioning.statistics(texts, trained_on), "seconds": round(seconds, 6)},
        hallucination=hallucination,
        faithfulness=measures,
        photos=[
            {
                "photo": photo.relative_to(request.data).as_posix(),
                "caption": captions[photo].text,
                "references": list(references[photo]),
                **{score: round(value, 6) for score, value in of_photo.items()},
            }
            for photo, of_photo in zip(captions, each, strict=True)
        ],
    )


def _sampler(settings: dict) -> samplers.Sampler:
    if unknown := settings.keys() - samplers.DEFAULTS.keys():
        raise EvaluationError(f"A sampler has no setting {sorted(unknown)[0]}.")
    if settings["sampler"] not in samplers.NAMES:
        raise EvaluationError(f"There is no sampler '{settings['sampler']}'.")
    return samplers.from_settings(SimpleNamespace(**settings))
