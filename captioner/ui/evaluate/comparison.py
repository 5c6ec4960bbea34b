"""Kept results side by side: the numbers of the table and of the charts, as JSON."""

from collections.abc import Mapping
from pathlib import Path

from captioner.evaluation.evaluate import Evaluation
from captioner.evaluation.intervals import Measure
from captioner.evaluation.probes import FORCED, POINTING
from captioner.ui.evaluate.labels import day, decoding
from captioner.ui.evaluate.score_texts import BASELINES, PARTS, SCORES, Part, Row

MOST = 4  # results side by side
_OTHERS = "These were measured on different photos, so that their scores do not compare."
_STEPS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)  # where the scale of a chart may end
_ENDS = ("low", "value", "high")  # what of a cell must be on it, beside its baselines
_WHOLE = ("CHAIRi", "CHAIRs", "mosaic", *POINTING, *FORCED)  # can be had in full


def compared(chosen: Mapping[str, Evaluation], folders: Mapping[str, Path]) -> dict:
    """What the view shows of the chosen results, by name. `folders` are the checkpoints that are
    here: it is told which results are of one that has gone or was replaced since."""
    results = list(chosen.values())
    alike = len({_asked(one) for one in results}) < 2
    names = _names(results)
    return {
        "columns": [
            {"id": key, "name": name, **_column(one, folders)}
            for (key, one), name in zip(chosen.items(), names, strict=True)
        ],
        "note": "" if alike else _OTHERS,
        "parts": [_part(part, results, alike) for part in PARTS],
    }


def _asked(evaluation: Evaluation) -> tuple:
    """What must be the same for scores to compare."""
    return evaluation.data, evaluation.split, tuple(row["photo"] for row in evaluation.photos)


def _names(results: list[Evaluation]) -> list[str]:
    """Short names that tell the results apart: the checkpoint; where one is there several times,
    what differs, too."""
    named = [[one.checkpoint] for one in results]
    for aspect in (_material, _chooser):
        for one, name in zip(results, named, strict=True):
            same = {aspect(other) for other in results if other.checkpoint == one.checkpoint}
            name += [aspect(one)] if len(same) > 1 else []
    names = [", ".join(name) for name in named]
    return [
        f"{name} ({number})" if names.count(name) > 1 else name
        for number, name in enumerate(names, 1)
    ]


def _material(evaluation: Evaluation) -> str:
    return f"{Path(evaluation.data).name} {evaluation.split}"


def _chooser(evaluation: Evaluation) -> str:
    return str(evaluation.sampler.get("sampler", "greedy"))


def _column(evaluation: Evaluation, folders: Mapping[str, Path]) -> dict:
    folder = folders.get(evaluation.checkpoint)
    state = ""
    if folder is None:
        state = "This checkpoint is not here any more."
    elif not evaluation.is_of(folder):
        state = "This checkpoint has been replaced since: evaluate it anew."
    return {
        "data": _material(evaluation),
        "decoding": decoding(evaluation.sampler),
        "photos": len(evaluation.photos),
        "date": day(evaluation),
        "state": state,
        "note": evaluation.missing.get("data", ""),
    }


def _part(part: Part, results: list[Evaluation], alike: bool) -> dict:
    rows = [_row(part, row, results, alike) for row in part.rows]
    return {"key": part.key, "title": part.title, "about": part.about, "rows": rows}


def _row(part: Part, row: Row, results: list[Evaluation], alike: bool) -> dict:
    found = [getattr(one, part.key).get(row.key) for one in results]
    cells = [
        {"missing": _reason(one, part, row)} if value is None else _cell(one, row, value)
        for one, value in zip(results, found, strict=True)
    ]
    if alike:
        _mark_best(row, cells)
    ends = [cell[end] for cell in cells for end in _ENDS if end in cell]
    ends += [mark["value"] for cell in cells for mark in cell.get("baselines", ())]
    return {
        "key": row.key,
        "label": row.label,
        "meaning": row.meaning,
        "way": row.way,
        "under": row.under,
        "beside": row.beside,
        "scale": _scale(part, row, ends),
        "cells": cells,
    }


def _cell(evaluation: Evaluation, row: Row, found) -> dict:
    """A number, or a measure with its interval, and how they are written; what is to be said of
    it, too."""
    said = {"note": evaluation.missing[row.key]} if row.key in evaluation.missing else {}
    if isinstance(found, int | float):
        return {"value": found, "text": row.written(found), **said}
    return {
        **said,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "text": row.written(found.value),
        "interval": row.written(found.low, found.high),
        "count": found.count,
        "counted": f"{'only ' if found.few else ''}{found.count:,} {row.unit}",
        "few": found.few,
        "baselines": _baselines(row, found),
    }


def _baselines(row: Row, found: Measure) -> list[dict]:
    """What else would get, what it is called, and the number of its sign. Of results of before,
    and of measures without baselines, chance is known at most."""
    named = [
        (label, number, found.baselines[key])
        for number, (key, label) in enumerate(BASELINES.items())
        if key in found.baselines
    ]
    if not named and found.chance is not None:
        named = [("by chance", 0, found.chance)]
    return [
        {"label": label, "sign": number, "value": value, "text": row.written(value)}
        for label, number, value in named
    ]


def _reason(evaluation: Evaluation, part: Part, row: Row) -> str:
    """Why it is not there."""
    told = evaluation.missing
    return told.get(row.key) or told.get(row.under) or told.get(part.key) or "Not measured."


def _mark_best(row: Row, cells: list[dict]) -> None:
    """Marks the best cells of several; none where all are as good."""
    values = [cell["value"] for cell in cells if "value" in cell]
    if not row.better or len(set(values)) < 2:
        return
    best = max(values, key=lambda value: row.better * value)
    for cell in cells:
        if cell.get("value") == best:
            cell["best"] = True


def _scale(part: Part, row: Row, ends: list[float]) -> list[float]:
    """From where to where a chart of these numbers goes. Scores and what can be had in full go to
    1 at least, other things to a round number above them."""
    high = max([*ends, 1.0 if part is SCORES or row.key in _WHOLE else 0.0])
    top = next((step for step in _STEPS if step >= high), high)
    return [min([*ends, 0.0]), top]
