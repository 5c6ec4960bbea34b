"""The metrics of a training as a CSV table and as TensorBoard's event files, beside
`metrics.jsonl`."""

import csv
import io
import itertools
import os
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from captioner.files import write_text

TABLE = "metrics.csv"
_VERSION = "brain.Event:2"  # of TensorBoard's files


def table(lines: Iterable[dict]) -> str:
    """Metrics as CSV: a column for each key, a row for each line."""
    lines = list(lines)
    text = io.StringIO()
    rows = csv.DictWriter(text, dict.fromkeys(itertools.chain(*lines)), lineterminator="\n")
    rows.writeheader()
    rows.writerows(lines)
    return text.getvalue()


class MetricsFiles:
    """Adds lines to both kinds of files, each in less than a millisecond."""

    def __init__(self, folder: Path, report: Callable[[str], None]):
        """`report` is called with a sentence if there will be no event files."""
        self.folder, self._report = folder, report
        self._columns: list[str] = []
        self._write_event: Callable | None = None
        self._close = lambda: None

    def add(self, line: dict, lines: Callable[[], list[dict]]) -> None:
        """Adds a line of metrics; `lines` returns all that there are, this one included."""
        step = line.get("step", 0)
        if self._write_event is None:  # the first line of this process, which may resume another
            self._write_event = self._new_events(step)
        numbers = {n: v for n, v in line.items() if n != "step" and isinstance(v, (int, float))}
        values = [{"tag": name, "simple_value": value} for name, value in numbers.items()]
        self._write_event(step=step, summary={"value": values})

        if line.keys() <= set(self._columns):
            with (self.folder / TABLE).open("a", encoding="utf-8", newline="") as file:
                csv.DictWriter(file, self._columns, lineterminator="\n").writerow(line)
        else:
            text = table(lines())
            self._columns = next(csv.reader(text.splitlines()))
            write_text(self.folder / TABLE, text)

    def close(self) -> None:
        """Closes the event file; a further line opens another."""
        self._close()
        self._write_event = None

    def _new_events(self, step: int) -> Callable:
        """Opens an event file; returns a function that writes an event with these fields."""
        try:
            from tensorboard.compat.proto.event_pb2 import Event
            from tensorboard.summary.writer.record_writer import RecordWriter
        except ImportError:
            self._report("TensorBoard is not installed: no event files (pip install tensorboard)")
            return lambda **fields: None
        name = f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}.{os.getpid()}"
        records = RecordWriter((self.folder / name).open("ab"))
        self._close = records.close

        def write(**fields) -> None:
            records.write(Event(wall_time=time.time(), **fields).SerializeToString())
            records.flush()

        write(file_version=_VERSION)
        # What an earlier process wrote of this step and later ones no longer counts.
        write(step=step, session_log={"status": "START"})
        return write
