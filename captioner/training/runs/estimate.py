"""How long a training will take, from the speed of earlier runs on this machine."""

from collections.abc import Iterable
from dataclasses import dataclass

from captioner.backbones.specs import SPECS
from captioner.training.runs.journal import Planned, read_status
from captioner.training.runs.run import Run

# Usual speeds, measured on two slow cores without a GPU.
_PICTURES, _CAPTIONS = 75.0, 190.0  # drawn and trained on, a second
_COMPACT, _FINE = 65.0, 50.0  # photos a second of the compact backbone, at stride 32 and 16
_UNITS, _CELLS = 512, 49  # of the decoder with which _CAPTIONS was measured
_GROWTH = 0.85  # the time grows with this power of units and cells
_START = 12.0  # seconds: importing, tracing
_LEAST = 100  # units of a stage whose speed is trusted
_DOUBT = 2  # a usual speed may be wrong by this factor


def training_kind(cells: int, units: int, self_critical: bool, transformer: bool) -> str:
    """Kind of the stage that trains a decoder. As a key of status.json it stays as it is."""
    kinds = " self-critical" * self_critical + " transformer" * transformer
    return f"learning {cells} {units}{kinds}"


def usual_speed(backbone: str, stride: float) -> float:
    """Photos a second that a backbone encodes on two slow cores, roughly."""
    return SPECS[backbone].speed if backbone in SPECS else _FINE if stride == 16 else _COMPACT


def features_kind(cells: int, channels: int) -> str:
    """Kind of the stages that compute features. As a key of status.json it stays as it is."""
    return f"looking {cells}x{channels}"


@dataclass(frozen=True)
class Work:
    """What a training has to do."""

    photos: tuple[int, ...]  # whose features are computed, in each stage that does so
    captions: int  # to train on, in all epochs together
    cells: int  # of the backbone's grid
    channels: int  # of the backbone's grid
    units: int  # of the decoder
    drawn: int = 0  # scenes to draw first
    speed: float = _COMPACT  # usual one of the backbone, in photos a second
    self_critical: bool = False
    transformer: bool = False

    def stages(self) -> list[Planned]:
        """The stages, with their usual times."""
        captions = _CAPTIONS * (_UNITS / self.units * _CELLS / self.cells) ** _GROWTH
        features = features_kind(self.cells, self.channels)
        training = training_kind(self.cells, self.units, self.self_critical, self.transformer)
        stages = [
            Planned("drawing", self.drawn, self.drawn / _PICTURES),
            *(Planned(features, photos, photos / self.speed) for photos in self.photos),
            Planned(training, self.captions, self.captions / captions),
        ]
        return [stage for stage in stages if stage.units]


@dataclass(frozen=True)
class Estimate:
    """The stages of a training with their expected times."""

    stages: list[Planned]
    start: float  # seconds that belong to no stage
    is_measured: bool  # whether all times follow from earlier runs

    @property
    def seconds(self) -> float:
        return self.start + sum(stage.seconds for stage in self.stages)

    def __str__(self) -> str:
        names = {"drawing": "drawing", "looking": "extracting features", "learning": "training"}
        seconds = {"starting": self.start, **dict.fromkeys(names.values(), 0.0)}
        for stage in self.stages:
            seconds[names[stage.kind.split()[0]]] += stage.seconds
        parts = ", ".join(f"{duration(some)} {name}" for name, some in seconds.items() if some >= 1)
        if self.is_measured:
            return f"About {duration(self.seconds)}: {parts}."
        least, most = self.seconds / _DOUBT, self.seconds * _DOUBT
        return f"{duration(least)} to {duration(most)}, not yet timed on this machine: {parts}."


def estimate(runs: Iterable[Run], work: Work) -> Estimate:
    """The time of a training, by earlier `runs`, the newest first."""
    speeds: dict[str, float] = {}  # units a second of each kind, in the newest run that has it
    starts: list[float] = []
    for run in runs:
        status = read_status(run.folder)
        timings = status.get("stages", [])
        for timing in timings:
            if timing["units"] >= _LEAST and timing["seconds"] > 0:
                speeds.setdefault(timing["kind"], timing["units"] / timing["seconds"])
        if timings and status["state"] == "finished":
            timed = sum(timing["seconds"] for timing in timings)
            starts.append(max(0.0, status["updated"] - status["started"] - timed))
    stages = [
        stage._replace(seconds=stage.units / speeds.get(stage.kind, stage.units / stage.seconds))
        for stage in work.stages()
    ]
    is_measured = bool(starts) and all(stage.kind in speeds for stage in stages)
    # The least of three: one of them may have downloaded its data, too.
    return Estimate(stages, min(starts[:3], default=_START), is_measured)


def duration(seconds: float) -> str:
    """Seconds in words, such as "50 s", "3 min" or "1.5 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
