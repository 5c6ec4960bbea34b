"""Several processes, perhaps on several machines, that train one captioner together, on JAX.

The first worker, the chief, has all that a training writes. The others compute their part of every
batch, and end when the chief ends.
"""

import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from captioner.training.runs.journal import Stopped
from captioner.training.settings import SettingsError

LOST = (
    "A worker was lost, or the network between the workers: run the same command again for every "
    "worker to go on from the last save."
)
NOT_JOINED = (
    "Not all workers have joined within 5 minutes: run the same command for every worker, and "
    "check that each can reach the coordinator's address and port."
)
_JOIN = 300  # seconds to wait for all workers at the start
_HEARTBEAT = 30  # seconds without a sign of life after which a worker is lost
_LEAVE = 10  # seconds to wait for the other workers at the end
_NO_LIMIT = 2**31 - 1  # milliseconds to wait: 25 days
_END = "end"  # key under which a worker says why all end
_SLURM = ("SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID")
_CONNECTION_ERROR = re.compile(r"Gloo|NCCL|UNAVAILABLE|DEADLINE_EXCEEDED|CANCELLED|[Cc]oordination")


class WorkerLost(ValueError):
    """The connection to another worker has ended."""


class Workers:
    """The processes that train together, for one of them. Where there are several, `join` comes
    first; a single one needs neither `join` nor `check_same` and `fetch`."""

    def __init__(self, number: int = 1, count: int = 1, coordinator: str | None = None):
        """Args:
        number: of this worker, from 1.
        count: of all workers.
        coordinator: HOST:PORT, where the first worker waits for the others; None: JAX asks SLURM.
        """
        self.number, self.count, self.coordinator = number, count, coordinator
        self._client = None  # of JAX's coordination service, which has keys and values
        self._shared = 0  # how many values were shared
        self._is_lost = False
        self._watch: threading.Thread | None = None

    @property
    def is_chief(self) -> bool:
        return self.number == 1

    def join(self, ended: Callable[[str, str], None], check: Callable[[], None]) -> None:
        """Waits until all workers are there; to be called before anything is computed.

        Args:
            ended: is called with state and message when another worker has ended; then this
                process ends, too.
            check: is called again and again while this one waits; raises Stopped.

        Raises:
            Stopped: a stop was requested.
            SettingsError: the port cannot be used, or the workers' numbers of devices differ.
        """
        import jax
        from jax._src import distributed  # its client; JAX itself has no public name for it

        jax.config.update("jax_enable_preemption_service", False)  # SIGTERM ends a worker
        address = {"cluster_detection_method": "slurm"}
        if self.coordinator:
            address = {
                "coordinator_address": self.coordinator,
                "num_processes": self.count,
                "process_id": self.number - 1,
                "cluster_detection_method": "deactivate",
            }
        joining = ThreadPoolExecutor(1).submit(  # Ctrl-C has no effect on the thread that waits
            jax.distributed.initialize,
            initialization_timeout=_JOIN,
            heartbeat_timeout_seconds=_HEARTBEAT,
            shutdown_timeout_seconds=_LEAVE,
            **address,
        )
        try:
            while not wait([joining], timeout=0.5).done:
                check()
            joining.result()
        except (RuntimeError, ValueError) as error:
            raise SettingsError(
                f"The workers cannot meet at {self.coordinator or 'the port of the SLURM job'} "
                f"({error}): choose another port."
            ) from error
        self._client = distributed.global_state.client
        self._watch = threading.Thread(target=self._wait_for_end, args=(ended,), daemon=True)
        self._watch.start()
        if len(jax.local_devices()) * self.count != len(jax.devices()):
            raise SettingsError("Every worker needs the same number of devices.")

    def end(self, state: str, message: str = "") -> None:
        """Ends the other workers, too, unless they are lost. Only after the chief has finished
        does any other worker, which waits for that here."""
        if self._client is None or self._is_lost:
            return
        if state == "finished" and not self.is_chief:
            self._watch.join()  # it ends this process
        if state == "failed":
            message = f"worker {self.number} of {self.count} failed: {message}"
        value = {"worker": self.number, "state": state, "message": message}
        with suppress(RuntimeError):  # another one ended first
            self._client.key_value_set(_END, json.dumps(value))
        _leave()

    def _wait_for_end(self, ended: Callable[[str, str], None]) -> None:
        try:
            value = json.loads(self._client.blocking_key_value_get(_END, _NO_LIMIT))
        except RuntimeError:  # the chief is lost, which the main thread notices, too
            return
        if value["worker"] != self.number:
            with suppress(Exception):  # the process must end
                ended(value["state"], value["message"])
                if value["state"] == "failed":
                    print(f"train: {value['message']}", file=sys.stderr, flush=True)
                if value["state"] == "stopped":
                    print(Stopped(), flush=True)
            _leave()
            os._exit(1 if value["state"] == "failed" else 0)

    @contextmanager
    def noticing_loss(self) -> Iterator[None]:
        """Raises WorkerLost for errors of the block that a lost worker causes."""
        try:
            yield
        except (RuntimeError, ValueError) as error:
            if self._client is None or not _CONNECTION_ERROR.search(str(error)):
                raise
            time.sleep(3)  # if a worker has said why it ends, this process ends meanwhile
            self._is_lost = True
            raise WorkerLost(LOST) from error

    def wait(self) -> None:
        """Waits until all workers are here."""
        if self._client is not None:
            self._shared += 1
            self._client.wait_at_barrier(f"wait/{self._shared}", _NO_LIMIT)

    def from_chief(self, value):
        """The chief's value, which must be JSON; the others wait for it."""
        if self._client is None:
            return value
        self._shared += 1
        key = f"shared/{self._shared}"
        if self.is_chief:
            self._client.key_value_set(key, json.dumps(value))
            return value
        return json.loads(self._client.blocking_key_value_get(key, _NO_LIMIT))

    def check_same(self, facts: Mapping[str, str]) -> None:
        """Raises SettingsError if one of these facts differs between the workers; waits for all."""
        self._client.key_value_set(f"facts/{self.number}", json.dumps(facts))
        self.wait()
        for key, text in sorted(self._client.key_value_dir_get("facts/")):
            for name, value in json.loads(text).items():
                if value != facts[name]:
                    number = key.rpartition("/")[2]
                    raise SettingsError(
                        f"Workers {self.number} and {number} have different {name}: give every "
                        "worker the same command and the same data."
                    )

    def fetch(self, path: Path) -> None:
        """Copies a file from the chief's folder to the same path of the others, if it exists."""
        from jax.experimental import multihost_utils

        content = path.read_bytes() if self.is_chief and path.is_file() else b""
        if size := self.from_chief(len(content)):
            # Only the chief's numbers count.
            numbers = np.frombuffer(content or bytes(size), np.uint8)
            numbers = multihost_utils.broadcast_one_to_all(numbers)
            if not self.is_chief:
                path.write_bytes(numbers.tobytes())


