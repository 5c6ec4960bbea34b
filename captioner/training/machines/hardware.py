"""What this machine has to compute with. Needs no TensorFlow, so that the page can show it."""

import ctypes.util
import importlib.util
import os
import subprocess
from functools import cache
from typing import NamedTuple

_SMI = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
_TIMEOUT = 15  # seconds; the driver may have to be loaded first


class Gpu(NamedTuple):
    """A graphics processor."""

    name: str
    memory: float  # GiB


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@cache
def gpus() -> list[Gpu]:
    """The NVIDIA GPUs that this process may use. The first call can take seconds."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible in ("", "-1"):
        return []
    chosen = ("--id=" + visible,) if visible else ()
    try:
        done = subprocess.run(
            [*_SMI, *chosen], capture_output=True, text=True, timeout=_TIMEOUT, check=True
        )
        rows = [line.rsplit(",", 1) for line in done.stdout.splitlines()]
        return [Gpu(name.strip(), float(mebibytes) / 1024) for name, mebibytes in rows]
    except (OSError, subprocess.SubprocessError, ValueError):  # no driver, or it does not answer
        return []


def has_gpu_libraries() -> bool:
    """Whether the libraries by which TensorFlow uses a GPU are installed."""
    try:
        packaged = importlib.util.find_spec("nvidia.cudnn")
    except ModuleNotFoundError:
        packaged = None
    return packaged is not None or ctypes.util.find_library("cudnn") is not None
