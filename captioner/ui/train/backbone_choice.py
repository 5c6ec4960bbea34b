"""The networks that a training can begin with, as the page offers them; none of them is loaded."""

import json
from dataclasses import dataclass
from pathlib import Path

from captioner.backbones.specs import SPECS
from captioner.paths import BUNDLED
from captioner.training.estimate import COMPACT, FINE


@dataclass(frozen=True)
class Network:
    """What looks at the photos."""

    label: str
    recipe: dict  # what a recipe says of it
    cells: int
    channels: int
    speed: float = COMPACT  # photos a second on two cores, about


def networks(checkpoints: dict[str, Path]) -> dict[str, Network]:
    """By key: the compact one with a coarse and a fine grid, those of keras.applications, and
    every checkpoint, which can be taught on. The first is the usual one."""
    cells, channels = _grid(BUNDLED)
    side = round(cells**0.5)
    fine = 2 * side - 1
    found = {
        "compact": Network(
            f"Compact, {side} x {side} cells (bundled)", {"stride": 32}, cells, channels
        ),
        "compact-fine": Network(
            f"Compact, {fine} x {fine} cells (bundled, slower)",
            {"stride": 16},
            fine**2,
            channels,
            FINE,
        ),
    }
    for name, spec in SPECS.items():
        rows, cols = spec.geometry.rows, spec.geometry.cols
        label = f"{spec.builder}, {rows} x {cols} cells (ImageNet weights, {spec.megabytes} MB)"
        found[name] = Network(label, {"backbone": name}, rows * cols, spec.channels, spec.speed)
    for name, folder in checkpoints.items():
        recipe = {"start": str(folder)}
        found[f"start {name}"] = Network(f"Teach “{name}” on", recipe, *_grid(folder))
    return found


def labelled(offered: dict[str, Network]) -> list[tuple[str, str]]:
    """(label, key) of each, for a list to choose from."""
    return [(network.label, key) for key, network in offered.items()]


def _grid(checkpoint: Path) -> tuple[int, int]:
    """(cells, channels) of a checkpoint's backbone, as its config.json says."""
    try:
        config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
        return config["decoder"]["cells"], config["decoder"]["channels"]
    except (OSError, ValueError, KeyError):  # it is shown, and refused when it is loaded
        return 0, 0
