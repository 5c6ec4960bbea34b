"""Trainings as processes of their own: start, watch, stop, find again. Needs no TensorFlow.

A run is a folder, `runs/NAME`. The process that trains owns what is written there; whoever looks,
looks only. So a page that is loaded again, or a server that is started anew, finds it as it is.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from captioner.paths import PROJECT, RUNS
from captioner.training import journal
from captioner.training.recipe import CONFIG, LOCK, Recipe

LOG = "log.txt"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
_CHATTER = re.compile(r"[IW]\d{4} [\d:.]+ |WARNING: All log messages before absl")  # TensorFlow's
_BEGINNING = 20.0  # seconds within which a new process has taken its lock


class RunError(ValueError):
    """What was wanted of a run cannot be done; one sentence says why."""


class Run:
    """A training that somebody started, whether it goes on or not."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def alive(self) -> bool:
        """Whether a process is training it now; the system knows by its lock."""
        try:
            with FileLock(self.folder / LOCK, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # the folder has just been deleted
            return False

    @property
    def recipe(self) -> Recipe:
        return Recipe.read(self.folder)

    @property
    def status(self) -> dict:
        """What the process wrote last, its `state` made true: `running`, `stopping`, `stopped`,
        `finished`, `failed`, or `died` where it could say nothing any more."""
        status = {"state": "running", "stage": "starting", **journal.read_status(self.folder)}
        if self.alive:
            status["state"] = "stopping" if (self.folder / journal.STOP).exists() else "running"
        elif status["state"] == "running":
            status["state"] = "died"
        return status

    @property
    def metrics(self) -> list[dict]:
        return journal.read_metrics(self.folder)

    @property
    def checkpoints(self) -> dict[str, Path]:
        """Those that are complete: `best` and `last`."""
        found = self.folder.glob("checkpoints/*/config.json")
        return {file.parent.name: file.parent for file in sorted(found)}

    def log(self, lines: int = 40) -> str:
        """The last lines that the process printed."""
        try:
            with (self.folder / LOG).open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - 200 * lines))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        # A bar that is drawn over itself: only what it showed last.
        shown = [line.rsplit("\r", 1)[-1] for line in text.rstrip("\n").split("\n")]
        shown = [line for line in shown if not _CHATTER.match(line)]
        return "\n".join(shown[-lines:])


class Runs:
    """All runs in one folder. One trains at a time: they would share the same machine."""

    def __init__(self, root: Path | str = RUNS):
        self.root = Path(root)

    def __iter__(self) -> Iterator[Run]:
        """The newest first."""
        folders = [file.parent for file in self.root.glob(f"*/{CONFIG}")]
        folders = [f for f in folders if _NAME.fullmatch(f.name)]
        return iter([Run(f) for f in sorted(folders, key=_begun, reverse=True)])

    def __getitem__(self, name: str) -> Run:
        """The run of that name. Raises RunError if there is none."""
        run = Run(self._folder(name))
        if not (run.folder / CONFIG).is_file():
            raise RunError(f"There is no run '{name}'.")
        return run

    def training(self) -> Run | None:
        """The one that is being trained now."""
        for process in _PROCESSES[:]:
            if process.poll() is not None:
                _PROCESSES.remove(process)
        return next((run for run in self if run.alive), None)

    def free_name(self, wish: str = "run") -> str:
        """`wish`, or `wish 2`, .. where there is one of that name."""
        taken = {run.name for run in self}
        number = 2
        name = wish
        while name in taken:
            name, number = f"{wish} {number}", number + 1
        return name

    def start(self, name: str, recipe: Recipe) -> Run:
        """Starts a new run. Raises RunError if that is no good name, if there is one of that name
        already, or if another is being trained."""
        folder = self._folder(name)
        if folder.exists():
            raise RunError(f"There is a run '{name}' already: choose another name.")
        with self._alone():
            folder.mkdir(parents=True)
            return self._launch(Run(folder), recipe)

    def resume(self, name: str) -> Run:
        """Lets a run go on where it was. Raises RunError if another is being trained."""
        run = self[name]
        with self._alone():
            return self._launch(run, run.recipe)

    def stop(self, name: str) -> None:
        """Asks a run to stop; it saves what it has learnt and ends within seconds."""
        run = self[name]
        if run.alive:
            (run.folder / journal.STOP).touch()

    def rename(self, name: str, new: str) -> Run:
        """Gives a run another name. Raises RunError if that cannot be."""
        run, folder = self._resting(name), self._folder(new)
        if folder.exists():
            raise RunError(f"There is a run '{new}' already: choose another name.")
        run.folder.rename(folder)
        return Run(folder)

    def delete(self, name: str) -> None:
        """Deletes a run and all that it learnt. Raises RunError while it is being trained."""
        shutil.rmtree(self._resting(name).folder)

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or name.endswith((".", " ")):
            raise RunError(
                "A name begins with a letter or digit and holds letters, digits, spaces, dots, "
                "hyphens and underscores: 60 at most."
            )
        return self.root / name

    def _resting(self, name: str) -> Run:
        run = self[name]
        if run.alive:
            raise RunError(f"'{name}' is being trained: stop it first.")
        return run

    def _alone(self) -> FileLock:
        """Held while a run is started, so that two visitors do not start two."""
        self.root.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(self.root / ".starting").acquire(timeout=_BEGINNING + 5)
        except Timeout as error:
            raise RunError("Another run is just being started: wait a moment.") from error
        if running := self.training():
            lock.lock.release()
            raise RunError(f"'{running.name}' is being trained: one at a time. Stop it first.")
        return lock

    def _launch(self, run: Run, recipe: Recipe) -> Run:
        """Starts the process and waits until it holds its lock, or has ended."""
        run.folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "captioner", "train", "--out", str(run.folder.resolve())]
        recipe = recipe if recipe.command else replace(recipe, command=f"run '{run.name}'")
        recipe.save(run.folder)
        (run.folder / journal.STATUS).unlink(missing_ok=True)
        with (run.folder / LOG).open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(),
                start_new_session=True,  # it outlives the server
            )
        _PROCESSES.append(process)
        until = time.monotonic() + _BEGINNING
        while process.poll() is None and time.monotonic() < until:
            if journal.read_status(run.folder) and run.alive:
                break
            time.sleep(0.02)
        return run


# Those that this server started: asked now and then, so that none stays as a zombie.
_PROCESSES: list[subprocess.Popen] = []


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def _begun(folder: Path) -> float:
    try:
        return (folder / CONFIG).stat().st_ctime
    except OSError:
        return 0.0
