"""Forks servers from a process that has imported what `python app.py` imports, Keras included.

A program, see `serving.Forks`. For each line of JSON that it reads it starts a server, and prints
the number of its process.
"""

import importlib
import json
import os
import signal
import sys
import tempfile

import app
from captioner import Captioner  # noqa: F401 (with Keras and TensorFlow)


def serve(
    arguments: list[str],
    folder: str,
    log: str,
    environment: dict[str, str],
    constants: dict[str, dict],
) -> None:
    """Does what `python app.py` does, with other `constants` of some modules."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # it waits for the trainings that it starts
    file = os.open(log, os.O_WRONLY | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(file, stream.fileno())
    os.chdir(folder)
    os.environ.update(environment)
    tempfile.tempdir = None  # may be another one in this environment
    for module, values in constants.items():
        vars(importlib.import_module(module)).update(values)
    sys.argv[1:] = arguments
    app.main()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # servers that end leave nothing behind
    while line := sys.stdin.readline():
        process = os.fork()
        if process == 0:
            try:
                serve(**json.loads(line))
            finally:
                os._exit(1)
        print(process, flush=True)
