"""The charts of runs that train on several data sets."""

import json

import gradio as gr

from captioner.paths import BUNDLED
from captioner.training.recipe import Recipe
from captioner.training.runs import journal
from captioner.training.runs.run import Runs
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission
from captioner.ui.train import charts
from captioner.ui.train.run_panel import RunControls

LINES = [
    {
        **{"CIDEr": 0.2 * n, "BLEU-4": 0.1, "CIDEr/Flickr8k": 0.1 * n, "BLEU-4/Flickr8k": 0.1},
        **{"pointing/Flickr8k": 0.5, "CIDEr/people and other animals": 0.3 * n},
        "BLEU-4/people and other animals": 0.1,
    }
    for n in (1, 2)
]


def run(name: str, *lines: dict):
    """(a finished run with these metrics, the lines of its log)."""
    folder = Runs("runs").root / name
    folder.mkdir(parents=True)
    Recipe(data="one", more_data=("two",)).save(folder)
    log = []
    book = journal.Journal(folder, report=log.append)
    for number, line in enumerate(lines, 1):
        book.log({"step": 10 * number, "epoch": number, **line})
    book.end("finished")
    return Runs("runs")[name], log


def test_each_data_set_has_a_thin_line_and_a_row():
    both, log = run("both", *LINES)
    curves = charts.curves([both])
    lines = {line["name"]: line for line in curves["scores"] if line["points"]}
    thin = ["CIDEr of Flickr8k", "CIDEr of people and other animals"]
    assert [name for name, line in lines.items() if line.get("thin")] == thin
    assert lines["CIDEr"]["points"] == [[10, 0.2], [20, 0.4]] and "thin" not in lines["CIDEr"]
    assert lines[thin[0]]["points"] == [[10, 0.1], [20, 0.2]]
    assert [lines[name]["label"] for name in thin] == ["Flickr8k", "people and other animals"]
    assert curves["each"]["epoch"] == 2
    assert curves["each"]["measures"] == ["CIDEr", "BLEU-4", "pointing"]
    assert [(row["name"], row["values"]) for row in curves["each"]["rows"]] == [
        ("Flickr8k", [0.2, 0.1, 0.5]),
        ("people and other animals", [0.6, 0.1, None]),
        ("Mean", [0.4, 0.1, None]),
    ]
    assert "CIDEr of Flickr8k 0.2" in log[-1] and "/" not in log[-1]


def test_beside_other_runs_only_the_means_are_drawn():
    both, _ = run("both", *LINES)
    alone, _ = run("alone", {"CIDEr": 0.3, "BLEU-4": 0.1})
    curves = charts.curves([both, alone])
    assert not any(line.get("thin") for line in curves["scores"]) and curves["each"]
    assert charts.curves([alone])["each"] is None
    controls = RunControls(Runs("runs"), Models(None, BUNDLED), Permission(public=False))
    view = controls.poll("both", ["alone"], {})
    assert json.loads(view[0]["curves"]) == curves and view[5] != gr.skip()
