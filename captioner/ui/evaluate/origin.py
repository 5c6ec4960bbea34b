"""The checkpoints that results belong to: whether they are still here, and under which name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from captioner.evaluation.store import Evaluation, fingerprint_in


@dataclass(frozen=True)
class Origin:
    """The checkpoint of a result as it is now."""

    name: str  # by which it is loaded; "" if it is gone
    state: str = ""  # "deleted", "replaced", "not here" or ""
    sentence: str = ""  # what follows from that, or from a new name


class Origins:
    """Finds the checkpoints of results. `folders` are the checkpoints that exist, by name."""

    def __init__(self, folders: Mapping[str, Path]):
        self._fingerprints = {name: fingerprint_in(folder) for name, folder in folders.items()}

    def of(self, result: Evaluation) -> Origin:
        """Returns the checkpoint of a result."""
        name = result.checkpoint
        if self._fingerprints.get(name) == result.written:
            return Origin(name)
        for renamed, fingerprint in self._fingerprints.items():
            if fingerprint == result.written:
                return Origin(renamed, "", f"This checkpoint is called “{renamed}” now.")
        if name in self._fingerprints:
            sentence = "This checkpoint was replaced later. Evaluate it again."
            return Origin(name, "replaced", sentence)
        run, is_run, _ = name.rpartition("/")
        if is_run:
            return Origin("", "deleted", f"The run “{run}” was deleted.")
        return Origin("", "not here", "This checkpoint is not here any more.")
