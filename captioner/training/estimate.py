"""How long a training will take, before it starts: from how fast this machine was before."""

from collections.abc import Iterable
from dataclasses import dataclass

from captioner.training.journal import read_status
from captioner.training.runs import Run

# Measured on two cores without a GPU, and slow ones (an AMD EPYC's): who waits less than was
# said does not mind. They stand where nothing was trained yet.
PICTURES, CAPTIONS = 75.0, 190.0  # a second: drawn, learnt from
COMPACT, FINE = 65.0, 50.0  # photos a second that the compact backbone looks at, by its grid
_UNITS = 512  # of the GRU, with which so many captions are learnt from
_SMALLER = 0.85  # with half of them, 2 to the power of this times as many
_CELLS = 49  # to choose from, with which they are; more take longer
START = 12.0  # seconds: importing, tracing
_LEAST = 100  # units of a stage that a speed is measured on


@dataclass(frozen=True)
class Estimate:
    """Seconds of each stage, and what the features take on disk."""

    drawing: float
    looking: float
    learning: float
    feature_bytes: int

    @property
    def seconds(self) -> float:
        return START + self.drawing + self.looking + self.learning

    def __str__(self) -> str:
        parts = [
            f"{_duration(seconds)} {name}"
            for name, seconds in (("drawing", self.drawing), ("looking", self.looking))
            if seconds
        ]
        size = f"{self.feature_bytes / 1e6:,.0f} MB of features"
        parts.append(f"{_duration(self.learning)} learning; {size}")
        return f"About {_duration(self.seconds)}: {', '.join(parts)}."


def estimate(
    runs: Iterable[Run],
    *,
    drawn: int,
    photos: int,
    captions: int,
    epochs: int,
    cells: int,
    channels: int,
    units: int,
    speed: float = COMPACT,
    views: int = 1,
) -> Estimate:
    """Of a training on `captions` of `photos`, `drawn` of which are drawn first, looked at by a
    network that sees `speed` photos a second and whose grid has `cells` of `channels` numbers, in
    `views` (2: mirrored, too; twice as many with a crop), by a decoder with so many `units`."""
    speeds = _speeds(runs)
    usual = CAPTIONS * (_UNITS / units) ** _SMALLER
    usual *= (_CELLS / cells) ** _SMALLER
    return Estimate(
        drawing=drawn / speeds.get("drawing", PICTURES),
        looking=views * photos / speeds.get(f"looking {cells}x{channels}", speed),
        learning=epochs * captions / speeds.get(f"learning {cells} {units}", usual),
        feature_bytes=2 * views * photos * cells * channels,
    )


def _speeds(runs: Iterable[Run]) -> dict[str, float]:
    """Units a second of each kind of stage; those of the newest run count."""
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
