"""A training that is never killed, and one that is killed repeatedly:
`python -m tests.support.training.killed DATA BACKBONE CALM WILD KILLS SEED`.

Every attempt is a fork of a process that has imported everything but computed nothing, so it needs
no imports. Prints the stage at which each attempt was killed.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from captioner.training import pipeline  # noqa: F401 (imported once, for all attempts)
from captioner.training.recipe import Recipe, train
from captioner.training.runs import journal
from captioner.training.settings import FitConfig

SMALL = {"grid_units": 16, "attention": 8, "embedding": 8, "units": 16, "min_count": 1}
FIT = FitConfig(
    epochs=4, batch_size=8, mixed=False, save_every=2, average=2, patience=0, dropout=0.2, **SMALL
)
LONGEST = 6.0  # seconds; an attempt lasts up to 0.9 s less


def main() -> None:
    data, backbone, calm, wild, kills, seed = sys.argv[1:]
    finish(attempt(data, backbone, Path(calm)))
    dice, out = random.Random(int(seed)), Path(wild)
    for _ in range(int(kills)):
        child = attempt(data, backbone, out)
        # As often soon as late: drawn from the logarithm of the time.
        time.sleep(LONGEST ** dice.random() - 0.9)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(journal.read_status(out).get("stage", "nothing yet"), flush=True)
    finish(attempt(data, backbone, out))


def attempt(data: str, backbone: str, out: Path) -> int:
    """Trains in a new process, which ends without what Python does at the end."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        recipe = Recipe(data, backbone=backbone, features=str(out.parent / "features"), fit=FIT)
        train(recipe, out, report=lambda line: None)
        status = 0
    finally:
        os._exit(status)


def finish(child: int) -> None:
    """Waits for an attempt; ends this process if it failed."""
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
