"""The captioner is loaded once, behind the page."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from captioner.ui.shared import loading
from captioner.ui.shared.loading import Loading


def test_many_may_wait_and_one_is_loaded():
    loaded, release = [], threading.Event()

    def load():
        release.wait(10)
        loaded.append(object())
        return loaded[-1]

    one = Loading(load)
    one.start()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(one.captioner) for _ in range(8)]
        assert not any(future.done() for future in waiting)
        release.set()
        found = {id(future.result(10)) for future in waiting}
    assert found == {id(loaded[0])}
    assert len(loaded) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("config.json is missing."), "config.json is missing."),
        (ImportError("libx.so.6"), "The captioner could not be loaded; the server's log says why."),
    ],
)
def test_everyone_hears_why_there_is_none(error, sentence):
    def load():
        raise error

    one = Loading(load)
    for _ in range(2):
        with pytest.raises(ValueError, match=sentence.replace(".", r"\.")):
            one.captioner()


def test_what_can_wait_is_done_when_the_captioner_is_there(monkeypatch):
    monkeypatch.setattr(loading, "REST", 0.05)
    done = threading.Event()
    found = []

    def afterwards(captioner):
        found.append(captioner)
        done.set()

    one = Loading(lambda: "captioner", afterwards)
    assert one.captioner() == "captioner"
    assert not found  # nobody waits for it
    assert done.wait(10) and found == ["captioner"]


def test_nothing_follows_if_there_is_no_captioner(monkeypatch):
    monkeypatch.setattr(loading, "REST", 0)
    called = []

    def load():
        raise ValueError("config.json is missing.")

    one = Loading(load, called.append)
    with pytest.raises(ValueError, match="missing"):
        one.captioner()
    assert not called


def test_a_visitor_who_leaves_calls_nothing_off():
    release = threading.Event()
    one = Loading(lambda: release.wait(10))
    assert not one.start().cancel()
    release.set()
    assert one.captioner() is True


def test_the_page_is_built_without_tensorflow():
    build = (
        "import sys\n"
        "from pathlib import Path\n"
        "from captioner.ui.shared.models import Models\n"
        "from captioner.ui.page import build_page\n"
        "from captioner.ui.shared.permission import Permission\n"
        "build_page(Models(None, Path()), Permission(public=False))\n"
        "heavy = {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    subprocess.run([sys.executable, "-c", build], check=True, timeout=120)
