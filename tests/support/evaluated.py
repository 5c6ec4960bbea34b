"""Results of evaluations, without an evaluation."""

import json
from pathlib import Path

from captioner.evaluation.intervals import Measure
from captioner.evaluation.store import Evaluation, checkpoint_fingerprint
from tests.support import tiny

# As they were saved before there were baselines: of 40 words each, with their chance.
FAITHFULNESS = {"pointing": 0.6, "cover_most": 0.2, "cover_random": 0.05, "maps_within": 0.4}


def written(checkpoint: Path) -> str:
    """Identifies a checkpoint in its results."""
    return checkpoint_fingerprint(json.loads((checkpoint / "config.json").read_text()))


def rows(data: Path, scores) -> list[dict]:
    """A row for each photo of a `tiny.data_folder`; scores of CIDEr are repeated."""
    found = []
    for i, (photo, said) in enumerate(tiny.photo_files(data / "Images").items()):
        value = scores[i % len(scores)]
        found.append(
            {
                "photo": f"Images/{photo.name}",
                "caption": f"{said} {i}",
                "references": [said, f"{said} again"],
                **{"CIDEr": value, "ROUGE-L": value / 2, "BLEU-4": 0.1},
            }
        )
    return found


def with_baselines() -> dict:
    """Measures as they are saved now, some of them of few answers."""

    def pointing(value: float, count: int) -> Measure:
        baselines = {"uniform": 0.1, "middle": 0.45, "shuffled": 0.3}
        return Measure(value, value - 0.1, value + 0.1, count, 0.1, baselines)

    return {
        "hallucination": {"CHAIRi": Measure(0.1, 0.05, 0.2, 80, baselines={"shuffled": 0.5})},
        "faithfulness": {"pointing": pointing(0.6, 1234), "forced_pointing": pointing(0.2, 99)},
    }


def result(folder: Path, checkpoint="tiny", scores=(0.1, 0.2, 0.3), **changes):
    """An evaluation on the photos of a `tiny.data_folder`."""
    better = sum(scores) / len(scores)
    known = {
        "checkpoint": checkpoint,
        "written": "0" * 16,
        "data": str(folder),
        "split": "dev",
        "sampler": {"sampler": "greedy"},
        "date": "2026-11-21T18:30:00Z",
        "scores": {"CIDEr": better, "BLEU-4": better / 2},
        "missing": {"METEOR": "METEOR needs Java, which is not on this machine."},
        "captions": {"photos": 18, "words": 4.2, "repeats": 0.5 - better / 2, "seconds": 0.015},
        "hallucination": {},
        "faithfulness": {
            name: Measure(value, value - 0.05, value + 0.05, 40, 0.1)
            for name, value in FAITHFULNESS.items()
        },
        "photos": rows(folder, scores),
    }
    return Evaluation(**(known | changes))


def row(view: dict, key: str) -> dict:
    """A row of what `comparison.compared` returns."""
    (found,) = (row for part in view["parts"] for row in part["rows"] if row["key"] == key)
    return found
