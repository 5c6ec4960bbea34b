"""A saved result opens again as it was; anything else is refused in one sentence."""

import base64
import copy
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from captioner.attention_maps import Geometry
from captioner.caption import Caption, Word
from captioner.ui.explore import exchange
from captioner.ui.shared.results import CaptionResult, ExplorerValue
from captioner.ui.shared.sampler_settings import Settings

GEOMETRY = Geometry(rows=2, cols=3, size=48, stride=16.5, first=0.5)
REFUSED = "This file is not a result saved by this page: "


def saved() -> ExplorerValue:
    rng = np.random.default_rng(0)
    words = [
        Word(text, 0.5, rng.dirichlet(np.ones(6)).reshape(2, 3).astype(np.float32), [(text, 0.5)])
        for text in ("a", "dog", "runs")
    ]
    photo = Image.new("RGB", (40, 24), "white")
    ImageDraw.Draw(photo).rectangle((4, 4, 20, 20), (200, 40, 30))
    seen = Image.fromarray(rng.integers(0, 256, (48, 48, 3)).astype(np.uint8))
    covered = np.array([[False, True, False], [False, False, True]])
    result = CaptionResult(
        Caption(words, GEOMETRY), 31.4, np.eye(3), Settings(sampler="beam"), 2, covered
    )
    return ExplorerValue(result, photo, seen, "default")


VALUE = json.loads(json.dumps(saved().to_json()))


def changed(**fields) -> dict:
    return {**copy.deepcopy(VALUE), **fields}


def refusal(value) -> str:
    with pytest.raises(exchange.ExchangeError) as refused:
        exchange.parse(value if isinstance(value, str) else json.dumps(value))
    return str(refused.value)


def test_a_saved_result_opens_as_it_was():
    opened = exchange.parse(json.dumps(VALUE)).to_json()
    for name in VALUE.keys() - {"photo", "grid", "keys"}:
        assert opened[name] == VALUE[name], name
    for axis in "xy":
        assert opened["grid"][axis] == pytest.approx(VALUE["grid"][axis])


def test_a_result_of_the_first_format_opens():
    opened = exchange.parse(json.dumps(changed(format=1))).to_json()
    assert opened["format"] == 2 and opened["words"] == VALUE["words"]


HEADS = np.random.default_rng(1).dirichlet(np.ones(6), (3, 2, 4)).reshape(3, 2, 4, 2, 3)


def of_transformer(**changes) -> dict:
    """The value with 2 layers of 4 heads."""
    value = changed()
    for i, word in enumerate(value["words"]):
        word["heads"] = np.round(HEADS[i], 4).tolist()
        word["self_attention"] = np.full((2, 4, i + 1), round(1 / (i + 1), 4)).tolist()
    value["words"][1].update(changes)
    return value


def test_a_result_with_heads_opens_as_it_was():
    value = of_transformer()
    assert exchange.parse(json.dumps(value)).to_json()["words"] == value["words"]


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"heads": np.round(HEADS[1], 4)[:, :3].tolist()}, "must have 2 times 3 rows of 2 numbers"),
        ({"heads": None, "self_attention": None}, "all words must have the same heads"),
        ({"heads": (HEADS[1] / 2).tolist()}, "the attention of the heads must sum to 1"),
        ({"heads": [[[[0.1] * 3] * 2, [[0.1] * 3]]]}, "must have 1 times 2 times 2 rows of 3"),
        ({"heads": []}, "the field words[1].heads must have at least 1 item"),
        ({"self_attention": None}, "the field self_attention is missing"),
        ({"self_attention": [[[0.1]] * 4] * 2}, "the self-attention of a word must sum to 1"),
        ({"self_attention": np.full((2, 4, 3), 0.3333).tolist()}, "to itself or to words after it"),
        ({"self_attention": [[[]]]}, "must have 2 times 4 rows of 0 numbers"),
        ({"self_attention": [[["a"]]]}, "must"),
    ],
)
def test_heads_that_contradict_each_other_are_refused(changes, reason):
    assert reason in refusal(of_transformer(**changes))


