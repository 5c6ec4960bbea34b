"""GPUs, TPUs and processors: which are used, how a batch is divided, which precision is fast."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path

import keras
import numpy as np

from captioner.training.input.batches import Part, trimmed
from captioner.training.machines.hardware import cores
from captioner.training.machines.workers import SINGLE, Workers

_CPU = Path("/proc/cpuinfo")  # Linux; elsewhere TensorFlow has no fast bfloat16 on the CPU


def accelerators() -> list[str]:
    """The backend's names of the GPUs and TPUs that it can use."""
    try:
        names = keras.distribution.list_devices()
    except AttributeError:  # Keras on PyTorch cannot list them
        return []
    return [name for name in names if not name.startswith("cpu")]


def has_accelerator() -> bool:
    """Whether the backend can use a GPU or TPU."""
    return bool(accelerators())


def with_xla() -> bool:
    """Whether to compile steps with XLA: on accelerators, and always on JAX, which would otherwise
    compile and run each operation separately."""
    return keras.backend.backend() == "jax" or has_accelerator()


class Devices:
    """One device, or several that each compute a part of every batch.

    All hold the same weights, and their gradients are averaged: by a MirroredStrategy on
    TensorFlow, by Keras' DataParallel on JAX. There they may belong to several workers.
    """

    def __init__(self, names: list[str], strategy=None, workers: Workers = SINGLE):
        """`names` of the backend, those of all workers; several need its distribution `strategy`.

        Without `workers`, this process has all devices.
        """
        self.names, self._strategy, self.workers = names, strategy, workers
        self.count = len(names)
        on_tensorflow = keras.backend.backend() == "tensorflow"
        self.replicas = self.count if on_tensorflow else 1  # losses whose gradients are summed

    def __str__(self) -> str:
        backend = keras.backend.backend()
        kind = self.names[0].split(":")[0].upper()
        if kind == "CPU" and self.count == 1:
            return f"CPU, {cores()} cores ({backend})"
        workers = f", {self.workers.count} workers" if self.workers.count > 1 else ""
        return f"{self.count} x {kind} ({backend}){workers}"

    @property
    def part(self) -> Part:
        """The part of every batch that this worker needs."""
        workers = self.workers
        return Part(workers.number - 1, workers.count, self.count if workers.count > 1 else 1)

    def scope(self):
        """The context in which the model takes its steps."""
        return self._strategy.scope() if self._strategy else nullcontext()

    def building(self):
        """The context in which the model is built; several workers then need `replicate`."""
        return nullcontext() if self.workers.count > 1 else self.scope()

    def replicate(self, variables: Iterable[keras.Variable]) -> None:
        """Moves variables, which are the same for all workers, to the devices of all.

        If they were built there, Keras would compare each one between the workers.
        """
        if self.workers.count == 1:
            return
        import jax

        mesh = self._strategy.device_mesh.backend_mesh
        everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
        for variable in variables:
            values = keras.ops.convert_to_numpy(variable)
            copies = jax.make_array_from_process_local_data(everywhere, values, values.shape)
            variable.assign(copies)

    def by_rows(self, function: Callable, used: Sequence[keras.layers.Layer], *arrays):
        """`function(*arrays)`; of a divided batch, each device computes its own rows.

        On JAX the gradients of the weights are then summed over the devices once. Left to itself,
        XLA sums those of a loop over words between all devices after every word.

        Args:
            function: computes each row of its arrays without the others, and returns one array.
            used: layers whose weights it uses.
            arrays: their first axis is divided between the devices.
        """
        if self._strategy is None or keras.backend.backend() != "jax":
            return function(*arrays)
        import jax

        weights = [weight for layer in used for weight in layer.weights]

        def of_device(values, *arrays):
            with keras.StatelessScope(zip(weights, values, strict=True)):
                return function(*arrays)

        rows = jax.P(self._strategy.batch_dim_name)
        divided = jax.shard_map(
            of_device,
            mesh=self._strategy.device_mesh.backend_mesh,
            in_specs=(jax.P(), *[rows] * len(arrays)),
            out_specs=rows,
            check_vma=False,  # it would sum within the loop, too
        )
        # Gradients are summed in float32, whatever the precision of the layers.
        values = [keras.ops.cast(weight, "float32") for weight in weights]
        return divided(values, *arrays)

    def distribute(self, batch: dict[str, np.ndarray]) -> dict:
        """A batch of `CaptionBatches` in the form that `train_on_batch` needs here.

        Several devices share its captions. A single one gets it without padding, unless every new
        shape would be compiled.

        Raises:
            ValueError: the captions cannot be divided evenly.
        """
        if self.workers.count > 1:  # it is this worker's part already
            return batch
        if self.count == 1:
            return batch if with_xla() else trimmed(batch)
        captions = len(batch["tokens"])
        if rest := captions % self.count:
            raise ValueError(
                f"{captions} captions per step leave {rest} over on {self.count} devices: choose "
                f"a batch_size that is a multiple of {self.count}."
            )
        if self.replicas == 1:  # JAX divides every array along its first axis
            grid = batch["grid"]
            missing = -len(grid) % self.count
            return {**batch, "grid": np.pad(grid, ((0, missing), *((0, 0),) * (grid.ndim - 1)))}
        size = captions // self.count

        def part(context) -> dict[str, np.ndarray]:
            first = context.replica_id_in_sync_group * size
            rows = {name: value[first : first + size] for name, value in batch.items()}
            return {**rows, "grid": batch["grid"]}  # every device gets all photos

        return self._strategy.experimental_distribute_values_from_function(part)


def default_device() -> Devices:
    """The device that the backend chooses itself."""
    return Devices((accelerators() or ["cpu:0"])[:1])


def prepare(
    device: str = "auto", names: list[str] | None = None, workers: Workers = SINGLE
) -> Devices:
    """Chooses the devices; to be called before anything is computed.

    On TensorFlow a GPU's memory is allocated as needed, so that the app beside a training can use
    the GPU, too.

    Args:
        device: "auto" for all GPUs, or the processor if there is none; "cpu" for the processor.
        names: use exactly these devices instead.
        workers: have joined; the devices of all are used.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        else:
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
    names = names or ([] if device == "cpu" else accelerators())
    if workers.count > 1:
        names = names or keras.distribution.list_devices("cpu")
    elif len(names) < 2 or backend not in ("tensorflow", "jax"):
        return Devices(names[:1] or ["cpu:0"])
    elif backend == "tensorflow":
        return Devices(names, tf.distribute.MirroredStrategy([name.upper() for name in names]))
    return Devices(names, keras.distribution.DataParallel(devices=names), workers)


def fast_bfloat16() -> bool:
    """Whether mixed bfloat16 is faster than float32: on accelerators and on processors with matrix
    units (AMX). With AVX-512 instructions only, training is a quarter slower; others emulate it."""
    if has_accelerator():
        return True
    return _CPU.is_file() and "amx_bf16" in _CPU.read_text(encoding="utf-8").split()


def policy(mixed: bool | None) -> str:
    """The Keras dtype policy for a setting `mixed`; None means mixed where it is faster."""
    return "mixed_bfloat16" if (fast_bfloat16() if mixed is None else mixed) else "float32"
