"""What the explorer is given to show."""

import base64
import io
import json

import numpy as np
from PIL import Image

from captioner.attention import Geometry
from captioner.caption import Caption, Word
from captioner.ui.explorer import caption_value

GEOMETRY = Geometry(rows=2, cols=2, size=100, stride=40, first=20)


def caption(*texts):
    attention = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
    words = [Word(text, 0.25, attention, [(text, 0.25), ("<end>", 0.05)]) for text in texts]
    return Caption(words, GEOMETRY)


def test_the_value_is_plain_json_with_all_that_is_shown():
    photo = Image.new("RGB", (60, 40), (10, 200, 30))
    value = json.loads(json.dumps(caption_value(caption("a", "<b>dog</b>"), photo, 12.34)))
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


def test_the_photo_travels_within_the_value():
    photo = Image.new("RGB", (60, 40), (10, 200, 30))
    kind, data = caption_value(caption("a"), photo, 1.0)["photo"].split(",")
    assert kind == "data:image/jpeg;base64"
    shown = Image.open(io.BytesIO(base64.b64decode(data)))
    assert shown.size == (60, 40)
    assert np.abs(np.asarray(shown, int) - (10, 200, 30)).max() < 6


def test_a_caption_without_words_is_said_to_be_one():
    value = caption_value(caption(), Image.new("RGB", (8, 8)), 1.0)
    assert value == {"error": "The captioner found no words for this photo."}
