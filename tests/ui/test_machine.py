"""The page on other people's machines: behind a proxy, and where /tmp/gradio is another user's."""

import http.server
import os
import threading
from pathlib import Path

import pytest
from PIL import Image

from captioner.ui import machine
from tests.support.browser.serving import serving
from tests.support.browser.visitor import Visitor


class Broken(http.server.BaseHTTPRequestHandler):
    """A proxy without a connection."""

    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_error(503)

    do_HEAD = do_POST = do_CONNECT = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def proxy():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_goes_around_the_proxy_is_added_once(monkeypatch):
    monkeypatch.setenv("no_proxy", "intranet,localhost")
    monkeypatch.delenv("NO_PROXY", raising=False)
    for _ in range(2):
        machine.bypass_proxies("10.0.0.7")
    assert os.environ["no_proxy"] == "intranet,localhost,127.0.0.1,::1,10.0.0.7"
    assert os.environ["NO_PROXY"] == "localhost,127.0.0.1,::1,10.0.0.7"


def test_the_page_starts_and_takes_uploads(proxy, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")  # of this process, which visits the page
    (tmp_path / "gradio").symlink_to("/")  # as good as another user's
    photo = tmp_path / "photo.png"
    Image.linear_gradient("L").save(photo)
    environment = {name: proxy for name in ("http_proxy", "https_proxy", "all_proxy")}
    environment |= {"NO_PROXY": "", "TMPDIR": str(tmp_path), "GRADIO_TEMP_DIR": ""}
    with serving(**environment) as address, Visitor(address) as visitor:
        uploaded = Path(visitor.upload(photo)["path"])
    assert uploaded.is_relative_to(tmp_path / f"gradio-{os.getuid()}")
    assert Broken.asked == []
