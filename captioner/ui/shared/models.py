"""The captioners that the page offers: each is loaded behind it, when first wanted."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock

from captioner.paths import CHECKPOINTS, RUNS
from captioner.ui.shared.loading import Loading

_KEPT = 3  # captioners in memory at once; each takes some hundred MB with its buffers
_WHOLE = "config.json"  # written last: a folder that has it is complete


class Models:
    """Captioners by name: "default", those beside it, and "NAME/best" and "NAME/last" of runs.

    `load(folder)` returns a captioner, or raises ValueError with one sentence that says why not;
    `afterwards(captioner)` does what can wait until it is on show. `first` is the folder of the
    one that the page begins with.
    """

    def __init__(
        self,
        load: Callable[[Path], object],
        first: Path,
        afterwards: Callable[[object], None] | None = None,
    ):
        self._load = load
        self._first = first
        self._afterwards = afterwards
        self._lock = Lock()
        self._loadings: OrderedDict[tuple[Path, int], Loading] = OrderedDict()

    def folders(self) -> dict[str, Path]:
        """What there is now, by name; the one that the page begins with comes first."""
        beside = sorted(CHECKPOINTS.glob(f"*/{_WHOLE}"))
        runs = sorted(RUNS.glob(f"*/checkpoints/*/{_WHOLE}"))
        found = {file.parent.name: file.parent for file in beside}
        found |= {f"{file.parts[-4]}/{file.parts[-2]}": file.parent for file in runs}
        first = self._first.resolve()
        known = [name for name, folder in found.items() if folder.resolve() == first]
        name = known[0] if known else first.name
        return {name: self._first, **{n: f for n, f in found.items() if n != name}}

    def names(self) -> list[str]:
        return list(self.folders())

    def start(self) -> Future:
        """Begins to load the first one, if nobody has yet; returns at once."""
        return self._loading("").start()

    def captioner(self, name: str = ""):
        """The captioner of that name, or the first one, waiting for it where necessary.

        Raises ValueError with one sentence for the visitor if it could not be loaded.
        """
        return self._loading(name).captioner()

    def _loading(self, name: str) -> Loading:
        folders = self.folders()
        if name and name not in folders:
            raise ValueError(f"There is no captioner “{name}” here any more: choose another.")
        folder = folders[name] if name else self._first
        with self._lock:
            # A training replaces its checkpoints: another file is another captioner.
            written = folder / _WHOLE
            key = folder, written.stat().st_mtime_ns if written.is_file() else 0
            if key not in self._loadings:
                self._loadings[key] = Loading(lambda: self._load(folder), self._afterwards)
                while len(self._loadings) > _KEPT:
                    oldest = next(k for k in self._loadings if k[0] != self._first)
                    del self._loadings[oldest]
            self._loadings.move_to_end(key)
            return self._loadings[key]
