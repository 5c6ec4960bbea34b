"""What the machine computes with."""

from pathlib import Path

import keras

_CPU = Path("/proc/cpuinfo")  # Linux; elsewhere TensorFlow has no fast bfloat16 on the CPU


def has_accelerator() -> bool:
    """Whether the backend has a GPU or TPU to compute on."""
    try:
        names = keras.distribution.list_devices()
    except AttributeError:  # Keras on PyTorch does not say
        return False
    return any(not name.startswith("cpu") for name in names)


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
