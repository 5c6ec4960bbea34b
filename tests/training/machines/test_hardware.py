"""The GPUs of this machine, found without TensorFlow."""

import pytest

from captioner.training.machines import hardware

TWO = "NVIDIA H100 80GB HBM3, 81559\nNVIDIA RTX A2000, 12282"


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Lets the machine be one whose driver answers so, or that has none."""

    def driver(answer: str | None, status: int = 0):
        if answer is not None:
            program = tmp_path / "nvidia-smi"
            program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
            with program.open("a") as file:
                file.write(f"cat <<END\n{answer}\nEND\nexit {status}\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        hardware.gpus.cache_clear()
        return tmp_path / "asked"

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    yield driver
    hardware.gpus.cache_clear()


def test_gpus_are_named_with_their_memory(driver, monkeypatch):
    asked = driver(TWO)
    assert [(gpu.name, round(gpu.memory)) for gpu in hardware.gpus()] == [
        ("NVIDIA H100 80GB HBM3", 80),
        ("NVIDIA RTX A2000", 12),
    ]
    assert "--id" not in asked.read_text()
    asked.unlink()
    assert len(hardware.gpus()) == 2 and not asked.exists()  # the driver is asked once
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    driver(TWO)
    hardware.gpus()
    assert "--id=1" in asked.read_text()


@pytest.mark.parametrize(
    "answer, status", [(None, 0), ("", 0), ("No devices were found", 6), ("NVIDIA X, [N/A]", 0)]
)
def test_without_a_working_gpu_there_is_none(driver, monkeypatch, answer, status):
    if answer is None and hardware.gpus():
        pytest.skip("This machine has a GPU.")
    driver(answer, status)
    assert hardware.gpus() == []


@pytest.mark.parametrize("visible", ["", "-1"])
def test_hidden_gpus_are_not_used(driver, monkeypatch, visible):
    driver(TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert hardware.gpus() == []


def test_the_libraries_of_a_gpu_are_found(monkeypatch, tmp_path):
    monkeypatch.setattr(hardware.ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(hardware.importlib.util, "find_spec", lambda name: None)
    assert not hardware.has_gpu_libraries()
    monkeypatch.setattr(hardware.ctypes.util, "find_library", lambda name: f"lib{name}.so.9")
    assert hardware.has_gpu_libraries()