@pytest.mark.parametrize(
    "geometry",
    [
        Geometry(1, 1, 32, 32.0, 16.0),
        Geometry(1, 5, 100, 19.9, 10.3),
        Geometry(8, 8, 299, 32, 37.5),
    ],
    ids=str,
)
def test_maps_lie_where_they_lay(geometry):
    uniform = np.full((geometry.rows, geometry.cols), 1 / geometry.cells, np.float32)
    caption = Caption([Word("a", 1.0, uniform, [])], geometry)
    seen = Image.new("RGB", (geometry.size, geometry.size))
    value = ExplorerValue(CaptionResult(caption, 1.0, np.eye(1)), seen, seen, "").to_json()
    opened = exchange.parse(json.dumps(value)).result.caption.geometry
    assert (opened.rows, opened.cols, opened.size) == (geometry.rows, geometry.cols, geometry.size)
    for count in (geometry.rows, geometry.cols):
        np.testing.assert_allclose(opened.centres(count), geometry.centres(count), atol=1e-9)


def test_hostile_words_stay_text():
    hostile = "<img src=x onerror=alert(1)>"
    value = changed()
    value["words"][0]["text"] = hostile
    value["words"][0]["alternatives"] = [["</script><script>alert(1)", 0.5]]
    value["caption"] = "<script>something else</script>"
    opened = exchange.parse(json.dumps(value)).to_json()
    assert opened["words"][0]["text"] == hostile
    assert opened["words"][0]["alternatives"] == value["words"][0]["alternatives"]
    assert opened["caption"] == f"{hostile} dog runs"  # of the words, not of the file


def test_pictures_are_encoded_anew():
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    saved().photo.save(file, "JPEG", exif=exif)
    sent = file.getvalue() + b"<script>alert(1)</script>"
    url = "data:image/jpeg;base64," + base64.b64encode(sent).decode()
    opened = exchange.parse(json.dumps(changed(photo=url))).to_json()
    kept = base64.b64decode(opened["photo"].split(",")[1])
    assert b"secret" not in kept and b"script" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 24)


def test_what_is_not_known_is_left_out():
    value = changed(also="this", html="<b>")
    value["words"][0]["style"] = "color: red"
    opened = exchange.parse(json.dumps(value)).to_json()
    assert opened.keys() == VALUE.keys()
    assert opened["words"][0].keys() == VALUE["words"][0].keys()


def test_the_size_is_that_of_the_photo_not_of_the_file():
    opened = exchange.parse(json.dumps(changed(width=4000, height="tall"))).to_json()
    assert (opened["width"], opened["height"]) == (40, 24)


def with_word(**fields) -> dict:
    value = changed()
    value["words"][1].update(fields)
    return value


