"""Trainings as processes of their own: start, stop, rename, delete. Needs no TensorFlow.

A run is a folder, `runs/NAME`. Only the process that trains writes its status and results; others
only read them. So a reloaded page or a restarted server finds the run as it is.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from captioner.paths import PROJECT, RUNS
from captioner.training.recipe import CONFIG, LOCK, STARTING, Recipe
from captioner.training.runs import journal

LOG = "log.txt"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
_TENSORFLOW = re.compile(r"[IW]\d{4} [\d:.]+ |WARNING: All log messages before absl")  # its own log
_START_TIMEOUT = 20.0  # seconds to wait for a new process to lock its run
_END_TIMEOUT = 5.0  # seconds to wait for an ended process to unlock its run
_START_LIMIT = 300.0  # seconds that a process which this server did not start may take to do so
ACTIVE = ("starting", "running", "stopping")  # states of a run whose process lives

# Processes that this server started, by folder of the run.
_processes: dict[Path, subprocess.Popen] = {}
# No run may be moved or launched while another thread checks whether its process lives.
_processes_lock = threading.Lock()


class RunError(ValueError):
    """Something cannot be done with a run; one sentence says why."""


class Run:
    """One training, running or not."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def alive(self) -> bool:
        """Whether a process trains this run, or is about to."""
        return self.status["state"] in ACTIVE

    @property
    def recipe(self) -> Recipe:
        return Recipe.read(self.folder)

    @property
    def status(self) -> dict:
        """The last status that the process wrote, with its true state.

        The state is "starting" until the process writes its first status, then "running" or
        "stopping", and at the end "stopped", "finished", "failed", or "died" if the process ended
        without a final status.
        """
        # Checked first: the mark is removed after the first status is written.
        if self._is_starting():
            return {"state": "starting", "stage": "starting"}
        status = {"state": "running", "stage": "starting", **journal.read_status(self.folder)}
        if status["state"] == "running":
            if _started_here(self.folder) or self._is_locked():
                if (self.folder / journal.STOP).exists():
                    status["state"] = "stopping"
            else:  # the process may have ended well since its status was read
                status |= journal.read_status(self.folder)
                if status["state"] == "running":
                    status["state"] = "died"
        return status

    def _is_starting(self) -> bool:
        process = _started_here(self.folder)
        try:
            age = time.time() - (self.folder / STARTING).stat().st_mtime
        except OSError:
            return False
        return process is not None or age < _START_LIMIT

    def _is_locked(self) -> bool:
        """Whether a process holds the lock. Not checked while one starts, which needs it."""
        lock = self.folder / LOCK
        with _processes_lock:  # FileLock would create a folder again that has just been moved
            try:
                if lock.exists():
                    with FileLock(lock, timeout=0):
                        return False
            except Timeout:
                return True
            except OSError:  # a folder that cannot be written is not trained either
                pass
        return False

    @property
    def metrics(self) -> list[dict]:
        return journal.read_metrics(self.folder)

    @property
    def checkpoints(self) -> dict[str, Path]:
        """The complete checkpoints by name: "best" and "last"."""
        configs = self.folder.glob("checkpoints/*/config.json")
        return {file.parent.name: file.parent for file in sorted(configs)}

    def log(self, lines: int = 40) -> str:
        """The last lines of the log."""
        try:
            with (self.folder / LOG).open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - 200 * lines))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        # A progress bar overwrites its line: keep its last text only.
        shown = [line.rsplit("\r", 1)[-1] for line in text.rstrip("\n").split("\n")]
        shown = [line for line in shown if not _TENSORFLOW.match(line)]
        return "\n".join(shown[-lines:])


