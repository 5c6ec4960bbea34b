"""Which data suit a captioner: scenes if it was trained on scenes, else photos."""

import json
from collections.abc import Sequence
from pathlib import Path

from captioner.ui.shared import data_sources

_KINDS = {True: "drawn scenes", False: "photos"}
_SEVERAL = " + "  # between the names of data sets in a checkpoint's config


def trained_on(checkpoint: Path) -> list[str]:
    """Returns the names of the data sets that a checkpoint was last trained on, if it has them."""
    try:
        config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
        return (config.get("tuning") or config["training"])["data"].split(_SEVERAL)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def kinds(names: Sequence[str]) -> set[str]:
    """Returns what the data sets of these names hold; folders of scenes are named so."""
    return {_KINDS[name.casefold().startswith("scenes")] for name in names}


def suits(names: Sequence[str], data: str | None) -> bool:
    """Returns whether a captioner that was trained on these data sets can be scored on `data`."""
    return bool(data) and (not names or _KINDS[data_sources.is_scenes(data)] in kinds(names))


def default_data(names: Sequence[str], choices: Sequence[str]) -> str | None:
    """Returns the choice to evaluate such a captioner on; None if it needs photos and none are
    here. Photos of a data set that it was trained on come first."""
    known = [name.casefold() for name in names]
    local = [choice for choice in choices if Path(choice).is_dir()] if names else []
    local.sort(key=lambda folder: Path(folder).name.casefold() not in known)
    return next((data for data in (*local, data_sources.SCENES) if suits(names, data)), None)


def mismatch(checkpoint: str, names: Sequence[str], data: str) -> str:
    """Returns a sentence for a captioner that is scored on data of another kind, or ""."""
    if suits(names, data):
        return ""
    (trained,) = kinds(names)
    return (
        f"“{checkpoint}” was trained on {trained}: its scores on "
        f"{_KINDS[data_sources.is_scenes(data)]} say little."
    )
