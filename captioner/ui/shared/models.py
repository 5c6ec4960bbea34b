"""The captioners that the page offers. Each is loaded in the background when it is first used."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread

from captioner.paths import CHECKPOINTS, RUNS
from captioner.ui.shared.loading_times import LoadingTimes

log = logging.getLogger(__name__)

PAUSE = 3.0  # seconds between loading and warming up: visitors who waited come first
_MAX_LOADED = 3  # captioners in memory; each takes some hundred MB with its buffers
_CONFIG = "config.json"  # is written last: a checkpoint that has it is complete


class Models:
    """Captioners by name: "default", other checkpoints, and "NAME/best" and "NAME/last" of runs.

    Args:
        load: loads the captioner in a folder, or raises ValueError with one sentence.
        first: folder of the captioner that the page starts with.
        warm_up: is called with a captioner some seconds after it was loaded; nobody waits for it.
        times: where the time that the first captioner takes to load is stored.
    """

    def __init__(
        self,
        load: Callable[[Path], object],
        first: Path,
        warm_up: Callable[[object], None] = lambda captioner: None,
        times: LoadingTimes | None = None,
    ):
        self._load = load
        self.first = first
        self._warm_up = warm_up
        self._times = times
        self._expected = times.find(first) if times else None  # seconds of loading
        self._lock = Lock()
        self._load_start: float | None = None  # when the first captioner began to load
        self._loaded: OrderedDict[tuple[Path, int], Future] = OrderedDict()

    def folders(self) -> dict[str, Path]:
        """Returns the checkpoints that exist now, by name; the first one comes first."""
        bundled = sorted(CHECKPOINTS.glob(f"*/{_CONFIG}"))
        trained = sorted(RUNS.glob(f"*/checkpoints/*/{_CONFIG}"))
        found = {file.parent.name: file.parent for file in bundled}
        found |= {f"{file.parts[-4]}/{file.parts[-2]}": file.parent for file in trained}
        first = self.first.resolve()
        name = next((n for n, folder in found.items() if folder.resolve() == first), first.name)
        return {name: self.first, **{n: f for n, f in found.items() if n != name}}

    def names(self) -> list[str]:
        """Returns the names of all checkpoints, the first one first."""
        return list(self.folders())

    def captioner(self, name: str = ""):
        """Returns the captioner of that name, or the first one, and waits for it if necessary.

        Raises:
            ValueError: it is gone or could not be loaded; one sentence says which.
        """
        return self.start(name).result()

    def start(self, name: str = "") -> Future:
        """Starts to load a captioner, by default the first one, unless that was done before."""
        folder = self.folders().get(name) if name else self.first
        if folder is None:
            raise ValueError(f"There is no captioner “{name}” here any more. Choose another one.")
        # A training replaces its checkpoints, so a changed file means another captioner.
        config = folder / _CONFIG
        key = folder, config.stat().st_mtime_ns if config.is_file() else 0
        with self._lock:
            if key not in self._loaded:
                future = self._loaded[key] = Future()
                if folder == self.first:
                    self._load_start = time.monotonic()
                future.set_running_or_notify_cancel()  # a visitor who leaves cannot cancel it
                Thread(target=self._run, args=[folder, future], daemon=True).start()
                while len(self._loaded) > _MAX_LOADED:
                    del self._loaded[next(k for k in self._loaded if k[0] != self.first)]
            self._loaded.move_to_end(key)
            return self._loaded[key]

    def seconds_left(self) -> float | None:
        """About how long the first captioner will still load, if it did so before on this machine;
        0 if that is over."""
        if self._load_start is None:  # it begins once the page is up
            return self._expected
        if self.start().done():
            return 0
        return self._expected and max(1, self._expected - (time.monotonic() - self._load_start))

    def _run(self, folder: Path, future: Future) -> None:
        try:
            captioner = self._load(folder)
        except ValueError as error:
            log.error("The captioner could not be loaded: %s", error)
            future.set_exception(error)
        except Exception:
            log.exception("The captioner could not be loaded")
            sentence = "The captioner could not be loaded. The server's log has the details."
            future.set_exception(ValueError(sentence))
        else:
            future.set_result(captioner)
            if self._times and folder == self.first:
                self._times.store(folder, time.monotonic() - self._load_start)
            time.sleep(PAUSE)
            self._warm_up(captioner)
