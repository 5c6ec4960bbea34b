"""The loop that distillation and captioner training share: log, save, resume."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras

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


def log(folder: Path, line: dict, report: Callable[[str], None]) -> None:
    """Adds a line to `metrics.jsonl` and says it."""
    line = {k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()}
    with (folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    report("  ".join(f"{name} {value}" for name, value in line.items()))


def ahead(batches: Iterator, count: int = 2) -> Iterator:
    """The same batches; the next `count` are made by another thread while one is trained on."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, batches, None) for _ in range(count))
        while (batch := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, batches, None))
            yield batch


def run(
    model: keras.Model,
    batches: Iterator,
    start: int,
    until: int,
    folder: Path,
    publish: Callable[[int], None],
    report: Callable[[str], None],
    save_every: float,
) -> None:
    """Trains on one batch a step from step `start` to step `until`.

    Every LOG_EVERY steps the mean of the model's metrics is logged; about every `save_every`
    seconds `publish(step)` is called, which saves what is to be saved.
    """
    saved = logged = time.monotonic()
    since = start
    step = start
    while step < until:
        logs = model.train_on_batch(next(batches), return_dict=True)
        step += 1
        now = time.monotonic()
        if step % LOG_EVERY == 0 or step == until:
            values = {name: float(value) for name, value in logs.items()}
            log(
                folder,
                {"step": step, "steps_per_second": (step - since) / (now - logged), **values},
                report,
            )
            model.reset_metrics()
            logged, since = now, step
        if now - saved > save_every and step < until:
            publish(step)
            saved = time.monotonic()
