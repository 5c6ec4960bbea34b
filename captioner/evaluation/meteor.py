"""METEOR, by the Java program of its authors, which comes with the optional pycocoevalcap."""

import importlib.util
import math
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

from captioner.evaluation.metrics import split
from captioner.training.runs.journal import Stopped

# METEOR's numbers have a point, whatever the system's language.
_ENGLISH = "-Duser.language=en -Duser.country=US -Dfile.encoding=UTF-8"
_POLL = 0.2  # seconds between two looks whether to stop


class NoMeteor(ValueError):
    """METEOR cannot be computed here; the message says why in one sentence."""


def score(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    should_stop: Callable[[], bool] = lambda: False,
) -> float:
    """METEOR 1.5 of all photos together, 0 to 1 (Denkowski and Lavie 2014, WMT).

    Raises:
        NoMeteor: Java or the package is missing, or the program fails.
        Stopped: `should_stop()` is true; the program has ended.
        ValueError: As `metrics.scores` does.
    """
    words, reference_words = split(candidates, references)
    if shutil.which("java") is None:
        raise NoMeteor("METEOR needs Java, which is not on this machine.")
    if importlib.util.find_spec("pycocoevalcap") is None:
        raise NoMeteor("METEOR needs the package pycocoevalcap: install requirements-meteor.txt.")
    from pycocoevalcap.meteor.meteor import Meteor

    texts = {i: [" ".join(one)] for i, one in enumerate(words)}
    reference_texts = {i: list(map(" ".join, each)) for i, each in enumerate(reference_words)}
    options = os.environ.get("JAVA_TOOL_OPTIONS", "")
    if not options.endswith(_ENGLISH):
        os.environ["JAVA_TOOL_OPTIONS"] = f"{options} {_ENGLISH}".strip()
    program = Meteor()
    try:
        with _ended_by(should_stop, program.meteor_p):
            value = float(program.compute_score(reference_texts, texts)[0])
    except Exception as error:  # of another program: the other scores must not be lost by it
        if should_stop():
            raise Stopped from error
        raise NoMeteor(f"METEOR could not be computed: its program failed ({error}).") from error
    finally:
        _end(program)
    if not math.isfinite(value):
        raise NoMeteor("METEOR could not be computed: its program gave no number.")
    return value


@contextmanager
def _ended_by(should_stop: Callable[[], bool], process: subprocess.Popen) -> Iterator[None]:
    """Ends a process as soon as `should_stop()` is true, so that nobody waits for its answer."""
    done = Event()

    def watch() -> None:
        while not done.wait(_POLL):
            if should_stop():
                process.kill()
                with suppress(OSError):
                    process.stdin.close()  # where `java` is a script, its child ends by this
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _end(program) -> None:
    """Ends METEOR and closes its pipes: after a failure its destructor would wait for ever."""
    if program.lock.locked():
        program.lock.release()
    program.meteor_p.kill()
    with suppress(OSError), program.meteor_p:  # closes the pipes and waits
        pass
