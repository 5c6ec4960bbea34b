"""Large packages are imported fast, and without messages about hardware that is not there."""

import gc
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2  # the file that C++ writes to
_CHATTER = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|To enable the following instructions"
    rb"|.*\b(oneDNN|cuda|CUDA|cuInit|GPU|GPUs|TensorRT|CPU instructions)\b"
    rb"|[IWE]\d+.*\b(cudart_stub|cuda_platform|cpu_feature_guard|cuda_diagnostics)"
)
# TensorFlow Lite imports the first, if it is installed, to convert models, and Keras the second to
# plot: about a second. No other thread may import them meanwhile, see `ui.calls`.
_UNUSED = ("jax", "matplotlib.pyplot")


@contextmanager
def uncollected() -> Iterator[None]:
    """The block imports packages or loads networks, all of which stays in memory: Python does not
    look for garbage in it, neither during the block, which would take a tenth of the time or more,
    nor later."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def import_tensorflow() -> None:
    """Imports TensorFlow, if it is installed and no other backend of Keras is chosen."""
    other = os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow"
    if other or "tensorflow" in sys.modules or importlib.util.find_spec("tensorflow") is None:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # of later messages
    with _without_chatter(), _without_unused(), uncollected():
        import tensorflow

        tensorflow.config.list_physical_devices()  # it looks for GPUs now, not later


@contextmanager
def _without_unused() -> Iterator[None]:
    """In the block the unused packages are not found, unless they were imported before."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _without_chatter() -> Iterator[None]:
    """What the block, also its C++ code, writes to stderr follows at its end, without chatter."""
    try:
        before = os.dup(_STDERR)
    except OSError:  # there is none
        yield
        return
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), _STDERR)
        try:
            yield
        finally:
            if sys.stderr:
                sys.stderr.flush()
            os.dup2(before, _STDERR)
            os.close(before)
            file.seek(0)
            for line in file:
                if not _CHATTER.match(line):
                    os.write(_STDERR, line)
