"""How the page's modules reach the browser."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from captioner.ui.shared import assets

FIRST, SECOND = (assets.bundle_path(name) for name in ("explore/explorer.js", "train/run.js"))


@pytest.mark.parametrize("root_path", ["", "/some/where"])  # the latter behind a proxy
def test_modules_are_served_under_their_version_for_ever(root_path):
    client = TestClient(Starlette(routes=assets.modules_routes()), root_path=root_path)
    found = {path: client.get(f"/{path}") for path in (FIRST, SECOND)}
    for answer in found.values():
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    for name in assets.module_names():
        assert f'modules["{name}"] = ' in found[assets.bundle_path(name)].text
    assert client.get("/modules/0.js").status_code == 404


def test_the_name_of_a_text_follows_its_content():
    paths = [assets.served(text, kind)[0] for text, kind in ((b"1", "js"), (b"2", "js"))]
    assert len(set(paths)) == 2
    assert assets.served(b"1", "js")[0] == paths[0]


def test_the_page_finds_modules_wherever_it_is_served():
    mounted = assets.mount("explore/explorer.js", "ask", "open", style={"a": None})
    assert mounted.startswith(f'import(new URL("{FIRST}", document.baseURI))')
    assert 'modules["explore/explorer.js"]' in mounted
    assert 'server, style: {"a": null} }' in mounted
    assert '"ask", "open"' in mounted  # Gradio looks for the names of events
    assert f'import(new URL("{SECOND}", document.baseURI))' in assets.mount("train/run.js")
    called = assets.call("shared/events.js", "constant", [None, "</a>"])
    assert called.endswith('.constant([null, "</a>"], ...inputs)')
