"""Runs as their processes leave them, without a training."""

from pathlib import Path

import numpy as np

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.training.recipe import Recipe
from captioner.training.runs import journal, snapshots
from captioner.training.runs.run import Run, Runs
from tests.support import tiny

LATE_START = Path(__file__).with_name("late_start")

GEOMETRY = Geometry(rows=2, cols=2, size=64, stride=32, first=16)


def caption(word: str) -> Caption:
    attention = np.full((2, 2), 0.25, np.float32)
    return Caption([Word(word, 0.5, attention, [(word, 0.5)])], GEOMETRY)


def finished_run(runs: Path, name: str, epochs: int = 2) -> Run:
    """A run in the folder `runs` after so many epochs, with two photos in its timeline."""
    folder = runs / name
    folder.mkdir(parents=True)
    Recipe(data="nowhere").save(folder)
    book = journal.Journal(folder, report=lambda line: None)
    book.stage("training", 0, 100, "captions")
    photos = {folder / f"{name}.png": [f"a {name}"] for name in ("one", "two")}
    for path, colour in zip(photos, ("red", "blue"), strict=True):
        tiny.drawn(colour, "disc", "white").save(path)
    snapshots.save_photos(folder / "samples", photos, GEOMETRY)
    for epoch in range(epochs + 1):
        snapshots.save_snapshot(folder / "samples", 10 * epoch, epoch, [caption("dog")] * 2)
        if epoch:
            step = {"step": 10 * epoch, "captions_per_second": 50.0, "loss_per_word": 4 / epoch}
            book.log(step)
            book.log(
                {"step": 10 * epoch, "epoch": epoch, "validation_loss": 5 / epoch}
                | {"BLEU-4": 0.1 * epoch, "CIDEr": 0.2 * epoch}
            )
    book.end("finished")
    return Runs(runs)[name]
