"""The captioners that the page offers. Each is loaded when it is first used."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock

from captioner.paths import CHECKPOINTS, RUNS
from captioner.ui.shared.captioner_loader import CaptionerLoader

_MAX_LOADED = 3  # captioners in memory; each takes some hundred MB with its buffers
_CONFIG = "config.json"  # is written last: a checkpoint that has it is complete


class Models:
    """Captioners by name: "default", other checkpoints, and "NAME/best" and "NAME/last" of runs.

    Args:
        load: loads the captioner in a folder, or raises ValueError with one sentence.
        first: folder of the captioner that the page starts with.
        warm_up: prepares a loaded captioner for requests that are slow the first time.
    """

    def __init__(
        self,
        load: Callable[[Path], object],
        first: Path,
        warm_up: Callable[[object], None] | None = None,
    ):
        self._load = load
        self._first = first
        self._warm_up = warm_up
        self._lock = Lock()
        self._loaders: OrderedDict[tuple[Path, int], CaptionerLoader] = OrderedDict()

    def folders(self) -> dict[str, Path]:
        """Returns the checkpoints that exist now, by name; the first one comes first."""
        bundled = sorted(CHECKPOINTS.glob(f"*/{_CONFIG}"))
        trained = sorted(RUNS.glob(f"*/checkpoints/*/{_CONFIG}"))
        found = {file.parent.name: file.parent for file in bundled}
        found |= {f"{file.parts[-4]}/{file.parts[-2]}": file.parent for file in trained}
        first = self._first.resolve()
        name = next((n for n, folder in found.items() if folder.resolve() == first), first.name)
        return {name: self._first, **{n: f for n, f in found.items() if n != name}}

    def names(self) -> list[str]:
        """Returns the names of all checkpoints, the first one first."""
        return list(self.folders())

    def start(self) -> Future:
        """Starts to load the first captioner; returns at once."""
        return self._loader("").start()

    def captioner(self, name: str = ""):
        """Returns the captioner of that name, or the first one, and waits for it if necessary.

        Raises:
            ValueError: it is gone or could not be loaded; one sentence says which.
        """
        return self._loader(name).captioner()

    def _loader(self, name: str) -> CaptionerLoader:
        folders = self.folders()
        if name and name not in folders:
            raise ValueError(f"There is no captioner “{name}” here any more. Choose another one.")
        folder = folders[name] if name else self._first
        # A training replaces its checkpoints, so a changed file means another captioner.
        config = folder / _CONFIG
        key = folder, config.stat().st_mtime_ns if config.is_file() else 0
        with self._lock:
            if key not in self._loaders:
                self._loaders[key] = CaptionerLoader(lambda: self._load(folder), self._warm_up)
                while len(self._loaders) > _MAX_LOADED:
                    del self._loaders[next(k for k in self._loaders if k[0] != self._first)]
            self._loaders.move_to_end(key)
            return self._loaders[key]
