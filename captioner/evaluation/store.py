"""Results of evaluations: saved as JSON, read again, compared, exported.

results/NAME.json    one evaluation, see `Evaluation.to_json`
"""

import csv
import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter
from typing_extensions import TypedDict  # of Pydantic: Python 3.11's cannot be validated

from captioner.evaluation.faithfulness import FORCED
from captioner.evaluation.intervals import Measure, Number
from captioner.evaluation.metrics import PER_PHOTO
from captioner.files import json_text, write_text
from captioner.paths import RESULTS

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute cells that start so

PhotoRow = TypedDict(
    "PhotoRow",
    {"photo": str, "caption": str, "references": list[str], **dict.fromkeys(PER_PHOTO, Number)},
)


class EvaluationError(ValueError):
    """A request makes no sense, or a result cannot be read; the message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The result of one evaluation, as plain data. A measure that could not be computed is absent,
    and `missing` says why."""

    format: Literal[1] = 1
    checkpoint: str  # its name, such as "default" or "myrun/best"
    written: str  # `checkpoint_fingerprint` of its config
    data: str  # folder
    split: str
    sampler: dict
    date: str  # UTC, such as "2026-11-21T18:30:00Z"
    scores: dict[str, Number]
    missing: dict[str, str]
    captions: dict[str, Number]
    hallucination: dict[str, Measure] = field(default_factory=dict)  # absent in older results
    faithfulness: dict[str, Measure]
    photos: list[PhotoRow]

    def to_json(self) -> dict:
        measures = {
            part: {name: measure.to_json() for name, measure in getattr(self, part).items()}
            for part in ("hallucination", "faithfulness")
        }
        return {**asdict(self), **measures}

    def to_csv(self) -> str:
        """One row per photo; several references are separated by " | "."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["photo", "caption", *PER_PHOTO, "references"])
        for row in self.photos:
            cells = (row["photo"], row["caption"], " | ".join(row["references"]))
            photo, caption, references = ("'" + s if s.startswith(_FORMULA) else s for s in cells)
            table.writerow([photo, caption, *(row[name] for name in PER_PHOTO), references])
        return text.getvalue()

    def save(self, root: Path | str = RESULTS) -> Path:
        """Writes the result; it replaces one of the same checkpoint and request."""
        request = [self.checkpoint, self.written, self.data, self.split, self.sampler]
        request += [len(self.photos), bool(self.faithfulness)]
        request += ["forced"] if self.faithfulness.keys() & set(FORCED) else []
        name = re.sub(r"[^A-Za-z0-9-]+", "-", f"{self.checkpoint}-{self.split}").strip("-")
        path = Path(root) / f"{name[:60]}-{fingerprint(request)}.json"
        write_text(path, json_text(self.to_json()))
        return path

    @classmethod
    def read(cls, path: Path | str) -> "Evaluation":
        """Reads what `save` wrote.

        Raises:
            EvaluationError: The file is missing, damaged, or of another version.
        """
        try:
            return _SCHEMA.validate_json(Path(path).read_bytes(), strict=True)
        except (OSError, ValueError) as error:
            raise EvaluationError(f"{Path(path).name} is not a result that can be read.") from error


_SCHEMA = TypeAdapter(Evaluation)


class ResultStore:
    """The results in a folder. A file is read when it is needed first or has changed."""

    def __init__(self, root: Path = RESULTS):
        self.root = root
        self._cache: dict[Path, tuple[int, Evaluation | None]] = {}

    def all(self) -> dict[str, Evaluation]:
        """Name -> result, the newest first; files that cannot be read are left out."""
        found = {path: self._read(path) for path in self.root.glob("*.json")}
        self._cache = {path: entry for path, entry in self._cache.items() if path in found}
        readable = [(path.stem, result) for path, result in found.items() if result]
        return dict(sorted(readable, key=lambda named: named[1].date, reverse=True))

    def get(self, name: str) -> Evaluation:
        """Raises ValueError if there is no result of that name, which may be any string."""
        results = self.all()
        if name not in results:
            raise ValueError("This result is not here any more: choose another.")
        return results[name]

    def delete(self, name: str) -> None:
        """Raises ValueError as `get` does."""
        self.get(name)
        (self.root / f"{name}.json").unlink(missing_ok=True)

    def _read(self, path: Path) -> Evaluation | None:
        try:
            modified = path.stat().st_mtime_ns
            if self._cache.get(path, (None,))[0] != modified:
                self._cache[path] = modified, Evaluation.read(path)
        except EvaluationError:
            self._cache[path] = modified, None
        except OSError:  # it was deleted meanwhile
            return None
        return self._cache[path][1]


def fingerprint(config) -> str:
    """16 hexadecimal digits that identify a value of JSON types."""
    text = json_text(config, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def checkpoint_fingerprint(config) -> str:
    """Identifies a checkpoint by its config, without what may be added to the config later."""
    if isinstance(config, dict):
        config = {key: value for key, value in config.items() if key not in ("scores", "notes")}
    return fingerprint(config)


def fingerprint_in(folder: Path | str) -> str | None:
    """Returns `checkpoint_fingerprint` of the checkpoint in a folder; None if there is none."""
    try:
        text = (Path(folder) / "config.json").read_text(encoding="utf-8")
        return checkpoint_fingerprint(json.loads(text))
    except (OSError, ValueError):
        return None


def most_different(one: Evaluation, other: Evaluation) -> list[tuple[dict, dict]]:
    """The rows of the photos that both results have, the largest difference of CIDEr first.

    CIDEr weights words by how rare they are among the evaluated photos: compare evaluations of the
    same photos.
    """
    others = {row["photo"]: row for row in other.photos}
    pairs = [(row, others[row["photo"]]) for row in one.photos if row["photo"] in others]
    return sorted(pairs, key=lambda pair: -abs(pair[0]["CIDEr"] - pair[1]["CIDEr"]))
