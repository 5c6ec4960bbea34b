"""The training loop of captioners and of distillation: logs, saves, resumes and stops.

`state.npz` holds the whole state of a training, so that a resumed one equals an undisturbed one.
"""

import json
import math
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from captioner.files import write_whole
from captioner.training.runs.journal import Journal, Stopped

LOG_EVERY = 20  # steps
STATE = "state.npz"


class StateError(ValueError):
    """A saved state is damaged or belongs to another model."""


class DivergedError(ValueError):
    """The loss is not finite any more."""


def save_state(folder: Path, model: keras.Model, progress: dict) -> None:
    """Saves all variables of a compiled, built model and `progress`, which must be JSON."""
    arrays = {
        f"v{number:04d}": keras.ops.convert_to_numpy(variable)
        for number, variable in enumerate(variables(model))
    }
    write_whole(
        folder / STATE,
        lambda temporary: np.savez(temporary, progress=json.dumps(progress), **arrays),
    )


def load_state(folder: Path, model: keras.Model) -> dict | None:
    """Restores a saved state into a compiled, built model.

    Returns:
        The progress that was saved with it, or None if nothing was saved yet.

    Raises:
        StateError: the file is damaged or was written by a model of another shape.
    """
    path = folder / STATE
    if not path.is_file():
        return None
    current = variables(model)
    try:
        with np.load(path, allow_pickle=False) as saved:
            arrays = [saved[f"v{number:04d}"] for number in range(len(saved.files) - 1)]
            progress = json.loads(str(saved["progress"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StateError(f"{path} is damaged: {error}") from error
    if [a.shape for a in arrays] != [tuple(v.shape) for v in current]:
        raise StateError(
            f"{path} was written by a model of another shape: choose another output folder."
        )
    for variable, array in zip(current, arrays, strict=True):
        variable.assign(array)
    return progress


def variables(model: keras.Model) -> list[keras.Variable]:
    """All that the state of a compiled, built model consists of."""
    # Model.variables: weights, batch statistics, metrics, seeds. The optimizer's own come after.
    return [*model.variables, *model.optimizer.variables]


def prefetch(batches: Iterator) -> Iterator:
    """The same batches; another thread prepares the next two during a step."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, batches, None) for _ in range(2))
        while (batch := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, batches, None))
            yield batch


@dataclass(frozen=True)
class Loop:
    """Trains a compiled model batch by batch."""

    model: keras.Model
    journal: Journal
    total: int  # steps of the whole training
    save: Callable[[int], None]  # saves everything after a step
    save_every: int  # steps
    unit: str = "steps"  # what progress is counted in
    per_step: float = 1.0  # units of a step
    scope: Callable[[], AbstractContextManager] = nullcontext  # context of a step

    def begin(self, step: int, stage: str, kind: str = "") -> None:
        """Starts a stage of the journal, of which `step` steps are done."""
        self.journal.stage(stage, self._units(step), self._units(self.total), self.unit, kind)

    def run(
        self,
        batches: Iterator,
        start: int,
        until: int,
        after: Callable[[int], None] = lambda step: None,
    ) -> None:
        """Trains from step `start` to step `until`, one batch a step.

        The mean of the model's metrics is logged every LOG_EVERY steps. `after` is called after
        every step with its number.

        Raises:
            Stopped: a stop was requested; the state is saved first.
            DivergedError: the loss is not finite any more; the state is that of the last save.
        """
        last_log, logs = time.monotonic(), []
        self.journal.pause()
        for step in range(start + 1, until + 1):
            batch = next(batches)
            with self.scope():
                logs.append(self.model.train_on_batch(batch, return_dict=True))
            if step % LOG_EVERY == 0 or step == until:
                now = time.monotonic()
                self._log(step, len(logs) / (now - last_log), logs)
                last_log, logs = now, []
            after(step)
            if step % self.save_every == 0 and step < until:
                self.save(step)
            try:
                self.journal.progress(self._units(step), self._units(self.total))
            except Stopped:
                if step < until:  # after the last step the caller saves, then checks for a stop
                    self.save(step)
                    raise

    def _units(self, steps: int) -> int:
        return round(steps * self.per_step)

    def _log(self, step: int, speed: float, logs: list[dict]) -> None:
        means = {name: sum(float(log[name]) for log in logs) / len(logs) for name in logs[0]}
        if not all(map(math.isfinite, means.values())):
            raise DivergedError(
                "The loss is not finite any more: train anew with a smaller learning rate."
            )
        per_second = {f"{self.unit}_per_second": speed * self.per_step}
        self.journal.log({"step": step, "steps_per_second": speed, **per_second, **means})
