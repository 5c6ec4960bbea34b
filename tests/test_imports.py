"""Imports go down only, and the page is up before any of the heavy packages is imported."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (  # from the ground up; rooms of one floor may use each other
    ("captioner",),
    ("captioner.data", "captioner.scenes"),
    ("captioner.training", "captioner.evaluation", "captioner.distillation"),
    ("captioner.ui",),
)
# They may use every floor.
ENTRIES = ("app", "captioner.cli", "captioner.__main__")
