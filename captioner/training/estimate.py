"""How long a training will take, from the speed of earlier runs on this machine."""

from collections.abc import Iterable
from dataclasses import dataclass

from captioner.training.journal import read_status
from captioner.training.runs import Run

# Defaults, measured on two slow cores without a GPU: a training may be faster than estimated.
_PICTURES, _CAPTIONS = 75.0, 190.0  # drawn and trained on, a second
COMPACT, FINE = 65.0, 50.0  # photos a second of the compact backbone, by the stride of its grid
_UNITS, _CELLS = 512, 49  # of the decoder with which _CAPTIONS was measured
_GROWTH = 0.85  # the time grows with this power of units and cells
START = 12.0  # seconds: importing, tracing
_LEAST = 100  # units of a stage whose speed is trusted


@dataclass(frozen=True)
class Estimate:
    """Seconds of each stage of a training, and bytes of its feature cache."""

    drawing: float
    features: float
    training: float
    feature_bytes: int

    @property
    def seconds(self) -> float:
        return START + self.drawing + self.features + self.training

    def __str__(self) -> str:
        stages = [("drawing", self.drawing), ("extracting features", self.features)]
        parts = [f"{_duration(seconds)} {name}" for name, seconds in stages if seconds]
        size = f"{self.feature_bytes / 1e6:,.0f} MB of features"
        parts.append(f"{_duration(self.training)} training; {size}")
        return f"About {_duration(self.seconds)}: {', '.join(parts)}."


def estimate(
    runs: Iterable[Run],
    *,
    drawn: int,  # scenes to draw first
    photos: int,  # whose features are computed
    captions: int,  # to train on
    epochs: int,
    cells: int,  # of the backbone's grid
    channels: int,  # of the backbone's grid
    units: int,  # of the recurrent cell
    speed: float = COMPACT,  # of the backbone, usually, in photos a second
    views: int = 1,  # of each photo: 2 if mirrored, twice as many with one crop
) -> Estimate:
    """The time of a training, by earlier `runs`, the newest first."""
    speeds = _speeds(runs)
    usual = _CAPTIONS * (_UNITS / units * _CELLS / cells) ** _GROWTH
    return Estimate(
        drawing=drawn / speeds.get("drawing", _PICTURES),
        features=views * photos / speeds.get(f"looking {cells}x{channels}", speed),
        training=epochs * captions / speeds.get(f"learning {cells} {units}", usual),
        feature_bytes=2 * views * photos * cells * channels,
    )


def _speeds(runs: Iterable[Run]) -> dict[str, float]:
    """Units a second of each kind of stage in the newest run that has it."""
    speeds: dict[str, float] = {}
    for run in runs:
        for stage in read_status(run.folder).get("stages", []):
            if stage["units"] >= _LEAST and stage["seconds"] > 0:
                speeds.setdefault(stage["kind"], stage["units"] / stage["seconds"])
    return speeds


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
