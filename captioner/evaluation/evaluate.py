"""What a captioner is worth on a data set: asked for, measured, kept, read again, compared.

results/NAME.json    one evaluation, as `Evaluation.to_json` has it
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from captioner import samplers
from captioner.data import datasets, grounding
from captioner.evaluation import captioning, metrics, probes
from captioner.evaluation.hallucination import CHAIR, chair
from captioner.evaluation.intervals import Measure, is_number
from captioner.evaluation.metrics import PER_PHOTO
from captioner.files import write_text
from captioner.paths import RESULTS
from captioner.training.journal import Stopped

FORMAT = 1
_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
_MEASURES = ("hallucination", "faithfulness")  # parts whose numbers come with an interval
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


class EvaluationError(ValueError):
    """What is asked for cannot be done, or a kept result not be read; one sentence says why."""


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    data: str  # folder of a data set
    split: str = "dev"
    sampler: dict = field(default_factory=dict)  # what differs from samplers.DEFAULTS
    photos: int = 0  # the first so many of the sorted split; 0 for all
    quick: bool = False  # scores and CHAIR only: whether attention is faithful is not asked
    forced: bool = False  # where it points is asked of the references, too


@dataclass(frozen=True)
class Evaluation:
    """What was found; plain data. A measure that has nothing to measure is absent, and `missing`
    says why."""

    checkpoint: str  # its name, such as "default" or "myrun/best"
    written: str  # `made_as` of its config
    data: str
    split: str
    sampler: dict
    date: str  # UTC, such as "2026-11-21T18:30:00Z"
    scores: dict[str, float]
    missing: dict[str, str]
    captions: dict[str, float]
    hallucination: dict[str, Measure]  # CHAIR; results of before have none
    faithfulness: dict[str, Measure]
    photos: list[dict]  # photo, caption, references, and the scores PER_PHOTO

    def to_json(self) -> dict:
        measured = {
            part: {name: measure.to_json() for name, measure in getattr(self, part).items()}
            for part in _MEASURES
        }
        return {"format": FORMAT, **asdict(self), **measured}

    def is_of(self, checkpoint: Path | str) -> bool:
        """Whether the checkpoint in this folder is the one that was evaluated: a training replaces
        its checkpoints under the same name."""
        try:
            text = (Path(checkpoint) / "config.json").read_text(encoding="utf-8")
            return made_as(json.loads(text)) == self.written
        except (OSError, ValueError):
            return False

    def to_csv(self) -> str:
        """One row per photo; several references are parted by " | "."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["photo", "caption", *PER_PHOTO, "references"])
        for row in self.photos:
            said = (row["photo"], row["caption"], " | ".join(row["references"]))
            photo, caption, references = ("'" + s if s.startswith(_FORMULA) else s for s in said)
            rows.writerow([photo, caption, *(row[name] for name in PER_PHOTO), references])
        return text.getvalue()

    def save(self, root: Path | str = RESULTS) -> Path:
        """Writes the result; one of the same checkpoint, asked the same, is replaced."""
        asked = [self.checkpoint, self.written, self.data, self.split, self.sampler]
        asked += [len(self.photos), bool(self.faithfulness)]
        asked += ["forced"] if self.faithfulness.keys() & set(probes.FORCED) else []
        name = re.sub(r"[^A-Za-z0-9-]+", "-", f"{self.checkpoint}-{self.split}").strip("-")
        path = Path(root) / f"{name[:60]}-{fingerprint(asked)}.json"
        write_text(path, json.dumps(self.to_json(), allow_nan=False))
        return path

    @classmethod
    def read(cls, path: Path | str) -> "Evaluation":
        """Reads what `save` wrote. Raises EvaluationError if it is missing, damaged, or of another
        version."""
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls._from_json(found)
        except _DAMAGED as error:
            raise EvaluationError(f"{Path(path).name} is not a result that can be read.") from error

    @classmethod
    def _from_json(cls, found: dict) -> "Evaluation":
        if found["format"] != FORMAT:
            raise ValueError("of another version")
        kinds = {"sampler": dict, "scores": dict, "missing": dict, "captions": dict, "photos": list}
        parts = {name: found[name] for name in cls.__dataclass_fields__ if name not in _MEASURES}
        numbers = [*parts["scores"].values(), *parts["captions"].values()]
        for row in parts["photos"]:
            numbers += [row[name] for name in PER_PHOTO]
            texts = [row["photo"], row["caption"], *row["references"]]
            if not all(isinstance(text, str) for text in texts):
                raise TypeError("a photo's row is not as it should be")
        fits = all(isinstance(parts[name], kinds.get(name, str)) for name in parts)
        if not fits or not all(map(is_number, numbers)):
            raise TypeError("not as it was written")
        found = {"hallucination": {}, **found}
        measures = {
            part: {name: Measure.from_json(one) for name, one in found[part].items()}
            for part in _MEASURES
        }
        return cls(**parts, **measures)


