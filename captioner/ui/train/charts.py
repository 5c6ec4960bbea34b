"""The lines and the table below a run's charts. Axes are drawn in assets/train/chart.js."""

import math

from captioner.training.runs.run import Run

# For each run a strong, a pale and a third colour, distinct for the colour-blind on light and dark.
_COLOURS = (
    ("#e0590f", "#8a919e", "#8f6fc9"),
    ("#0f7fb5", "#7fb8d4", "#4b63c4"),
    ("#2f8f5b", "#96c7a9", "#7d8f2f"),
)
_POINTS = 240  # of a line; a chart is not wider
_PER_DATA_SET = "CIDEr/"  # the key in metrics.jsonl before the name of one of several data sets
_MEASURES = ("CIDEr", "BLEU-4", "pointing")


def curves(runs: list[Run]) -> dict:
    """Returns the lines of both charts and the table of the data sets.

    Returns:
        {runs, losses, scores, each}: names of the runs, lines of the loss per word, lines of the
        validation scores, and the newest scores of each data set of the first run, or None if it
        has only one.
    """
    losses, scores = [], []
    each = _table(runs[0].metrics)
    for number, run in enumerate(runs):
        strong, pale, third = _COLOURS[number % len(_COLOURS)]
        prefix = f"{run.name}: " if len(runs) > 1 else ""
        metrics = run.metrics
        losses.append(_line(metrics, "loss_per_word", f"{prefix}training", pale))
        losses.append(_line(metrics, "validation_loss", f"{prefix}validation", strong))
        scores.append(_line(metrics, "BLEU-4", f"{prefix}BLEU-4", pale))
        scores.append(_line(metrics, "CIDEr", f"{prefix}CIDEr", strong))
        scores.append(_line(metrics, "pointing", f"{prefix}pointing", third))
        if each and len(runs) == 1:  # beside other runs there would be too many lines
            for name in _data_sets(metrics):
                line = _line(metrics, _PER_DATA_SET + name, f"CIDEr of {name}", strong)
                scores.append(line | {"label": name, "thin": True})
    names = [run.name for run in runs]
    return {"runs": names, "losses": losses, "scores": scores, "each": each}


def _table(metrics: list[dict]) -> dict | None:
    """The newest scores of each data set and their mean."""
    names = _data_sets(metrics)
    if not names:
        return None
    line = next(line for line in reversed(metrics) if _PER_DATA_SET + names[0] in line)
    measures = [m for m in _MEASURES if any(f"{m}/{name}" in line for name in names)]
    rows = [{"name": name, "values": [line.get(f"{m}/{name}") for m in measures]} for name in names]
    mean = {"name": "Mean", "values": [line.get(m) for m in measures]}
    return {"epoch": line["epoch"], "measures": measures, "rows": [*rows, mean]}


def _data_sets(metrics: list[dict]) -> list[str]:
    """The names of the data sets that were scored one by one."""
    keys = dict.fromkeys(key for line in metrics for key in line)
    return [key.removeprefix(_PER_DATA_SET) for key in keys if key.startswith(_PER_DATA_SET)]


def _line(metrics: list[dict], key: str, name: str, colour: str) -> dict:
    points = [[line["step"], line[key]] for line in metrics if line.get(key) is not None]
    thinned = points[:: math.ceil(len(points) / _POINTS) or 1]
    if points and thinned[-1] != points[-1]:
        thinned.append(points[-1])
    return {"name": name, "colour": colour, "points": thinned}
