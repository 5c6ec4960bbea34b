"""What the explorer is given to show."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from captioner import Captioner
from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.ui.shared.results import CaptionResult, ExplorerValue, caption_photo
from captioner.ui.shared.sampler_settings import Settings
from tests.support import tiny

GEOMETRY = Geometry(rows=2, cols=2, size=100, stride=40, first=20)


def caption(*texts):
    attention = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
    words = [Word(text, 0.25, attention, [(text, 0.25), ("<end>", 0.05)]) for text in texts]
    return Caption(words, GEOMETRY)


def picture(url) -> tuple[str, Image.Image]:
    kind, data = url.split(",")
    return kind, Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.fixture
def value():
    vectors = np.array([[1, 0.25], [0.25, 1]], np.float32)
    covered = np.array([[False, True], [False, False]])
    settings = Settings(sampler="sampling", temperature=0.7, top_p=1.0, seed=None)
    result = CaptionResult(caption("a", "<b>dog</b>"), 12.34, vectors, settings, 1, covered)
    photo = Image.new("RGB", (60, 40), (10, 200, 30))
    seen = Image.fromarray(np.arange(100 * 100 * 3, dtype=np.uint8).reshape(100, 100, 3))
    return json.loads(json.dumps(ExplorerValue(result, photo, seen, "mine").to_json()))


def test_the_value_is_plain_json_with_all_that_is_shown(value):
    assert value["caption"] == "a <b>dog</b>"
    assert value["words"][1] == {
        "text": "<b>dog</b>",
        "probability": 0.25,
        "attention": [[0.1, 0.2], [0.3, 0.4]],
        "alternatives": [["<b>dog</b>", 0.25], ["<end>", 0.05]],
    }
    assert value["grid"] == {"x": [0.2, 0.6], "y": [0.2, 0.6]}
    assert (value["width"], value["height"]) == (60, 40)
    assert (value["confidence"], value["milliseconds"]) == (0.25, 12.3)
    assert (value["format"], value["checkpoint"]) == (2, "mine")
    assert value["vectors"] == [[1, 0.25], [0.25, 1]]
    assert value["settings"] == {
        "sampler": "sampling",
        "temperature": 0.7,
        "top_k": 0,
        "top_p": 1.0,
        "seed": None,
        "beams": 3,
    }
    assert (value["forced"], value["covered"]) == (1, [[0, 1]])


SHARP = np.array([[0.0, 0.0], [0.1, 0.9]], np.float32)
EVEN = np.full((2, 2), 0.25, np.float32)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([("a", SHARP), ("black", SHARP), ("dog", EVEN), ("grass", SHARP)], "dog"),
        ([("a", EVEN), ("baby", SHARP), ("elephant", EVEN)], "elephant"),
        ([("a", SHARP), ("red", EVEN), ("glow", SHARP), ("the", SHARP)], "glow"),
        ([("it", EVEN), ("is", SHARP)], "it"),
    ],
)
def test_a_result_opens_on_its_first_noun_or_sharpest_content_word(words, expected):
    said = Caption([Word(text, 0.5, attention, []) for text, attention in words], GEOMETRY)
    chosen = CaptionResult(said, 1, np.eye(len(words))).to_json()["chosen"]
    assert words[chosen][0] == expected


def test_the_photo_travels_within_the_value(value):
    kind, shown = picture(value["photo"])
    assert kind == "data:image/jpeg;base64"
    assert shown.size == (60, 40)
    assert np.abs(np.asarray(shown, int) - (10, 200, 30)).max() < 6


def test_what_the_network_saw_travels_without_loss(value):
    kind, seen = picture(value["seen"])
    assert kind == "data:image/png;base64"
    pixels = np.arange(100 * 100 * 3, dtype=np.uint8).reshape(100, 100, 3)
    assert np.array_equal(np.asarray(seen), pixels)


def test_a_captioner_gives_a_result():
    captioner = Captioner(tiny.checkpoint())
    photo = np.asarray(tiny.drawn("red", "disc", "black"))
    covered = np.array([[True, False], [False, False]])
    result = caption_photo(
        captioner, photo, Settings(sampler="beam", beams=2), ["a", "blue"], covered
    )
    assert result.caption.text.startswith("a blue")
    assert (result.caption.maps[:, 0, 0] == 0).all()
    said = result.to_json()
    assert said["forced"] == 2 and said["covered"] == [[0, 0]]
    assert said["settings"]["sampler"] == "beam" and said["milliseconds"] > 0
    assert np.shape(said["vectors"]) == (len(said["words"]),) * 2
