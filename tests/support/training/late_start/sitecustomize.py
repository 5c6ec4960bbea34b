"""With this folder in PYTHONPATH a training starts late, as on a busy machine, and computes
nothing."""

import os
import random
import sys
import time
import types

time.sleep(random.Random(os.getpid()).uniform(0, 1))


def run(recipe, out, journal, workers):
    journal.stage("training", 0, 10)
    time.sleep(0.3)
    return out


# In place of the modules that take seconds to import.
sys.modules["captioner.imports"] = types.SimpleNamespace(import_tensorflow=lambda: None)
sys.modules["captioner.training.pipeline"] = types.SimpleNamespace(run=run)
