"""A training that is killed repeatedly: `python killed.py DATA BACKBONE OUT KILLS SEED`.

Every attempt is a fork of a process that has imported everything but computed nothing, so it needs
no imports. Prints the stage at which each attempt was killed.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from captioner.training import journal, pipeline  # noqa: F401 (imported once, for all attempts)
from captioner.training.recipe import Recipe, train
from captioner.training.settings import FitConfig

SMALL = {"grid_units": 16, "attention": 8, "embedding": 8, "units": 16, "min_count": 1}
FIT = FitConfig(
    epochs=4, batch_size=8, mixed=False, save_every=2, average=2, patience=0, dropout=0.2, **SMALL
)
LONGEST = 8.0  # seconds that a try may have


def main() -> None:
    data, backbone, out, kills, seed = sys.argv[1:]
    out = Path(out)
    recipe = Recipe(data, backbone=backbone, features=str(out.parent / "features"), fit=FIT)
    dice = random.Random(int(seed))
    for _ in range(int(kills)):
        child = os.fork()
        if child == 0:
            quietly(recipe, out)
        # As often soon as late: drawn from the logarithm of the time.
        time.sleep(LONGEST ** dice.random() - 0.9)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(journal.read_status(out).get("stage", "nothing yet"), flush=True)
    child = os.fork()
    if child == 0:
        quietly(recipe, out)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def quietly(recipe: Recipe, out: Path) -> None:
    """Trains, and ends the process without what Python does at the end."""
    status = 1
    try:
        train(recipe, out, report=lambda line: None)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
