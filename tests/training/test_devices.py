"""What the machine computes with: mixed precision only where it pays."""

import keras
import pytest

from captioner.training import devices


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
        ("avx2 avx512_bf16", "mixed_bfloat16"),
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
