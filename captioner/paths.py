"""Where the project's files are. Importing this is cheap: it loads no model."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ASSETS = PROJECT / "assets"
CHECKPOINTS = PROJECT / "checkpoints"
BUNDLED = CHECKPOINTS / "default"  # the captioner that the repository carries

# Relative to the folder in which the app was started.
DATASETS = Path("datasets")  # data sets that were drawn, downloaded or unpacked
FEATURES = Path("features")  # feature caches, shared by all trainings
RESULTS = Path("results")  # of evaluations
RUNS = Path("runs")
