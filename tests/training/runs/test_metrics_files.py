"""The metrics of a training as CSV and as TensorBoard's event files."""

import csv
import sys

import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from captioner.training.runs import journal, metrics_files
from captioner.training.runs.journal import Journal


def steps(first: int, last: int) -> list[dict]:
    """Lines as a training logs them: of steps, and after every second of a validation."""
    lines = []
    for step in range(first, last + 1, 20):
        lines.append({"step": step, "loss": 1 / step})
        if step % 40 == 0:
            lines.append({"step": step, "epoch": step // 40, "CIDEr/one": step / 100})
    return lines


def rows(folder) -> list[dict]:
    with (folder / metrics_files.TABLE).open(newline="") as file:
        return [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]


def shown(folder) -> dict[str, dict[int, float]]:
    """tag -> step -> value, as TensorBoard shows them: a restart replaces what was after it."""
    values: dict[str, dict[int, float]] = {}
    for file in sorted(folder.glob("events.out.tfevents.*"), key=lambda file: file.stat().st_mtime):
        for event in EventFileLoader(str(file)).Load():
            if event.HasField("session_log"):
                for tag in values:
                    values[tag] = {s: v for s, v in values[tag].items() if s < event.step}
            for value in event.summary.value:
                number = (
                    value.tensor.float_val[0] if value.HasField("tensor") else value.simple_value
                )
                values.setdefault(value.tag, {})[event.step] = number
    return values


def test_all_files_hold_the_same_metrics_also_after_a_resumption(tmp_path):
    book = Journal(tmp_path, report=lambda line: None)
    for line in steps(20, 100):
        book.log(line)
    # The process dies while it writes; another one resumes after step 40.
    with (tmp_path / journal.METRICS).open("a") as file:
        file.write('{"step": 120, "lo')
    book = Journal(tmp_path, report=lambda line: None)
    book.rewind(40)
    for line in steps(60, 160):
        book.log(line | {"accuracy": 0.5})

    lines = journal.read_metrics(tmp_path)
    assert [line["step"] for line in lines if "loss" in line] == list(range(20, 161, 20))
    assert rows(tmp_path) == [pytest.approx(line) for line in lines]
    header = (tmp_path / metrics_files.TABLE).read_text().splitlines()[0]
    assert header == "step,loss,epoch,CIDEr/one,accuracy"
    found = shown(tmp_path)
    assert set(found) == {"loss", "epoch", "CIDEr/one", "accuracy"}
    for tag, values in found.items():
        wanted = {line["step"]: line[tag] for line in lines if tag in line}
        assert values == pytest.approx(wanted)


def test_the_table_is_not_written_anew_for_every_line(tmp_path, monkeypatch):
    written = []
    real = metrics_files.write_text
    monkeypatch.setattr(
        metrics_files, "write_text", lambda path, text: written.append(path) or real(path, text)
    )
    book = Journal(tmp_path, report=lambda line: None)
    for line in steps(20, 400):
        book.log(line)
    assert len(written) == 2  # with the first step, and with the first validation
    assert len(rows(tmp_path)) == 30


def test_without_tensorboard_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    said = []
    book = Journal(tmp_path, report=said.append)
    for line in steps(20, 60):
        book.log(line)
    assert sum("TensorBoard is not installed" in text for text in said) == 1
    assert not list(tmp_path.glob("events*"))
    assert len(rows(tmp_path)) == len(journal.read_metrics(tmp_path)) == 4