SINGLE = Workers()


def chosen(coordinator: str | None, worker: tuple[int, int] | None) -> Workers:
    """The workers that the command line names, or those of a SLURM step with several tasks.

    Raises:
        SettingsError: only one of the two is named, or Keras does not run on JAX.
    """
    if (coordinator is None) != (worker is None):
        raise SettingsError(
            "--coordinator HOST:PORT (of the first worker) and --worker I/N go together."
        )
    if coordinator:
        number, count = worker
        if not 1 <= number <= count:
            raise SettingsError(f"There is no worker {number}/{count}: they are counted from 1.")
        if not re.fullmatch(r".+:\d+", coordinator):
            raise SettingsError(f"--coordinator must be HOST:PORT, not {coordinator}.")
        workers = Workers(number, count, coordinator)
    elif all(name in os.environ for name in _SLURM):
        workers = Workers(int(os.environ["SLURM_PROCID"]) + 1, int(os.environ["SLURM_NTASKS"]))
    else:
        workers = SINGLE
    if workers.count == 1 and _workers_in_tf_config() > 1:
        raise SettingsError(
            "TF_CONFIG names several workers, which train on JAX only: unset it, set "
            "KERAS_BACKEND=jax, and give each worker --coordinator HOST:PORT --worker I/N."
        )
    if workers.count > 1 and os.environ.get("KERAS_BACKEND") != "jax":
        raise SettingsError("Several workers train on JAX only: set KERAS_BACKEND=jax for each.")
    if workers.count > 1 and find_spec("jax") is None:
        raise SettingsError("Several workers need JAX: pip install jax")
    return workers


def _workers_in_tf_config() -> int:
    """How many workers TensorFlow's TF_CONFIG names."""
    try:
        cluster = json.loads(os.environ.get("TF_CONFIG", "{}"))["cluster"]
        return sum(len(cluster.get(job, ())) for job in ("chief", "worker"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0


def _leave() -> None:
    """Leaves the other workers when all leave."""
    import jax

    with suppress(RuntimeError):
        jax.distributed.shutdown()
