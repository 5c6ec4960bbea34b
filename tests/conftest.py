"""What all tests share."""

import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 0)):  # they share the cores
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, str(max(1, (os.cpu_count() or 1) // workers)))

# Networks of tests are so small that XLA and JAX compile longer than they compute.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import pytest
from hypothesis import settings

settings.register_profile("captioner", deadline=None, derandomize=True)  # alike on any machine
settings.load_profile("captioner")


def pytest_configure(config):
    """What JAX compiles is stored, so that no test or process compiles it again."""
    if config.pluginmanager.has_plugin("cacheprovider"):
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(config.cache.mkdir("jax")))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def pytest_collection_finish():
    """Tests make little garbage beside what they import, in which Python would look for it."""
    gc.freeze()
    gc.set_threshold(100_000, 50)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    """A small data set laid out as Flickr8k is; not to be changed."""
    from tests.support import tiny

    return tiny.data_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture
def checkpoint_folder(tmp_path, saved_checkpoint):
    """A copy of a saved checkpoint, to be damaged as a test likes."""
    import shutil

    return shutil.copytree(saved_checkpoint, tmp_path / "checkpoint")


@pytest.fixture
def no_meteor(monkeypatch):
    """METEOR without its Java program, which takes many seconds; it has a test of its own."""
    from captioner.evaluation import meteor

    monkeypatch.setattr(meteor, "score", lambda candidates, references, should_stop: 0.25)


@pytest.fixture(scope="session")
def saved_checkpoint(tmp_path_factory):
    """The folder of a small saved checkpoint; not to be changed."""
    from captioner import checkpoints
    from tests.support import tiny

    folder = tmp_path_factory.mktemp("saved") / "tiny"
    checkpoints.save(folder, tiny.checkpoint())
    return folder
