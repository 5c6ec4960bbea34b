"""Stored results side by side: the content of the table and the charts, as JSON."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from captioner.evaluation.faithfulness import FORCED, POINTING
from captioner.evaluation.intervals import Measure
from captioner.evaluation.store import Evaluation
from captioner.ui.evaluate import labels
from captioner.ui.evaluate.origin import Origin, Origins
from captioner.ui.evaluate.score_texts import BASELINES, GROUPS, SCORES, Metric, MetricGroup

MAX_RESULTS = 4  # side by side
_DIFFERENT_PHOTOS = "These results are of different photos. Their scores cannot be compared."
_AXIS_ENDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_UP_TO_1 = ("CHAIRi", "CHAIRs", "mosaic", *POINTING, *FORCED)  # their axes end at 1


def compare(results: Mapping[str, Evaluation], folders: Mapping[str, Path]) -> dict:
    """Returns what the view shows.

    Args:
        results: the chosen results by name.
        folders: existing checkpoints; results whose checkpoint was deleted or replaced say so.

    Returns:
        {columns, note, parts}: a column for each result, and in parts a row for each metric.
    """
    chosen = list(results.values())
    comparable = len({_photos(result) for result in chosen}) < 2
    origins = list(map(Origins(folders).of, chosen))
    names = _names(chosen, origins)
    return {
        "columns": [
            {"id": key, "name": name, **_column(result, origin)}
            for (key, result), name, origin in zip(results.items(), names, origins, strict=True)
        ],
        "note": "" if comparable else _DIFFERENT_PHOTOS,
        "parts": [
            {
                "key": group.key,
                "title": group.title,
                "about": group.about,
                "rows": [
                    _row(group, metric, chosen, comparable) for metric in _metrics(group, chosen)
                ],
            }
            for group in GROUPS
        ],
    }


def _metrics(group: MetricGroup, results: list[Evaluation]) -> Iterator[Metric]:
    """The metrics of a group; after each, those of the heads for which a result has it."""
    measured = {key for result in results for key in getattr(result, group.key)}
    for metric in group.metrics:
        yield metric
        heads = [re.fullmatch(rf"{metric.key}/(\d+)\.(\d+)", key) for key in measured]
        for layer, head in sorted((int(match[1]), int(match[2])) for match in heads if match):
            yield metric.of_head(layer, head)


def _photos(result: Evaluation) -> tuple:
    """What must be the same for scores to be comparable."""
    return result.data, result.split, tuple(row["photo"] for row in result.photos)


def _names(results: list[Evaluation], origins: list[Origin]) -> list[str]:
    """Short distinct names: the checkpoint, and what differs between results of the same one."""
    parts = [[labels.name(*pair)] for pair in zip(results, origins, strict=True)]
    for detail in (labels.data, lambda result: str(result.sampler.get("sampler", "greedy"))):
        for result, part in zip(results, parts, strict=True):
            values = {detail(other) for other in results if other.checkpoint == result.checkpoint}
            part += [detail(result)] if len(values) > 1 else []
    names = [", ".join(part) for part in parts]
    return [
        f"{name} ({number})" if names.count(name) > 1 else name
        for number, name in enumerate(names, 1)
    ]


def _column(result: Evaluation, origin: Origin) -> dict:
    return {
        "data": labels.data(result),
        "decoding": labels.decoding(result.sampler),
        "photos": len(result.photos),
        "date": labels.date(result),
        "state": origin.sentence,
        "explorable": bool(origin.name),
        "note": result.missing.get("data", ""),
    }


def _row(group: MetricGroup, metric: Metric, results: list[Evaluation], comparable: bool) -> dict:
    cells = [_cell(group, metric, result) for result in results]
    if comparable:
        _mark_best(metric, cells)
    return {
        "key": metric.key,
        "label": metric.label,
        "meaning": metric.meaning,
        "way": metric.direction,
        "under": metric.under,
        "beside": metric.beside,
        "scale": _axis(group, metric, cells),
        "cells": cells,
    }


def _cell(group: MetricGroup, metric: Metric, result: Evaluation) -> dict:
    """A number, or a measure with its interval and baselines, or why it is missing."""
    measure, missing = getattr(result, group.key).get(metric.key), result.missing
    if measure is None:
        keys = (metric.key, metric.under, group.key)
        return {"missing": next((missing[key] for key in keys if key in missing), "Not measured.")}
    note = {"note": missing[metric.key]} if metric.key in missing else {}
    if not isinstance(measure, Measure):
        return {"value": measure, "text": metric.format(measure), **note}
    return {
        **note,
        "value": measure.value,
        "low": measure.low,
        "high": measure.high,
        "text": metric.format(measure.value),
        "interval": metric.format(measure.low, measure.high),
        "counted": f"{'only ' if measure.few else ''}{measure.count:,} {metric.unit}",
        "few": measure.few,
        "baselines": _baselines(metric, measure),
    }


def _baselines(metric: Metric, measure: Measure) -> list[dict]:
    """Label, sign and value of each baseline; older results have chance at most."""
    baselines = [
        (label, sign, measure.baselines[key])
        for sign, (key, label) in enumerate(BASELINES.items())
        if key in measure.baselines
    ]
    if not baselines and measure.chance is not None:
        baselines = [("by chance", 0, measure.chance)]
    return [
        {"label": label, "sign": sign, "value": value, "text": metric.format(value)}
        for label, sign, value in baselines
    ]


def _mark_best(metric: Metric, cells: list[dict]) -> None:
    """Marks the best cells, unless all are equal."""
    values = [cell["value"] for cell in cells if "value" in cell]
    if not metric.better or len(set(values)) < 2:
        return
    best = max(values, key=lambda value: metric.better * value)
    for cell in cells:
        if cell.get("value") == best:
            cell["best"] = True


def _axis(group: MetricGroup, metric: Metric, cells: list[dict]) -> list[float]:
    """The ends of the chart's axis: scores and shares go to 1 at least, others to a round number
    above all values."""
    values = [cell[end] for cell in cells for end in ("low", "value", "high") if end in cell]
    values += [one["value"] for cell in cells for one in cell.get("baselines", ())]
    high = max([*values, 1.0 if group is SCORES or metric.key in _UP_TO_1 else 0.0])
    return [min([*values, 0.0]), next((end for end in _AXIS_ENDS if end >= high), high)]