def url(kind: str, size, claimed: str | None = None) -> str:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, kind)
    return f"data:image/{claimed or kind};base64,{base64.b64encode(file.getvalue()).decode()}"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "it must be JSON."),
        ("{", "it must be JSON."),
        ("[" * 100_000, "it must be JSON."),
        ("1" * 10_000, "it must be JSON."),
        ('{"format": NaN}', "it must be JSON."),
        ("[1]", "the message must be an object with fields."),
        ("null", "the message must be an object with fields."),
        ("{}", "the field grid is missing."),
        (" " * 12_000_001, "it must be a text of 12 MB at most."),
        (changed(format=3), "the field format must be 1 or 2."),
        (
            changed(photo="https://example.org/a.jpg"),
            "the field photo must be a JPEG image in a data URL.",
        ),
        (changed(photo="data:image/svg+xml;base64,PHN2Zy8+"), "the field photo must be a JPEG"),
        (changed(photo="data:image/jpeg;base64,é"), "the field photo is damaged or cut off."),
        (changed(photo="data:image/jpeg;base64,AAAA"), "the photo is not an image"),
        (changed(photo=VALUE["photo"][:-200]), "the photo is damaged or cut off."),
        (changed(seen=url("jpeg", (48, 48))), "the field seen must be a PNG"),
        (changed(seen=url("png", (48, 40))), "the field seen must be a square"),
        (changed(seen=url("png", (1100, 1100))), "the field seen must be a square"),
        (changed(checkpoint=None), "the field checkpoint must be text."),
        (changed(checkpoint="x" * 101), "the field checkpoint must have at most 100 characters."),
        (changed(words=[]), "the field words must have at least 1 item, not 0."),
        (changed(words=VALUE["words"] * 9), "the field words must have at most 24 items, not"),
        (changed(vectors=[[1]]), "the field vectors must have 3 rows of 3 numbers."),
        (changed(milliseconds="fast"), "the field milliseconds must be a number."),
        (changed(settings={"sampler": "magic"}), "the field settings.sampler must be 'greedy'"),
        (changed(forced=-1), "the field forced must be at least 0."),
        (changed(covered=[[2, 0]]), "cells must lie within 2 rows and 3 columns."),
        (changed(covered=[[0, 0, 0]]), "the field covered[0] must have at most 2 items, not 3."),
        (
            changed(grid={"x": [0.1, 0.2, 0.9], "y": [0.1, 0.2]}),
            "the cells of the grid must have equal distances.",
        ),
        (
            changed(grid={"x": [0.5, 0.4, 0.3], "y": [0.5, 0.4]}),
            "the cells of the grid must have equal distances.",
        ),
        (
            changed(grid={"x": [0.1] * 65, "y": [0.1]}),
            "the field grid.x must have at most 64 items, not 65.",
        ),
        (with_word(text=""), "the field words[1].text must not be blank."),
        (with_word(text="x" * 41), "the field words[1].text must have at most 40 characters."),
        (with_word(text="\ud800"), "the field words[1].text must be text."),
        (with_word(text="god\u202e"), "the field words[1].text must be one line"),
        (with_word(text=7), "the field words[1].text must be text."),
        (with_word(probability=1.01), "the field words[1].probability must be at most 1."),
        (with_word(probability=True), "the field words[1].probability must be a number."),
        (
            with_word(attention=[[0.5, 0.5]]),
            "the attention of a word must have 2 rows of 3 numbers.",
        ),
        (with_word(attention=[[0.1] * 3] * 2), "the attention of a word must sum to 1."),
        (
            with_word(attention=[[-0.5, 0.5, 0.5], [0.5, 0, 0]]),
            "the field words[1].attention[0][0] must be at least 0.",
        ),
        (with_word(attention=[[1e999, 0, 0], [0, 0, 0]]), "it must be JSON."),
        (with_word(alternatives=[["a"]]), "the field words[1].alternatives[0][1] is missing."),
        (
            with_word(alternatives=[["a", 0.1]] * 21),
            "the field words[1].alternatives must have at most 20 items, not 21.",
        ),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_not_ours_is_refused_in_one_sentence(value, reason):
    sentence = refusal(value)
    assert sentence.startswith(REFUSED + reason)
    assert sentence.endswith(".") and len(sentence) < 200


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def places(value, before=()):
    """The path to everything in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        yield (*before, key)
        if isinstance(one, dict | list):
            yield from places(one, (*before, key))


PLACES = sorted(places(VALUE), key=str)


@given(st.sampled_from(PLACES), ANYTHING | st.just("gone"))
def test_a_damaged_result_is_sound_or_refused(place, damage):
    value = copy.deepcopy(VALUE)
    inner = value
    for key in place[:-1]:
        inner = inner[key]
    if damage == "gone":
        del inner[place[-1]]
    else:
        inner[place[-1]] = damage
    try:
        value_read = exchange.read(value)
    except exchange.ExchangeError as refused:
        assert str(refused).startswith(REFUSED) and str(refused).endswith(".")
    else:
        json.dumps(value_read.to_json(), allow_nan=False).encode()
        assert all(0 < len(word.text) <= 40 for word in value_read.result.caption.words)
        np.testing.assert_allclose(value_read.result.caption.maps.sum(axis=(1, 2)), 1, atol=2e-3)


PICTURES = {name: VALUE[name] for name in ("photo", "seen")}
TEXT = json.dumps({name: VALUE[name] for name in VALUE if name not in PICTURES} | PICTURES)


@given(st.integers(0, TEXT.index('"photo"')), st.text(max_size=5), st.integers(0, 40))
def test_damaged_text_is_sound_or_refused(at, inserted, gone):
    try:
        value_read = exchange.parse(TEXT[:at] + inserted + TEXT[at + gone :])
    except exchange.ExchangeError as refused:
        assert str(refused).startswith(REFUSED) and str(refused).endswith(".")
    else:
        json.dumps(value_read.to_json(), allow_nan=False).encode()
