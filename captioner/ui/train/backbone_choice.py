"""The backbones and checkpoints that a training can start from, described without loading them."""

from dataclasses import dataclass
from pathlib import Path

from captioner.backbones.specs import SPECS
from captioner.checkpoint_folder import read_config
from captioner.data.cache.feature_cache import backbone_key
from captioner.paths import BUNDLED
from captioner.training.runs.estimate import usual_speed


@dataclass(frozen=True)
class BackboneChoice:
    """A backbone as the page offers it."""

    label: str
    recipe_fields: dict
    cells: int
    channels: int
    speed: float  # photos a second on two slow cores, roughly

    @property
    def key(self) -> str:
        """Identifies its weights and its grid, as in feature caches; empty if it is damaged."""
        fields = self.recipe_fields
        name = fields.get("start") or fields.get("backbone", "compact")
        try:
            return backbone_key(name, fields.get("stride"))
        except (OSError, ValueError, KeyError):
            return ""


def backbone_choices(checkpoints: dict[str, Path]) -> dict[str, BackboneChoice]:
    """Returns the choices by key; the first is the default.

    Args:
        checkpoints: folders by name; training can continue from each of them.
    """
    cells, channels, speed = _grid_and_speed(BUNDLED)
    side = round(cells**0.5)
    fine = 2 * side - 1
    choices = {
        "compact": BackboneChoice(
            f"Compact, {side} x {side} cells (bundled)", {"stride": 32}, cells, channels, speed
        ),
        "compact-fine": BackboneChoice(
            f"Compact, {fine} x {fine} cells (bundled, slower)",
            {"stride": 16},
            fine**2,
            channels,
            usual_speed("compact", 16),
        ),
    }
    for name, spec in SPECS.items():
        rows, cols = spec.geometry.rows, spec.geometry.cols
        label = f"{spec.builder}, {rows} x {cols} cells (ImageNet weights, {spec.megabytes} MB)"
        fields = {"backbone": name}
        choices[name] = BackboneChoice(label, fields, rows * cols, spec.channels, spec.speed)
    for name, folder in checkpoints.items():
        label, fields = f"Continue from checkpoint “{name}”", {"start": str(folder)}
        choices[f"start {name}"] = BackboneChoice(label, fields, *_grid_and_speed(folder))
    return choices


def _grid_and_speed(checkpoint: Path) -> tuple[int, int, float]:
    """(cells, channels, speed) of a checkpoint's backbone, as its config.json says."""
    try:
        config = read_config(checkpoint)
        decoder, backbone = config["decoder"], config["backbone"]
        speed = usual_speed(backbone["name"], backbone["geometry"]["stride"])
        return decoder["cells"], decoder["channels"], speed
    except (ValueError, KeyError, TypeError):  # loading the checkpoint will say what is wrong
        return 0, 0, usual_speed("compact", 32)
