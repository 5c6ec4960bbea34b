"""Trains on one and on two logical processors, and prints how much their weights differ and how
much they changed: `python -m tests.support.training.several FOLDER`, with KERAS_BACKEND. JAX writes
its compiled steps into the folder."""

import os
import sys

# For JAX; so small a model takes longer to compile than to run.
os.environ["XLA_FLAGS"] = (
    "--xla_force_host_platform_device_count=2 --xla_backend_optimization_level=0 "
    f"--xla_dump_to={sys.argv[1]} --xla_dump_hlo_as_text --xla_dump_hlo_module_re=train_step"
)

import keras  # noqa: E402
import numpy as np  # noqa: E402

from captioner.training import training_model  # noqa: E402
from captioner.training.machines import devices  # noqa: E402
from captioner.training.settings import FitConfig  # noqa: E402
from captioner.vocabulary import START  # noqa: E402
from tests.support import tiny  # noqa: E402

CONFIG = FitConfig(mixed=False, dropout=0.0, peak_rate=0.01, label_smoothing=0.1, warmup=0)
STEPS, CAPTIONS, WORDS, PHOTOS = 4, 8, 6, 3


def batches():
    rng = np.random.default_rng(3)
    for step in range(STEPS):
        targets = rng.integers(4, len(tiny.vocabulary()), (CAPTIONS, WORDS)).astype(np.int32)
        begin = np.full((CAPTIONS, 1), START, np.int32)
        yield {
            "grid": tiny.grids(PHOTOS, seed=step),
            "photo": rng.integers(PHOTOS, size=CAPTIONS).astype(np.int32),
            "tokens": np.concatenate([begin, targets[:, :-1]], axis=1),
            "targets": targets,
            "weights": np.ones((CAPTIONS, WORDS), np.float32),
        }


def trained(on: devices.Devices) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Weights before and after some steps."""
    sizes = tiny.decoder().config
    model = training_model.build(CONFIG, sizes, STEPS, next(batches()), devices=on)
    before = weights(model.decoder)
    for batch in batches():
        with on.scope():
            model.train_on_batch(on.distribute(batch))
    return before, weights(model.decoder)


def weights(decoder) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(w) for w in decoder.weights]


if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

before, one = trained(devices.prepare(names=["cpu:0"]))
both = devices.prepare(names=["cpu:0", "cpu:1"])
_, two = trained(both)
apart = max(np.abs(a - b).max() for a, b in zip(one, two, strict=True))
moved = max(np.abs(a - b).max() for a, b in zip(one, before, strict=True))
print(f"{both}|{both.count}|{apart}|{moved}")
