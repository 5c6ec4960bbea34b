"""What the machine computes with."""

import os
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np

from captioner.training.batches import trimmed

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


def with_xla() -> bool:
    """Whether steps are to be compiled by XLA: on accelerators, and always on JAX, which would
    else compile and run every operation of a step by itself."""
    return keras.backend.backend() == "jax" or has_accelerator()


class Devices:
    """What a training computes on: one device, or several that take parts of every batch.

    All hold the same weights and their gradients are averaged: on TensorFlow by a
    MirroredStrategy, on JAX by Keras' DataParallel. Elsewhere the first one is used.
    """

    def __init__(self, names: list[str], strategy=None):
        self.names, self._strategy = names, strategy
        self.count = len(names)
        on_tensorflow = keras.backend.backend() == "tensorflow"
        self.replicas = self.count if on_tensorflow else 1  # each with a loss of its own

    def __str__(self) -> str:
        backend = keras.backend.backend()
        kind = self.names[0].split(":")[0].upper()
        if kind == "CPU" and self.count == 1:
            return f"CPU, {_cores()} cores ({backend})"
        return f"{self.count} x {kind} ({backend})"

    def scope(self):
        """The context in which a model is built that will compute on them, and takes its steps."""
        return self._strategy.scope() if self._strategy else nullcontext()

    def spread(self, batch: dict[str, np.ndarray]) -> dict:
        """A batch of `CaptionBatches` as `train_on_batch` wants it: the captions divided up, or,
        on one device, without padding, unless every new shape would be compiled anew.

        Raises ValueError if they cannot be divided without a rest.
        """
        if self.count == 1:
            return batch if with_xla() else trimmed(batch)
        if rest := len(batch["tokens"]) % self.count:
            raise ValueError(
                f"{len(batch['tokens'])} sentences a step leave {rest} over when {self.count} "
                "devices share them: choose another batch_size."
            )
        if self.replicas == 1:  # JAX divides up every array by its first axis
            grid = batch["grid"]
            missing = -len(grid) % self.count
            return {**batch, "grid": np.pad(grid, ((0, missing), *((0, 0),) * (grid.ndim - 1)))}
        size = len(batch["tokens"]) // self.count

        def part(name: str, number: int) -> np.ndarray:  # every device gets all photos
            value = batch[name]
            return value if name == "grid" else value[number * size : (number + 1) * size]

        def parts(name: str):
            return self._strategy.experimental_distribute_values_from_function(
                lambda context: part(name, context.replica_id_in_sync_group)
            )

        return {name: parts(name) for name in batch}


def one() -> Devices:
    """The device that the backend takes by itself."""
    return Devices((accelerators() or ["cpu:0"])[:1])


def prepare(device: str = "auto", names: list[str] | None = None) -> Devices:
    """Takes the devices before anything is computed: `auto` is every GPU there is, else the
    processor; `cpu` leaves GPUs alone; `names` are those and no others.

    On TensorFlow a GPU's memory is taken as it is needed, so that the page beside a training has
    some, too.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        else:
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
    names = names or ([] if device == "cpu" else accelerators()) or ["cpu:0"]
    if len(names) == 1 or backend not in ("tensorflow", "jax"):
        return Devices(names[:1])
    if backend == "tensorflow":
        return Devices(names, tf.distribute.MirroredStrategy([name.upper() for name in names]))
    return Devices(names, keras.distribution.DataParallel(devices=names))


def _cores() -> int:
    """Those that this process may use, where the system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def fast_bfloat16() -> bool:
    """Whether mixed bfloat16 is faster than float32 here: on accelerators, and on processors with
    units for its matrix products (AMX). Those with mere instructions for it (AVX-512) learn a
    quarter slower with them, and others would emulate it, several times slower."""
    if has_accelerator():
        return True
    return _CPU.is_file() and "amx_bf16" in _CPU.read_text(encoding="utf-8").split()


def policy(mixed: bool | None) -> str:
    """The Keras dtype policy for a setting `mixed`: None means where it is faster."""
    return "mixed_bfloat16" if (fast_bfloat16() if mixed is None else mixed) else "float32"
