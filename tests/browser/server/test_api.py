"""The web API of the real server, as gradio_client and MCP clients see it."""

import asyncio
import base64
import json
import math
import statistics
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from mcp.types import CallToolResult
from PIL import Image

from tests.support.readme import blocks

ENDPOINTS = ["/caption", "/what_if", "/cover"]


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "dusk.png"
    Image.linear_gradient("L").convert("RGB").save(path)
    return path


@pytest.fixture(scope="module")
def photo(file):
    return handle_file(file)


@pytest.fixture(scope="module")
def caption(client, photo):
    return client.predict(photo, api_name="/caption")


def chances(caption) -> list[float]:
    return [word["probability"] for word in caption["words"]]


def test_no_helper_of_the_page_is_an_endpoint(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ENDPOINTS


def test_a_caption_comes_as_json(caption):
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


def test_a_beam_of_one_is_greedy_and_more_beams_find_a_sentence_of_their_own(
    client, photo, caption
):
    def searched(beams):
        return client.predict(photo, sampler="beam", beams=beams, api_name="/caption")

    assert searched(1)["words"] == caption["words"]
    few, many = statistics.geometric_mean(chances(caption)), chances(searched(8))
    assert statistics.geometric_mean(many) > few  # a long sentence is not the worse for it


def test_the_sentence_goes_on_from_given_words(client, photo, caption):
    said = client.predict(photo, "Two black dogs", api_name="/what_if")
    assert [word["text"] for word in said["words"]][:3] == ["two", "black", "dogs"]
    assert client.predict(photo, "", api_name="/what_if")["words"] == caption["words"]
    drawn = {"sampler": "sampling", "temperature": 1.8, "seed": 3}
    other = client.predict(photo, "two black dogs", **drawn, api_name="/what_if")
    assert other["caption"].startswith("two black dogs")


def test_covered_cells_are_not_looked_at_and_a_sentence_is_judged(client, photo, caption):
    same = client.predict(photo, [], caption["caption"], api_name="/cover")
    assert same["words"] == caption["words"]
    assert same["kept"] == pytest.approx(chances(caption), abs=1e-4)
    half = [[row, col] for row in range(3) for col in range(7)]
    less = client.predict(photo, half, caption["caption"], api_name="/cover")
    assert all(sum(map(sum, word["attention"][:3])) == 0 for word in less["words"])
    assert len(less["kept"]) == len(caption["words"])
    assert less["kept"] != pytest.approx(same["kept"], abs=1e-4)
    assert "kept" not in client.predict(photo, half, api_name="/cover")


@pytest.mark.parametrize(
    ("endpoint", "given", "sentence"),
    [
        ("/what_if", ["a zeppelin"], 'The captioner does not know the word "zeppelin".'),
        ("/what_if", ["a " * 25], "The words must have at most 24 items, not 25."),
        ("/cover", [[[7, 0]]], "Cells must lie within 7 rows and 7 columns."),
        ("/cover", ["all"], "The cells must be a list."),
        ("/cover", [[[r, c] for r in range(7) for c in range(7)]], "must stay uncovered."),
        ("/cover", [[], "a zeppelin"], 'The captioner does not know the word "zeppelin".'),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_sentence(client, photo, endpoint, given, sentence):
    with pytest.raises(AppError, match=sentence):
        client.predict(photo, *given, api_name=endpoint)


def test_what_is_no_photo_is_refused_with_a_sentence(client, tmp_path):
    notes = tmp_path / "notes.png"
    notes.write_text("not a photo")
    for endpoint, given in zip(ENDPOINTS, ([], ["a dog"], [[]]), strict=True):
        with pytest.raises(AppError, match="notes.png is not an image that can be read: choose"):
            client.predict(handle_file(notes), *given, api_name=endpoint)


def test_settings_out_of_range_are_refused(client, photo):
    for settings in ({"sampler": "sampling", "temperature": 0}, {"sampler": "beam", "beams": 9}):
        with pytest.raises(AppError):
            client.predict(photo, **settings, api_name="/caption")


def test_mcp_clients_are_told_what_each_tool_and_argument_is(server):
    with urllib.request.urlopen(f"{server}gradio_api/mcp/schema", timeout=30) as answer:
        tools = {tool["name"]: tool for tool in json.load(answer)}
    assert [f"/{name}" for name in tools] == ENDPOINTS
    for tool in tools.values():
        assert tool["description"]
        schema = tool["inputSchema"]
        assert all(given["description"] for given in schema["properties"].values())
    assert tools["cover"]["inputSchema"]["required"] == ["photo", "cells"]
    assert tools["cover"]["inputSchema"]["properties"]["cells"]["type"] == "array"


def test_mcp_clients_get_json(server, client, photo, file):
    async def call() -> tuple[dict, CallToolResult]:
        uploaded = client.predict(photo, api_name="/caption")  # the same, by the other way
        address = f"{server}gradio_api/mcp/"
        async with (
            streamablehttp_client(address) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            data = base64.b64encode(file.read_bytes()).decode()
            given = {"photo": f"data:image/png;base64,{data}"}
            return uploaded, await session.call_tool("caption", given)

    with ThreadPoolExecutor(1) as pool:  # Playwright may have a loop in this thread
        expected, answer = pool.submit(asyncio.run, call()).result()
    found = answer.structuredContent
    assert found["caption"] == expected["caption"] and found["words"] == expected["words"]
    assert json.loads(answer.content[0].text) == found and not answer.isError


def test_the_example_in_the_readme_runs(server, file, tmp_path, caption):
    (example,) = [block for block in blocks("python") if "gradio_client" in block]
    assert len([line for line in example.splitlines() if line]) == 10
    assert example.count('"http://127.0.0.1:7860"') == 1
    script = tmp_path / "example.py"
    script.write_text(example.replace("http://127.0.0.1:7860", server))
    with Image.open(file) as photo:
        photo.save(tmp_path / "photo.jpg", quality=95)
    run = [sys.executable, script]
    said = subprocess.run(run, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    *_, first, other, without = said.splitlines()
    assert first.startswith(f"{caption['caption']} [0.")
    assert other.startswith("two black")
    assert without.count("0.") == len(caption["words"])
