"""The page's HTML document."""

import gzip

import brotli
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from captioner.ui.shared.document import Document

PAGE = "<html><head><title>é</title></head><body><gradio-app></gradio-app></body></html>"
WHOLE = PAGE.replace("</head>", "<style></style></head>").replace("<gradio", "<p>1</p><gradio")


def parts():
    yield from ("<html>", "<head></head>", "one")


@pytest.fixture
def client():
    count = iter(range(1, 9))
    routes = [
        Route("/", lambda _: HTMLResponse(PAGE)),
        Route("/other", lambda _: HTMLResponse("<html><head></head>other</html>")),
        Route("/parts", lambda _: StreamingResponse(parts(), media_type="text/html")),
        Route("/assets/a-1.js", lambda _: PlainTextResponse("1")),
        Route("/json", lambda _: JSONResponse({"a": "<gradio-app"})),
    ]
    document = Middleware(Document, head="<style></style>", body=lambda: f"<p>{next(count)}</p>")
    return TestClient(Starlette(routes=routes, middleware=[document]))


@pytest.mark.parametrize(
    ("accepted", "decoded"),
    [("gzip, br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)],
)
def test_the_page_has_more_in_it_and_is_compressed(client, accepted, decoded):
    with client.stream("GET", "/", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
        assert int(answer.headers["content-length"]) == len(raw)
        assert answer.headers["vary"] == "Accept-Encoding"
    assert decoded(raw).decode() == WHOLE


def test_what_comes_before_the_page_is_made_for_each_visitor(client):
    assert "<p>1</p>" in client.get("/").text
    assert "<p>2</p>" in client.get("/").text


def test_browsers_keep_files_that_never_change(client):
    assert client.get("/assets/a-1.js").headers["cache-control"].endswith("immutable")
    assert "cache-control" not in client.get("/json").headers


def test_other_responses_stay_as_they_are(client):
    assert client.get("/other").text == "<html><head></head>other</html>"
    assert client.get("/parts").text == "<html><head></head>one"
    assert client.get("/json").json() == {"a": "<gradio-app"}
