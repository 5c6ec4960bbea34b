"""Trains alone, then with three workers, of which one is killed, then goes on with two, which are
stopped, and then with two tasks of a SLURM job:
`KERAS_BACKEND=jax python -m tests.support.training.together DATA BACKBONE FOLDER`.

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

import numpy as np
import tensorflow  # noqa: F401 (which Keras imports on JAX, too; like the next, once for all)

from captioner.cli.main import main
from captioner.training import loop, pipeline  # noqa: F401
from captioner.training.runs import journal  # noqa: F401
from tests.support import process

SETTINGS = (
    "--epochs 3 --batch-size 6 --save-every 2 --average 2 --patience 0 --dropout 0.2 --no-mixed "
    "--grid-units 16 --attention 8 --embedding 8 --units 16 --min-count 1 --no-mirror"
)


def run() -> None:
    data, backbone, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    features = str(folder / "features")
    command = ["train", "--data", data, "--backbone", backbone, "--features", features]
    command += SETTINGS.split()

    def start(name: str, out: str, *more: str, **variables: str) -> int:
        child = os.fork()
        if child:
            return child
        os.environ.update(variables)
        with (folder / f"{name}.txt").open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            os._exit(main([*command, "--out", str(folder / out), *more]))

    def start_workers(name: str, count: int) -> list[int]:
        address = f"127.0.0.1:{free_port()}"
        numbers = [f"{number}/{count}" for number in range(1, count + 1)]
        return [
            start(f"{name}{number[0]}", "run", "--coordinator", address, "--worker", number)
            for number in numbers
        ]

    def start_tasks(name: str, count: int) -> list[int]:
        """As srun does."""
        job = {"SLURM_JOB_ID": "1", "SLURM_STEP_NODELIST": "localhost"}
        job |= {"SLURM_NTASKS": str(count), "JAX_COORDINATOR_PORT": str(free_port())}
        return [
            start(f"{name}{n + 1}", "run", **job, SLURM_PROCID=str(n), SLURM_LOCALID=str(n))
            for n in range(count)
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
    stopped = start_workers("stopped", 2)
    process.wait_for(lambda: is_training(folder / "run"))
    (folder / "run" / journal.STOP).touch()
    found["stopped"] = [status(child) for child in stopped]
    found["stopped_state"] = journal.read_status(folder / "run")["state"]
    with np.load(folder / "run" / loop.STATE) as state:
        found["stopped_at"] = json.loads(str(state["progress"]))["step"]
    found["two"] = [status(child) for child in start_tasks("two", 2)]
    print(json.dumps(found))


def epochs(out: Path) -> int:
    return sum("epoch" in line for line in journal.read_metrics(out))


def is_training(out: Path) -> bool:
    now = journal.read_status(out)
    return (now["state"], now["stage"]) == ("running", "training")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def status(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    run()
