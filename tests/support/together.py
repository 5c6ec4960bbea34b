"""Trains alone, then with three workers, of which one is killed, then goes on with two:
`python together.py DATA BACKBONE FOLDER`. A program, to be run with KERAS_BACKEND=jax.

Every worker is a fork of this process, which has imported everything but computed nothing. What it
writes is in FOLDER. Prints, as JSON, the exit statuses and how many seconds the others lived on.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import process
import tensorflow  # noqa: F401 (which Keras imports on JAX, too; like the next, once for all)

from captioner.cli.main import main
from captioner.training import journal, pipeline  # noqa: F401

SETTINGS = (
    "--epochs 3 --batch-size 6 --save-every 2 --average 2 --patience 0 --dropout 0.2 --no-mixed "
    "--grid-units 16 --attention 8 --embedding 8 --units 16 --min-count 1 --no-mirror"
)


def run() -> None:
    data, backbone, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    features = str(folder / "features")
    command = ["train", "--data", data, "--backbone", backbone, "--features", features]
    command += SETTINGS.split()

    def start(name: str, out: str, *more: str) -> int:
        child = os.fork()
        if child:
            return child
        with (folder / f"{name}.txt").open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            os._exit(main([*command, "--out", str(folder / out), *more]))

    def start_workers(name: str, count: int) -> list[int]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"127.0.0.1:{server.getsockname()[1]}"
        numbers = [f"{number}/{count}" for number in range(1, count + 1)]
        return [
            start(f"{name}{number[0]}", "run", "--coordinator", address, "--worker", number)
            for number in numbers
        ]

    found = {"alone": status(start("alone", "alone"))}
    three = start_workers("three", 3)
    process.wait_for(lambda: epochs(folder / "run") >= 1)
    os.kill(three[1], signal.SIGKILL)
    killed = time.monotonic()
    found["three"] = [status(child) for child in three]
    found["seconds"] = time.monotonic() - killed
    found["epochs"] = epochs(folder / "run")
    found["state"] = journal.read_status(folder / "run")
    found["two"] = [status(child) for child in start_workers("two", 2)]
    print(json.dumps(found))


def epochs(out: Path) -> int:
    return sum("epoch" in line for line in journal.read_metrics(out))


def status(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    run()
