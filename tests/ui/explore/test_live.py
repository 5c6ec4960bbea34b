"""The live camera's endpoint, without the page around it."""

import io
import threading
from functools import partial
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import ImageFile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from captioner import Captioner
from captioner.ui.explore import live
from captioner.ui.explore.live import LiveCamera
from captioner.ui.shared.models import Models
from tests.support import tiny

JPEG = {"content-type": "image/jpeg"}


@pytest.fixture(scope="module")
def captioner():
    return Captioner(tiny.checkpoint())


@pytest.fixture(scope="module")
def page():
    """A page with a queue of captions, in which nobody waits."""
    with gr.Blocks() as page:
        gr.on([], lambda: None, concurrency_id=live.CAPTIONS, concurrency_limit=1)
    page.queue()
    for event in page.fns.values():
        page._queue.create_event_queue_for_fn(event)
    return page


@pytest.fixture
def client(captioner, page, monkeypatch):
    models = Models(lambda folder: captioner, Path("mine"))
    monkeypatch.setattr("captioner.ui.shared.models.PAUSE", 0)
    models.captioner()
    return client_of(models, page)


def client_of(models, page) -> TestClient:
    return TestClient(Starlette(routes=[LiveCamera(models, page).route()]))


def frame(size=(tiny.SIZE, tiny.SIZE), kind="JPEG") -> bytes:
    file = io.BytesIO()
    tiny.drawn("red", "disc", "white", size).save(file, kind)
    return file.getvalue()


def queue_of(page):
    return page._queue.event_queue_per_concurrency_id[live.CAPTIONS]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_frame_is_captioned_as_a_photo_is(client, captioner, kind):
    data = frame(kind=kind)
    answer = client.post("/live", content=data, headers={"content-type": f"image/{kind.lower()}"})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    got, expected = answer.json(), captioner.caption(data)
    assert " ".join(got["words"]) == expected.text
    assert np.allclose(got["maps"], expected.maps, atol=1e-4)
    assert np.allclose(got["probabilities"], [w.probability for w in expected.words], atol=1e-4)
    assert got["size"] == tiny.SIZE and len(got["grid"]["x"]) == captioner.geometry.cols


def test_nothing_of_a_frame_is_stored(client, captioner):
    before = list(captioner._networks._cache)
    assert client.post("/live", content=frame((80, 60)), headers=JPEG).status_code == 200
    assert list(captioner._networks._cache) == before


@pytest.mark.parametrize(
    "content, media_type, status",
    [
        (b"", "image/jpeg", 400),
        (b"no photo at all", "image/jpeg", 400),
        (frame()[:300], "image/jpeg", 400),  # cut off
        (frame(kind="PNG"), "image/jpeg", 400),
        (frame(), "text/plain", 415),
        (frame(), "", 415),
        (frame((live.MAX_SIDE + 1, 8)), "image/jpeg", 400),
        (bytes(live.MAX_BYTES + 1), "image/jpeg", 413),
    ],
)
def test_bad_frames_are_refused_in_one_sentence(client, content, media_type, status):
    answer = client.post("/live", content=content, headers={"content-type": media_type})
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".") and not answer.json()["retry"]


def test_no_pixel_of_a_large_frame_is_decoded(client, monkeypatch):
    large = frame((4000, 1200))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("it was decoded"))
    answer = client.post("/live", content=large, headers=JPEG)
    assert answer.status_code == 400 and "pixels" in answer.json()["error"]


def test_frames_are_only_posted(client):
    assert client.get("/live").status_code == client.put("/live").status_code == 405


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"sec-fetch-site": "same-origin", "origin": "https://any"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "http://elsewhere"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://mine", "x-forwarded-host": "mine"}, 200),
    ],
)
def test_other_sites_may_send_no_frames(client, headers, status):
    answer = client.post("/live", content=frame(), headers=JPEG | headers)
    assert answer.status_code == status


def test_a_captioner_that_is_gone_is_named(client):
    answer = client.post("/live?checkpoint=gone", content=frame(), headers=JPEG)
    assert answer.status_code == 400 and "gone" in answer.json()["error"]


def test_a_frame_does_not_wait_for_the_captioner(page, captioner):
    may_load = threading.Event()
    models = Models(lambda folder: may_load.wait() and captioner, Path("mine"))
    client = client_of(models, page)
    answer = client.post("/live", content=frame(), headers=JPEG)
    assert (answer.status_code, answer.json()) == (200, {"error": live.LOADING, "retry": True})
    may_load.set()
    models.captioner()
    assert client.post("/live", content=frame(), headers=JPEG).status_code == 200


@pytest.mark.parametrize("running", [False, True], ids=["waiting", "running"])
def test_captions_of_the_page_come_first(client, page, running):
    """Whether somebody waits is read from what Gradio calls its own: another version may call it
    otherwise, and then this fails."""
    queue = queue_of(page)
    if running:
        queue.current_concurrency += 1
    else:
        queue.queue.append(None)
    answer = client.post("/live", content=frame(), headers=JPEG)
    assert (answer.status_code, answer.json()) == (200, {"error": live.OTHERS_FIRST, "retry": True})
    queue.current_concurrency = 0
    queue.queue.clear()
    assert client.post("/live", content=frame(), headers=JPEG).status_code == 200


def test_only_a_few_frames_wait_at_a_time(client, captioner, monkeypatch):
    first, may_go_on, answers = threading.Event(), threading.Event(), []

    def slowly(photos, batch_size):
        first.set()
        may_go_on.wait(30)
        return Captioner.captions(captioner, photos, batch_size)

    monkeypatch.setattr(captioner, "captions", slowly)
    monkeypatch.setattr(live, "MAX_WAITING", 1)
    with client:  # one event loop for all requests
        post = partial(client.post, "/live", content=frame(), headers=JPEG)
        other = threading.Thread(target=lambda: answers.append(post()))
        other.start()
        assert first.wait(30)
        assert post().json() == {"error": live.TOO_MANY, "retry": True}
        may_go_on.set()
        other.join()
        assert "words" in answers[0].json()
        assert "words" in post().json()
