"""How the page's modules reach the browser."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from captioner.paths import ASSETS
from captioner.ui.shared import assets


@pytest.mark.parametrize("root_path", ["", "/some/where"])  # the latter behind a proxy
def test_modules_are_served_under_their_version_for_ever(root_path):
    client = TestClient(Starlette(routes=[assets.modules_route()]), root_path=root_path)
    for name in assets.module_names():
        answer = client.get(f"/{assets.modules_path()}/{name}")
        assert answer.text == (ASSETS / name).read_text()
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in (f"{assets.modules_path()}/explore/explorer.css", "modules/0/shared/maps.js"):
        assert client.get(f"/{other}").status_code == 404


def test_the_version_follows_every_module(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "ASSETS", tmp_path)
    found = set()
    for name, text in (("a.js", "1"), ("b.js", "1"), ("a.js", "2"), ("b.js", "2")):
        (tmp_path / name).write_text(text)
        found.add(assets.modules_path.__wrapped__())
    assert len(found) == 4


def test_modules_import_each_other_by_relative_paths():
    """Otherwise they would not be of one version."""
    for name in assets.module_names():
        for imported in re.findall(r'from "(.+?)"', (ASSETS / name).read_text()):
            assert imported.startswith(("./", "../"))
            assert ((ASSETS / name).parent / imported).is_file()


def test_the_page_finds_modules_wherever_it_is_served():
    path = assets.modules_path()
    mounted = assets.mount("explore/explorer.js", "ask", "open", style={"a": None})
    assert mounted.startswith(f'import(new URL("{path}/explore/explorer.js", document.baseURI))')
    assert 'server, style: {"a": null} }' in mounted
    assert '"ask", "open"' in mounted  # Gradio looks for the names of events
    assert f'href="{path}/shared/maps.js"' in assets.preloads("shared")
    called = assets.call("shared/events.js", "constant", [None, "</a>"])
    assert called.endswith('.constant([null, "</a>"], ...inputs)')
