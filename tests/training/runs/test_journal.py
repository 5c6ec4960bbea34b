"""Status, metrics and the request to stop of a training."""

import json

import pytest

from captioner.training.runs import journal
from captioner.training.runs.journal import Journal, Stopped


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on when told."""
    now = [1000.0]
    monkeypatch.setattr(journal.time, "monotonic", lambda: now[0])
    return now


def test_rate_and_time_left_follow_what_is_done(tmp_path, clock):
    book = Journal(tmp_path, report=print)
    book.stage("features", done=100, total=400, unit="photos")
    clock[0] += 90  # what comes before the first photos, such as tracing, says nothing of the rest
    book.progress(110, 400)
    assert journal.read_status(tmp_path)["rate"] is None
    clock[0] += 8
    book.progress(150, 400)
    status = journal.read_status(tmp_path)
    assert (status["state"], status["stage"], status["unit"]) == ("running", "features", "photos")
    assert (status["done"], status["total"]) == (150, 400)
    assert status["rate"] == pytest.approx(5)
    assert status["seconds_left"] == pytest.approx(50)
    assert status["run_seconds_left"] is None  # nothing is known of what comes after


def test_the_time_left_is_that_of_all_planned_stages(tmp_path, clock):
    book = Journal(tmp_path, report=print)
    planned = [("photos", 1000, 50.0), ("photos", 800, 40.0), ("captions", 6000, 300.0)]
    book.plan(journal.Planned(*one) for one in planned)

    def left():
        return journal.read_status(tmp_path)["run_seconds_left"]

    book.stage("features", total=1000, kind="photos")
    assert left() == pytest.approx(50 + 40 + 300)
    book.stage("mirrored features", total=800, kind="photos")  # the others were cached
    assert left() == pytest.approx(40 + 300)
    book.stage("training", total=6000, kind="captions")
    assert left() == pytest.approx(300)
    # It is half as fast as expected, which counts the more the longer it was measured.
    estimates = []
    for done in range(0, 5001, 100):
        book.progress(done, 6000)
        estimates.append(journal.read_status(tmp_path)["run_seconds_left"] / (6000 - done))
        clock[0] += 10
    assert estimates[0] == pytest.approx(0.05)
    assert estimates == sorted(estimates)
    assert estimates[-1] == pytest.approx(0.1, rel=0.05)
    book.end("finished")
    assert left() is None


def test_a_validation_slows_the_rate_not_down(tmp_path, clock):
    book = Journal(tmp_path, report=print)
    book.stage("training", total=1000)
    for done in range(0, 1000, 100):
        if done == 500:
            clock[0] += 60
            book.pause()
        book.progress(done, 1000)
        clock[0] += 1
    assert journal.read_status(tmp_path)["rate"] == pytest.approx(100)


def test_the_rate_is_that_of_the_last_seconds(tmp_path, clock):
    book = Journal(tmp_path)
    book.stage("training", 0, 10_000)
    for step in range(1, 60):
        clock[0] += 1
        book.progress(step, 10_000)
    for step in range(100, 200):
        clock[0] += 0.5
        book.progress(step, 10_000)
    assert journal.read_status(tmp_path)["rate"] == pytest.approx(2, rel=0.1)


def test_not_every_step_is_a_file(tmp_path, clock, monkeypatch):
    written = []
    monkeypatch.setattr(journal, "write_text", lambda path, text: written.append(text))
    book = Journal(tmp_path)
    book.stage("training", 0, 100)
    for step in range(1, 101):
        clock[0] += 0.01
        book.progress(step, 100)
    assert 2 <= len(written) <= 5
    assert json.loads(written[-1])["done"] == 100


def test_it_stops_when_asked_and_not_because_of_an_old_wish(tmp_path):
    (tmp_path / journal.STOP).touch()
    book = Journal(tmp_path)
    book.stage("training", 0, 10)
    book.progress(1, 10)
    (tmp_path / journal.STOP).touch()
    with pytest.raises(Stopped):
        book.progress(2, 10)
    with pytest.raises(Stopped):
        book.check()


def test_lines_after_the_step_that_it_goes_on_from_are_forgotten(tmp_path):
    book = Journal(tmp_path, report=lambda line: None)
    for step in (20, 40, 60):
        book.log({"step": step, "loss": step / 7})
    with (tmp_path / journal.METRICS).open("a") as file:
        file.write('{"step": 80, "lo')  # the process died here
    book.rewind(40)
    book.log({"step": 60, "loss": 1.0})
    assert [line["step"] for line in journal.read_metrics(tmp_path)] == [20, 40, 60]


def test_what_is_said_last(tmp_path):
    book = Journal(tmp_path)
    book.stage("training", 0, 10)
    book.end("failed", "No space left on device")
    status = journal.read_status(tmp_path)
    assert (status["state"], status["message"]) == ("failed", "No space left on device")


def test_warnings_are_in_the_log_and_stay_in_the_status(tmp_path):
    lines = []
    book = Journal(tmp_path, lines.append)
    book.stage("training", 0, 10)
    for warning in ("There are no boxes.", "There is no attention."):
        book.warn(warning)
    assert lines == ["There are no boxes.", "There is no attention."]
    for end in (lambda: None, lambda: book.end("finished")):
        end()
        assert journal.read_status(tmp_path)["message"] == "\n".join(lines)
    book.end("failed", "The disk is full.")
    assert journal.read_status(tmp_path)["message"] == "The disk is full."


def test_where_there_is_nothing_nothing_is_read(tmp_path):
    assert journal.read_status(tmp_path) == {}
    assert journal.read_metrics(tmp_path) == []
    (tmp_path / journal.STATUS).write_text("{")
    assert journal.read_status(tmp_path) == {}
