"""A real Chromium, and the real server that it visits."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


def _executable() -> str | None:
    known = [os.environ.get("CHROMIUM"), "/usr/bin/chromium"]
    known += [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return next((path for path in known if path and Path(path).exists()), None)


@pytest.fixture(scope="session")
def chromium():
    executable = _executable()
    if executable is None:
        reason = "There is no Chromium here: install it or set CHROMIUM to its path."
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_tab(chromium):
    """Opens tabs; afterwards none of them may have met an error or asked another host."""
    contexts, faults = [], []

    def open_tab(width=1440, height=960, **settings):
        context = chromium.new_context(viewport={"width": width, "height": height}, **settings)
        context.set_default_timeout(30_000)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: faults.append(f"error: {error}"))
        tab.on("console", lambda said: said.type == "error" and faults.append(said.text))
        tab.on("request", lambda request: _is_outside(request.url) and faults.append(request.url))
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def tab(open_tab):
    return open_tab()


def _is_outside(url: str) -> bool:
    address = urlsplit(url)
    return address.scheme in ("http", "https") and address.hostname not in (
        "127.0.0.1",
        "localhost",
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of `python app.py` with the bundled captioner."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=10).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The server did not come up:\n{log.read_text()}")