def fingerprint(config) -> str:
    """16 letters and digits that tell one config, of JSON types, from others."""
    text = json.dumps(config, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def made_as(config) -> str:
    """Tells one checkpoint from another by its config, but for what may be found out and written
    into it later."""
    found = ("scores", "notes")
    if isinstance(config, dict):
        config = {key: value for key, value in config.items() if key not in found}
    return fingerprint(config)


def most_different(one: Evaluation, other: Evaluation) -> list[tuple[dict, dict]]:
    """The rows of the photos that both have, the largest difference of CIDEr first.

    CIDEr weighs words by how few of the evaluated photos they are said of: compare evaluations of
    the same photos.
    """
    theirs = {row["photo"]: row for row in other.photos}
    pairs = [(row, theirs[row["photo"]]) for row in one.photos if row["photo"] in theirs]
    return sorted(pairs, key=lambda pair: -abs(pair[0]["CIDEr"] - pair[1]["CIDEr"]))


def evaluate(
    captioner,
    name: str,
    request: Request,
    report: Callable[[str, int, int], None] = lambda doing, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Captions the photos of a split and measures what there is to measure.

    `name` is the checkpoint's; `report(doing, done, total)` tells how far it is. Photos that
    cannot be read, or of which no reference has a word, are left out; `missing` says so. `captions`
    holds what `captioning.told` tells of them, and seconds per photo.

    Raises Stopped if `should_stop()`, DatasetError if the data cannot be read, have no such split
    or no photo in it to be captioned, EvaluationError or ValueError for a sampler there is none of.
    """

    def step(doing: str, done: int, total: int) -> None:
        report(doing, done, total)
        if should_stop():
            raise Stopped

    settings = {**samplers.DEFAULTS, **request.sampler}
    sampler = _sampler(settings)
    dataset = datasets.read(request.data)
    wanted = captioning.references(dataset, request.split, request.photos)
    captions, seconds = captioning.captions(captioner, wanted, sampler, step)
    missing = captioning.left_out(dataset, wanted, captions)
    references = {photo: wanted[photo] for photo in captions}
    said, written = [caption.text for caption in captions.values()], list(references.values())
    learnt = [text for photo in dataset.splits["train"] for text in dataset.captions[photo]]
    scores = metrics.scores(said, written)
    step("METEOR", 0, 1)
    try:
        scores["METEOR"] = metrics.meteor(said, written)
    except metrics.NoMeteor as error:
        missing["METEOR"] = str(error)
    step("METEOR", 1, 1)
    if len(said) == 1:
        missing["CIDEr"] = "CIDEr is 0 for a single photo: no word is said of some photos only."
    if not learnt:
        missing["novel"] = "The data have no train split to look for the captions in."
    known = grounding.read(request.data, dataset, request.split)
    hallucination = chair({p: c.text for p, c in captions.items()}, references, known)
    none = "No caption names a thing that was looked for." if known.boxes else probes.NO_BOXES
    missing |= {measure: none for measure in CHAIR if measure not in hallucination}
    found: dict[str, Measure] = {}
    if request.quick:
        missing["faithfulness"] = "It was not asked for."
    else:
        found, without = probes.ask(captioner, captions, references, known, step, request.forced)
        missing |= without
    each = zip(captions, said, written, metrics.photo_scores(said, written), strict=True)
    return Evaluation(
        checkpoint=name,
        written=made_as(captioner.checkpoint.config),
        data=str(request.data),
        split=request.split,
        sampler=settings,
        date=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        scores=scores,
        missing=missing,
        captions={**captioning.told(said, learnt), "seconds": round(seconds, 6)},
        hallucination=hallucination,
        faithfulness=found,
        photos=[
            {
                "photo": photo.relative_to(request.data).as_posix(),
                "caption": text,
                "references": list(texts),
                **{score: round(value, 6) for score, value in of_photo.items()},
            }
            for photo, text, texts, of_photo in each
        ],
    )


def _sampler(settings: dict) -> samplers.Sampler:
    if unknown := settings.keys() - samplers.DEFAULTS.keys():
        raise EvaluationError(f"A sampler has no setting {sorted(unknown)[0]}.")
    if settings["sampler"] not in samplers.NAMES:
        raise EvaluationError(f"There is no sampler '{settings['sampler']}'.")
    return samplers.from_settings(SimpleNamespace(**settings))
