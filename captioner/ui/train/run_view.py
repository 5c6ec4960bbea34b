"""What the page shows of a run: read from its folder, never from its process."""

import base64
import math

from captioner.training import snapshots
from captioner.training.runs import Run

# A strong, a pale and another colour for each run: told apart by the colour-blind, on light and
# dark.
_COLOURS = (
    ("#e0590f", "#8a919e", "#8f6fc9"),
    ("#0f7fb5", "#7fb8d4", "#4b63c4"),
    ("#2f8f5b", "#96c7a9", "#7d8f2f"),
)
_POINTS = 240  # of a curve: more than the chart has room for
_DIGITS = 4  # of a cell's weight
_OF_EACH = "CIDEr/"  # what the key of one of several data sets begins with, before its name
_MEASURES = ("CIDEr", "BLEU-4", "pointing")


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
    kept = snapshots.read_photos(folder)
    photos = []
    for photo in kept["photos"]:
        data = base64.b64encode((folder / photo["file"]).read_bytes()).decode("ascii")
        photos.append({**photo, "src": f"data:image/jpeg;base64,{data}"})
    moments = [_short(moment) for moment in snapshots.read_moments(folder)]
    shown = {"grid": kept["grid"], "attends": kept.get("attends", True)}
    return {"run": run.name, "photos": photos, **shown, "moments": moments}


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


def curves(runs: list[Run]) -> dict:
    """Lines of the charts: loss per word of training and of held-out photos, and the scores; of
    the first run, what each of its data sets scores, if it was trained on several."""
    losses, scores = [], []
    each = _each(runs[0].metrics)
    for number, run in enumerate(runs):
        strong, pale, middle = _COLOURS[number % len(_COLOURS)]
        prefix = f"{run.name}: " if len(runs) > 1 else ""
        lines = run.metrics
        losses.append(_line(lines, "loss_per_word", f"{prefix}training", pale))
        losses.append(_line(lines, "validation_loss", f"{prefix}held out", strong))
        scores.append(_line(lines, "BLEU-4", f"{prefix}BLEU-4", pale))
        scores.append(_line(lines, "CIDEr", f"{prefix}CIDEr", strong))
        scores.append(_line(lines, "pointing", f"{prefix}pointing", middle))
        if each and len(runs) == 1:  # beside other runs there would be too many
            scores += [_thin(lines, row["name"], strong) for row in each["rows"][:-1]]
    return {"losses": losses, "scores": scores, "each": each}


def _each(lines: list[dict]) -> dict | None:
    """A table of the newest scores of each data set, with the mean; None if there is one only."""
    scored = [line for line in lines if _data_sets(line)]
    if not scored:
        return None
    line = scored[-1]
    names = _data_sets(line)
    measures = [m for m in _MEASURES if any(f"{m}/{name}" in line for name in names)]
    rows = [{"name": name, "values": [line.get(f"{m}/{name}") for m in measures]} for name in names]
    mean = {"name": "Mean", "values": [line.get(m) for m in measures]}
    return {"epoch": line["epoch"], "measures": measures, "rows": [*rows, mean]}


def _data_sets(line: dict) -> list[str]:
    """The names of the data sets that a line of metrics tells of one by one."""
    return [key.removeprefix(_OF_EACH) for key in line if key.startswith(_OF_EACH)]


def _thin(lines: list[dict], name: str, colour: str) -> dict:
    """The CIDEr of one of several data sets."""
    line = _line(lines, _OF_EACH + name, f"CIDEr of {name}", colour)
    return line | {"label": name, "thin": True}


def _line(lines: list[dict], key: str, name: str, colour: str) -> dict:
    points = [[line["step"], line[key]] for line in lines if key in line]
    thinned = points[:: math.ceil(len(points) / _POINTS) or 1]
    if points and thinned[-1] != points[-1]:
        thinned.append(points[-1])
    return {"name": name, "colour": colour, "points": thinned}
