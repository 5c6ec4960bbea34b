"""Devices: mixed precision only where it is faster, and several devices that act as one."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from captioner.training.machines import devices
from tests.support import process


@pytest.fixture
def cpu(tmp_path, monkeypatch):
    """Lets the machine be one without accelerator whose processor has these flags."""

    def cpu(flags: str | None):
        path = tmp_path / "cpuinfo"
        if flags is not None:
            path.write_text(f"processor\t: 0\nflags\t\t: fpu sse2 {flags}\n\n")
        monkeypatch.setattr(devices, "_CPU", path)
        monkeypatch.setattr(devices, "has_accelerator", lambda: False)

    return cpu


@pytest.mark.parametrize(
    ("flags", "policy"),
    [
        ("avx2 avx512_bf16", "float32"),
        ("avx512f amx_bf16 amx_tile", "mixed_bfloat16"),
        ("avx512f avx512vnni", "float32"),
        (None, "float32"),  # no Linux
    ],
)
def test_a_processor_computes_in_bfloat16_if_it_can(cpu, flags, policy):
    cpu(flags)
    assert devices.policy(None) == policy
    assert devices.policy(True) == "mixed_bfloat16"
    assert devices.policy(False) == "float32"


@pytest.mark.parametrize(("names", "found"), [(["cpu:0"], False), (["gpu:0", "gpu:1"], True)])
def test_an_accelerator_is_found_on_every_backend(monkeypatch, names, found):
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: names)
    assert devices.has_accelerator() == found
    monkeypatch.undo()
    assert isinstance(devices.has_accelerator(), bool)


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_steps_are_compiled_where_they_would_else_be_slow(monkeypatch, backend):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0"])
    assert devices.with_xla() == (backend == "jax")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    assert devices.with_xla()


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_learn_what_one_learns(backend, tmp_path):
    environment = process.environment(KERAS_BACKEND=backend, JAX_PLATFORMS="cpu")
    command = [sys.executable, "-m", "tests.support.training.several", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    names, count, apart, moved = done.stdout.strip().splitlines()[-1].split("|")
    assert names == f"2 x CPU ({backend})" and count == "2"
    assert float(moved) > 0.01
    assert float(apart) < 1e-4
    if backend == "jax":  # gradients are summed over the devices once, not after every word
        compiled = [file.read_text() for file in tmp_path.rglob("*after_optimizations.txt")]
        sums = [line for line in "".join(compiled).splitlines() if " all-reduce(" in line]
        assert sums and not [line for line in sums if "while/body" in line]


def test_devices_share_the_sentences_of_a_step_without_a_rest():
    batch = {"tokens": np.zeros((9, 4), np.int32), "grid": np.zeros((2, 4, 8), np.float32)}
    with pytest.raises(ValueError, match="9 captions per step leave 1 over on 2 devices"):
        devices.Devices(["gpu:0", "gpu:1"]).distribute(batch)


def test_one_device_gets_no_padding_unless_it_compiles_every_shape(monkeypatch):
    words = np.zeros((9, 4), np.int32)
    batch = {
        **{"grid": np.zeros((2, 4, 8), np.float32), "photo": np.zeros(9, np.int32)},
        **{"tokens": words, "targets": words, "weights": np.eye(9, 4, dtype=np.float32)},
    }
    one = devices.Devices(["cpu:0"])
    monkeypatch.setattr(devices, "with_xla", lambda: False)
    assert (
        one.distribute(batch)["tokens"].shape == (4, 4) and len(one.distribute(batch)["grid"]) == 1
    )
    monkeypatch.setattr(devices, "with_xla", lambda: True)
    assert one.distribute(batch) is batch
