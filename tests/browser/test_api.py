"""The web API of the real server, as gradio_client sees it."""

import math

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "dusk.png"
    Image.linear_gradient("L").convert("RGB").save(path)
    return handle_file(path)


def test_caption_is_the_only_endpoint(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/caption"]


def test_a_caption_comes_as_json(client, photo):
    caption = client.predict(photo, api_name="/caption")
    assert caption["photo"] == "dusk.png"
    assert caption["caption"] == " ".join(word["text"] for word in caption["words"])
    for word in caption["words"]:
        assert 0 < word["probability"] <= 1
        assert math.isclose(sum(map(sum, word["attention"])), 1, abs_tol=1e-3)
        assert all(len(pair) == 2 for pair in word["alternatives"])


def test_the_same_seed_draws_the_same_sentence(client, photo):
    settings = {"sampler": "sampling", "temperature": 1.5, "top_k": 50, "top_p": 0.95}
    asked = [client.predict(photo, seed=n, **settings, api_name="/caption") for n in (3, 3, 4, 5)]
    captions = [answer["caption"] for answer in asked]
    assert captions[0] == captions[1]
    assert len(set(captions)) > 1


def test_what_is_no_photo_is_refused_with_a_sentence(client, tmp_path):
    notes = tmp_path / "notes.png"
    notes.write_text("not a photo")
    with pytest.raises(AppError, match="notes.png is not an image that can be read."):
        client.predict(handle_file(notes), api_name="/caption")


def test_settings_out_of_range_are_refused(client, photo):
    with pytest.raises(AppError):
        client.predict(photo, sampler="sampling", temperature=0, api_name="/caption")
