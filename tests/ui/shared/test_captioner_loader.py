"""The captioner is loaded once, in the background."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from captioner.ui.shared import captioner_loader
from captioner.ui.shared.captioner_loader import CaptionerLoader


def test_many_visitors_wait_for_one_load():
    loaded, release = [], threading.Event()

    def load():
        release.wait(10)
        loaded.append(object())
        return loaded[-1]

    one = CaptionerLoader(load)
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
        (
            ImportError("libx.so.6"),
            "The captioner could not be loaded. The server's log has the details.",
        ),
    ],
)
def test_everyone_is_told_why_loading_failed(error, sentence):
    def load():
        raise error

    one = CaptionerLoader(load)
    for _ in range(2):
        with pytest.raises(ValueError, match=sentence.replace(".", r"\.")):
            one.captioner()


def test_the_warm_up_runs_after_loading(monkeypatch):
    monkeypatch.setattr(captioner_loader, "PAUSE", 0.05)
    done = threading.Event()
    warmed = []

    def warm_up(captioner):
        warmed.append(captioner)
        done.set()

    one = CaptionerLoader(lambda: "captioner", warm_up)
    assert one.captioner() == "captioner"
    assert not warmed  # nobody waits for it
    assert done.wait(10) and warmed == ["captioner"]


def test_there_is_no_warm_up_without_a_captioner(monkeypatch):
    monkeypatch.setattr(captioner_loader, "PAUSE", 0)
    called = []

    def load():
        raise ValueError("config.json is missing.")

    one = CaptionerLoader(load, called.append)
    with pytest.raises(ValueError, match="missing"):
        one.captioner()
    assert not called


def test_a_visitor_who_leaves_does_not_cancel_the_load():
    release = threading.Event()
    one = CaptionerLoader(lambda: release.wait(10))
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
