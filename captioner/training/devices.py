"""What the machine computes with."""

import os
from pathlib import Path

import keras

_CPU = Path("/proc/cpuinfo")  # Linux; elsewhere TensorFlow has no fast bfloat16 on the CPU


def accelerators() -> list[str]:
    """The GPUs and TPUs that the backend can compute on, by its own names."""
    try:
        names = keras.distribution.list_devices()
    except AttributeError:  # Keras on PyTorch does not say
        return []
    return [name for name in names if not name.startswith("cpu")]


def has_accelerator() -> bool:
    """Whether the backend has a GPU or TPU to compute on."""
    return bool(accelerators())


def prepare(device: str = "auto") -> str:
    """Takes the device before anything is computed, and says in words what it is.

    `auto` is every GPU there is, else the processor; `cpu` leaves GPUs alone. On TensorFlow a GPU's
    memory is taken as it is needed, so that the page beside a training has some, too.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        else:
            for gpu in gpus:
                tf.config.experimental.set_memory_growth(gpu, True)
    found = accelerators() if device != "cpu" else []
    backend = keras.backend.backend()
    if found:
        return f"{len(found)} x {found[0].split(':')[0].upper()} ({backend})"
    return f"CPU, {_cores()} cores ({backend})"


def _cores() -> int:
    """Those that this process may use, where the system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def fast_bfloat16() -> bool:
    """Whether mixed bfloat16 is faster than float32 here: on accelerators, and on processors with
    instructions for it. Others would emulate it, several times slower."""
    if has_accelerator():
        return True
    flags = _CPU.read_text(encoding="utf-8").split() if _CPU.is_file() else []
    return "avx512_bf16" in flags or "amx_bf16" in flags


def policy(mixed: bool | None) -> str:
    """The Keras dtype policy for a setting `mixed`: None means where it is faster."""
    return "mixed_bfloat16" if (fast_bfloat16() if mixed is None else mixed) else "float32"
