"""The loop that distillation and captioner training share: log, save, resume, stop."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import keras

from captioner.training.journal import Journal, Stopped
from captioner.training.state import load_state, save_state

LOG_EVERY = 20  # steps


def resume(folder: Path, model: keras.Model) -> dict | None:
    """Puts the state saved in `folder` back into a built, compiled model.

    Returns the progress saved with it, or None where there is none yet. Raises StateError.
    """
    state = folder / "state.npz"
    return load_state(state, model) if state.is_file() else None


def save(folder: Path, model: keras.Model, progress: dict) -> None:
    """Saves the state that `resume` reads."""
    save_state(folder / "state.npz", model, progress)


def ahead(batches: Iterator, count: int = 2) -> Iterator:
    """The same batches; the next `count` are made by another thread while one is trained on."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, batches, None) for _ in range(count))
        while (batch := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, batches, None))
            yield batch


@dataclass
class Loop:
    """Trains step by step; logs, saves and stops as it should."""

    model: keras.Model
    journal: Journal
    total: int  # steps in all
    publish: Callable[[int], None]  # saves all that is to be saved after a step
    save_every: int  # steps
    after: Callable[[int], None] = lambda step: None  # called after every step
    scope: Callable[[], AbstractContextManager] = nullcontext  # a step is taken in it
    unit: str = "steps"  # what a step does `per_step` of
    per_step: float = 1.0

    def begin(self, step: int, stage: str, kind: str = "") -> None:
        """Tells the journal that the steps after `step` are next."""
        self.journal.stage(stage, self.units(step), self.units(self.total), self.unit, kind)

    def run(self, batches: Iterator, start: int, until: int) -> None:
        """Trains on one batch a step from step `start` to step `until`.

        Every LOG_EVERY steps the mean of the model's metrics is logged. If the journal says that
        it should stop, what was learnt is published and Stopped is raised.
        """
        begun, logs = time.monotonic(), []  # since the last line
        for step in range(start + 1, until + 1):
            batch = next(batches)
            with self.scope():
                logs.append(self.model.train_on_batch(batch, return_dict=True))
            if step % LOG_EVERY == 0 or step == until:
                now = time.monotonic()
                self._log(step, len(logs) / (now - begun), logs)
                begun, logs = now, []
            self.after(step)
            if step % self.save_every == 0 and step < until:
                self.publish(step)
            try:
                self.journal.progress(self.units(step), self.units(self.total))
            except Stopped:
                if step < until:  # otherwise what belongs to the end of an epoch comes first
                    self.publish(step)
                    raise

    def units(self, steps: int) -> int:
        """What so many steps do, in units."""
        return round(steps * self.per_step)

    def _log(self, step: int, speed: float, logs: list[dict]) -> None:
        values = {name: sum(float(log[name]) for log in logs) / len(logs) for name in logs[0]}
        per_second = {f"{self.unit}_per_second": speed * self.per_step}
        self.journal.log({"step": step, "steps_per_second": speed, **per_second, **values})
