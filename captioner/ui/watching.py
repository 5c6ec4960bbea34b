"""What the page shows of a run: read from its folder, never from its process."""

import base64
import math

import pandas as pd

from captioner.training import samples
from captioner.training.runs import Run

_SCORES = ("BLEU-4", "CIDEr")
_GREY, _ACCENT = "#8a919e", "#e0590f"  # seen well on light and dark
# Of the lines of a single run; those of several have the chart's own.
COLOURS = {"training": _GREY, "held out": _ACCENT, "BLEU-4": _GREY, "CIDEr": _ACCENT}
_POINTS = 240  # of a curve: more than the chart has room for
_DIGITS = 4  # of a cell's weight


def status(run: Run) -> dict:
    """The state of a run, for the training view."""
    said = run.status
    said["name"] = run.name
    speeds = [line for line in run.metrics if "captions_per_second" in line]
    if speeds:
        said["captions_per_second"] = speeds[-1]["captions_per_second"]
    if said["state"] in ("died", "failed"):
        said["log"] = run.log(12)
    return said


def learnt(run: Run) -> dict:
    """What the run says of a few photos, from its first moment to its last."""
    folder = run.folder / "samples"
    kept = samples.read_photos(folder)
    photos = []
    for photo in kept["photos"]:
        data = base64.b64encode((folder / photo["file"]).read_bytes()).decode("ascii")
        photos.append({**photo, "src": f"data:image/jpeg;base64,{data}"})
    moments = [_short(moment) for moment in samples.read_moments(folder)]
    return {"run": run.name, "photos": photos, "grid": kept["grid"], "moments": moments}


def _short(moment: dict) -> dict:
    """A moment without what the view does not show."""
    captions = [
        {
            "words": [
                {
                    "text": word["text"],
                    "attention": [[round(w, _DIGITS) for w in row] for row in word["attention"]],
                }
                for word in caption["words"]
            ]
        }
        for caption in moment["captions"]
    ]
    return {"step": moment["step"], "epoch": moment["epoch"], "captions": captions}


def losses(runs: list[Run]) -> pd.DataFrame:
    """Loss per word by step: of training and of held-out photos, a line each."""
    rows = []
    for run in runs:
        prefix = f"{run.name}: " if len(runs) > 1 else ""
        lines = [line for line in run.metrics if "loss_per_word" in line]
        for line in lines[:: math.ceil(len(lines) / _POINTS) or 1]:
            rows.append((line["step"], line["loss_per_word"], f"{prefix}training"))
        for line in run.metrics:
            if "validation_loss" in line:
                rows.append((line["step"], line["validation_loss"], f"{prefix}held out"))
    return pd.DataFrame(rows, columns=["step", "loss", "line"])


def scores(runs: list[Run]) -> pd.DataFrame:
    """BLEU-4 and CIDEr of held-out photos by step, a line each."""
    rows = []
    for run in runs:
        prefix = f"{run.name}: " if len(runs) > 1 else ""
        for line in run.metrics:
            for name in _SCORES:
                if name in line:
                    rows.append((line["step"], line[name], f"{prefix}{name}"))
    return pd.DataFrame(rows, columns=["step", "score", "line"])