class Runs:
    """All runs in one folder. Only one trains at a time, since they share the machine."""

    def __init__(self, root: Path | str = RUNS):
        self.root = Path(root)

    def __iter__(self) -> Iterator[Run]:
        """The runs, the newest first."""
        folders = [file.parent for file in self.root.glob(f"*/{CONFIG}")]
        folders = [folder for folder in folders if _NAME.fullmatch(folder.name)]
        return iter([Run(folder) for folder in sorted(folders, key=_created, reverse=True)])

    def __getitem__(self, name: str) -> Run:
        """The run with this name. Raises RunError if there is none."""
        run = Run(self._folder(name))
        if not (run.folder / CONFIG).is_file():
            raise RunError(f"There is no run '{name}'.")
        return run

    def training(self) -> Run | None:
        """The run that is being trained now."""
        for folder in list(_processes):
            _started_here(folder)
        return next((run for run in self if run.alive), None)

    def free_name(self, name: str = "run") -> str:
        """`name`, or "name 2" and so on if there is a run with this name."""
        names = {run.name for run in self}
        free, number = name, 2
        while free in names:
            free, number = f"{name} {number}", number + 1
        return free

    def start(self, name: str, recipe: Recipe) -> Run:
        """Starts a new run.

        Raises:
            RunError: the name is invalid or exists, or another run is being trained.
        """
        folder = self._new_folder(name)
        with self._exclusive():
            self._check_idle()
            folder.mkdir(parents=True)
            return self._launch(Run(folder), recipe)

    def resume(self, name: str) -> Run:
        """Resumes a run. Raises RunError if another run is being trained."""
        run = self[name]
        with self._exclusive():
            self._check_idle()
            return self._launch(run, run.recipe)

    def stop(self, name: str) -> None:
        """Asks a run to save its state and end, which takes seconds.

        Raises:
            RunError: it is just starting.
        """
        run = self[name]
        state = run.status["state"]
        if state == "starting":  # the process would forget the request
            raise RunError(f"'{name}' is just starting: wait a moment, then stop it.")
        if state in ACTIVE:
            (run.folder / journal.STOP).touch()

    def rename(self, name: str, new: str) -> Run:
        """Renames a run. Raises RunError if it is being trained or the new name is not free."""
        run, folder = self[name], self._new_folder(new)
        self._move(run, folder)
        return Run(folder)

    def delete(self, name: str) -> None:
        """Deletes a run and its checkpoints. Raises RunError if it is being trained."""
        run = self[name]
        trash = self.root / f".deleted-{time.time_ns()}"  # gone at once for everybody who reads
        self._move(run, trash)
        shutil.rmtree(trash)

    def _move(self, run: Run, folder: Path) -> None:
        with self._exclusive():
            if run.alive:
                raise RunError(f"'{run.name}' is being trained: stop it first.")
            with _processes_lock:
                try:  # a process that has written its last status unlocks the run a moment later
                    with FileLock(run.folder / LOCK, timeout=_END_TIMEOUT):
                        pass
                except Timeout as error:
                    raise RunError(f"'{run.name}' is just ending: wait a moment.") from error
                run.folder.rename(folder)

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or name.endswith((".", " ")):
            raise RunError(
                "A name begins with a letter or digit and holds letters, digits, spaces, dots, "
                "hyphens and underscores: 60 at most."
            )
        return self.root / name

    def _new_folder(self, name: str) -> Path:
        folder = self._folder(name)
        if folder.exists():
            raise RunError(f"There is a run '{name}' already: choose another name.")
        return folder

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Only one visitor at a time starts, renames or deletes a run."""
        self.root.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(self.root / ".starting").acquire(timeout=_START_TIMEOUT + 5)
        except Timeout as error:
            raise RunError("Another run is just being started: wait a moment.") from error
        with lock:
            yield

    def _check_idle(self) -> None:
        if running := self.training():
            raise RunError(f"'{running.name}' is being trained: one at a time. Stop it first.")

    def _launch(self, run: Run, recipe: Recipe) -> Run:
        """Starts the process and waits until it writes a status or ends."""
        command = [sys.executable, "-m", "captioner", "train", "--out", str(run.folder.resolve())]
        recipe = recipe if recipe.command else replace(recipe, command=f"run '{run.name}'")
        starting = run.folder / STARTING
        with _processes_lock:
            starting.touch()  # before the recipe: with it others list the run
            try:
                recipe.save(run.folder)
                (run.folder / journal.STATUS).unlink(missing_ok=True)
                with (run.folder / LOG).open("ab") as log:
                    process = _processes[run.folder] = subprocess.Popen(
                        command,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        env=_environment(),
                        start_new_session=True,  # it outlives the server
                    )
            except OSError:
                starting.unlink(missing_ok=True)
                raise
        until = time.monotonic() + _START_TIMEOUT
        while process.poll() is None and starting.exists() and time.monotonic() < until:
            time.sleep(0.02)
        return run


def _started_here(folder: Path) -> subprocess.Popen | None:
    """The process that this server started to train a run, while it lives."""
    with _processes_lock:
        process = _processes.get(folder)
        if process is None or process.poll() is None:  # asking also removes the zombie
            return process
        del _processes[folder]
        (folder / STARTING).unlink(missing_ok=True)  # if it ended before it could
        return None


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def _created(folder: Path) -> float:
    try:
        return (folder / CONFIG).stat().st_ctime
    except OSError:
        return 0.0
