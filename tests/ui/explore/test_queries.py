"""What the explorer queries is answered; what it should not ask is refused in one sentence."""

import base64
import io
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from captioner import Beam, Captioner, Sampling
from captioner.attention_maps import rank_agreement
from captioner.photos import open_photo
from captioner.ui.explore.queries import KINDS, Queries
from captioner.ui.explore.recent_photos import RecentPhotos
from captioner.ui.shared.models import Models
from captioner.ui.shared.results import ExplorerValue, caption_photo, content_key, data_url
from tests.support import tiny


@pytest.fixture(scope="module")
def captioner():
    return Captioner(tiny.checkpoint())


@pytest.fixture(scope="module")
def queries(captioner):
    return Queries(Models(lambda folder: captioner, Path("tiny")), RecentPhotos())


@pytest.fixture(scope="module")
def photo(captioner) -> np.ndarray:
    """What the network saw."""
    noise = np.random.default_rng(0).integers(0, 256, (70, 90, 3)).astype(np.uint8)
    return captioner.pixels(noise)


@pytest.fixture(scope="module")
def seen(photo) -> str:
    return data_url(Image.fromarray(photo), "png")


@pytest.fixture
def ask(queries, seen):
    """Queries, and gives the answers as the browser gets them."""

    def ask(kind, **more) -> list[dict]:
        said = list(queries.answers({"id": "7-1", "kind": kind, "seen": seen, **more}))
        assert all(answer["id"] == "7-1" for answer in said)
        return json.loads(json.dumps(said, allow_nan=False))

    return ask


def test_other_words_at_the_beginning(ask, captioner, photo):
    settings = {"sampler": "sampling", "temperature": 1.5, "seed": 4}
    (answer,) = ask("what_if", words=["a", "blue"], covered=[[0, 1]], settings=settings)
    covered = np.array([[False, True], [False, False]])
    sampler = Sampling(temperature=1.5, seed=4)
    expected = captioner.caption(photo, sampler, ["a", "blue"], covered)
    result = answer["result"]
    assert result["words"] == json.loads(json.dumps(expected.to_json()["words"]))
    assert result["caption"].startswith("a blue")
    assert (result["forced"], result["covered"]) == (2, [[0, 1]])
    assert result["settings"]["seed"] == 4
    assert len(result["vectors"]) == len(result["words"])
    assert "photo" not in result and "kept" not in answer


@pytest.mark.parametrize("kind", ["what_if", "cause", "beam", "samples"])
def test_the_photo_of_a_query_is_sent_once(captioner, photo, seen, kind):
    queries = Queries(Models(lambda folder: captioner, Path("tiny")), RecentPhotos())
    key = content_key(Image.fromarray(photo))
    query = {"id": "1", "kind": kind, "key": key, "words": ["a", "red"], "count": 2}
    assert list(queries.answers(query)) == [{"id": "1", "unknown": True}]
    *_, whole = queries.answers({**query, "seen": seen})
    *_, named = queries.answers(query)
    for answer in (whole, named):
        answer.get("result", {}).pop("milliseconds", None)
    assert "error" not in whole and json.dumps(named) == json.dumps(whole)


def test_what_covering_takes_from_the_words_of_a_sentence(ask, captioner, photo):
    said = captioner.caption(photo).text.split()
    (whole,) = ask("what_if", words=[], covered=[], compare=said)
    (less,) = ask("what_if", words=[], covered=[[0, 0], [1, 1]], compare=said)
    chances = [word["probability"] for word in whole["result"]["words"]]
    assert whole["kept"] == pytest.approx(chances, abs=1e-5)
    covered = np.eye(2, dtype=bool)
    assert less["kept"] == pytest.approx(captioner.probabilities(photo, said, covered), abs=1e-5)
    assert less["kept"] != pytest.approx(whole["kept"], abs=1e-5)


def test_cause_beside_attention(ask, captioner, photo):
    words = ["a", "red", "disc"]
    *progress, answer = ask("cause", words=words, covered=[[1, 0]])
    assert [(step["done"], step["total"]) for step in progress] == [(1, 2)]
    covered = np.array([[False, False], [True, False]])
    expected = captioner.occlusion(photo, words, covered)
    np.testing.assert_allclose(answer["maps"], expected, atol=1e-5)
    attention = captioner.caption(photo, prefix=words, covered=covered).maps[:3]
    assert answer["agreement"] == pytest.approx(
        [
            rank_agreement(one[~covered], other[~covered])
            for one, other in zip(attention, expected, strict=True)
        ],
        abs=1e-5,
    )
    assert not {"done", "total", "of_heads"} & answer.keys()  # the first two mark its progress


def test_cause_agrees_with_each_head_of_a_transformer(photo, seen):
    captioner = Captioner(tiny.checkpoint(**tiny.TRANSFORMER))
    queries = Queries(Models(lambda folder: captioner, Path("tiny")), RecentPhotos())
    words = ["a", "red"]
    request = {"id": "1", "kind": "cause", "seen": seen, "words": words}
    *_, answer = queries.answers(request)
    caption = captioner.caption(photo, prefix=words)
    falls = captioner.occlusion(photo, words)
    for layer, head in caption.heads:
        found = [of_word[layer][head] for of_word in answer["of_heads"]]
        maps = caption.of_head(layer, head).maps[:2]
        assert found == pytest.approx(list(map(rank_agreement, maps, falls)), abs=1e-5)


def test_a_beam_search_and_its_tree(ask, captioner, photo):
    (answer,) = ask("beam", beams=3, words=["a"], covered=[])
    caption = captioner.caption(photo, Beam(3), ["a"])
    assert answer["result"]["caption"] == caption.text
    assert answer["result"]["settings"]["sampler"] == "beam"
    nodes, best = answer["tree"]["nodes"], answer["tree"]["best"]
    assert nodes[0].keys() == {"parent", "text", "probability", "score", "kept", "ended"}
    said = [nodes[number]["text"] for number in best if not nodes[number]["ended"]]
    assert said == caption.text.split()


def test_several_samples(ask, captioner, photo):
    settings = {"sampler": "greedy", "temperature": 1.2, "seed": 5}  # drawn whatever it says
    (answer,) = ask("samples", count=6, settings=settings, words=["a"], covered=[])
    captions = [captioner.caption(photo, Sampling(1.2, seed=5 + n), ["a"]) for n in range(6)]
    texts = [caption.text for caption in captions]
    assert [sample["caption"] for sample in answer["samples"]] == texts
    assert [sample["seed"] for sample in answer["samples"]] == list(range(5, 11))
    assert answer["samples"][0]["words"] == texts[0].split()
    assert answer["samples"][0]["confidence"] == pytest.approx(captions[0].confidence, abs=1e-5)
    assert answer["equal"] == pytest.approx(max(Counter(texts).values()) / 6, abs=1e-5)


@pytest.fixture(scope="module")
def value(captioner, photo) -> dict:
    """A result of three words, so that its pictures are drawn soon."""
    shown = Image.fromarray(photo)
    whole = ExplorerValue(
        caption_photo(captioner, photo, words=["a", "red"]), shown, shown, "tiny"
    ).to_json()
    words, vectors = whole["words"][:3], [row[:3] for row in whole["vectors"][:3]]
    text = " ".join(word["text"] for word in words)
    return {**whole, "caption": text, "chosen": 0, "words": words, "vectors": vectors}


def file(answer) -> Image.Image:
    kind, data = answer["file"].split(",")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert kind == f"data:image/{image.format.lower()};base64"
    return image


def test_a_strip_for_print(ask, value):
    (answer,) = ask("strip", value=value, look={"style": "heat", "palette": "viridis"})
    image = file(answer)
    assert image.format == "PNG" and image.info["dpi"] == pytest.approx((300, 300), abs=1)


@pytest.mark.parametrize(
    ("kind", "begins"), [("svg", b"<?xml"), ("pdf", b"%PDF")], ids=["svg", "pdf"]
)
def test_a_strip_as_a_vector_file(ask, value, kind, begins):
    (answer,) = ask("strip", value=value, look={"style": "contours"}, format=kind)
    media_type, data = answer["file"].split(",")
    assert kind in media_type and base64.b64decode(data).startswith(begins)


def test_an_animation(ask, value):
    (answer,) = ask("gif", value=value, look={"smooth": False, "scale": "common", "strength": 1})
    image = file(answer)
    assert image.format == "GIF" and image.n_frames == len(value["words"])


def test_a_picture_needs_no_photo_that_the_server_has(captioner, value, tmp_path):
    photos = RecentPhotos()
    queries = Queries(Models(lambda folder: captioner, Path("tiny")), photos)
    whole = open_photo(decoded_photo(value, tmp_path))
    query = {"id": "1", "kind": "strip", "key": content_key(whole)}
    query["value"] = {name: part for name, part in value.items() if name not in ("photo", "seen")}
    assert [*queries.answers(query)] == [{"id": "1", "unknown": True}]
    photos.add_file(query["key"], tmp_path / "photo.jpg")
    (answer,) = queries.answers(query)
    assert file(answer).format == "PNG"


def decoded_photo(value, folder) -> Path:
    path = folder / "photo.jpg"
    path.write_bytes(base64.b64decode(value["photo"].split(",")[1]))
    return path


def test_pictures_of_hostile_words_are_drawn(ask, value):
    words = [{**value["words"][0], "text": "../../<b>"}, {**value["words"][1], "text": "émile"}]
    hostile = {**value, "words": words, "vectors": [[1, 0], [0, 1]]}
    (answer,) = ask("strip", value=hostile)
    assert file(answer).format == "PNG"


@pytest.mark.parametrize(
    ("kind", "more", "sentence"),
    [
        ("magic", {}, "The field kind must be 'what_if', 'cause', 'beam', "),
        ("what_if", {"words": ["zebra"]}, 'The captioner does not know the word "zebra".'),
        ("what_if", {"words": ["a"] * 25}, "The field words must have at most 24 items, not 25."),
        ("what_if", {"words": "a"}, "The field words must be a list."),
        (
            "what_if",
            {"covered": [[0, 0], [0, 1], [1, 0], [1, 1]]},
            "At least one cell of the photo must",
        ),
        ("what_if", {"covered": [[2, 0]]}, "Cells must lie within 2 rows and 2 columns."),
        (
            "what_if",
            {"settings": {"temperature": 0}},
            "The field settings.temperature must be at least 0.1.",
        ),
        ("what_if", {"seen": None}, "The field seen must be a PNG image in a data URL."),
        ("what_if", {"seen": "data:image/png;base64,AAAA"}, "The photo is not an image"),
        ("what_if", {"compare": []}, "The field compare must have at least 1 item, not 0."),
        ("cause", {"words": []}, "The field words must have at least 1 item, not 0."),
        ("cause", {}, "The field words is missing."),
        ("beam", {"beams": 9}, "The field beams must be at most 8."),
        ("samples", {}, "The field count is missing."),
        ("samples", {"count": 21}, "The field count must be at most 20."),
        ("strip", {"value": {"format": 1}}, "The field value.grid is missing."),
        ("gif", {}, "The field value is missing."),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_sentence(ask, kind, more, sentence):
    *_, answer = ask(kind, **more)
    assert answer.keys() == {"id", "error"}
    assert answer["error"].startswith(sentence) and answer["error"].endswith(".")


@pytest.mark.parametrize(
    "look", [{"style": "paint"}, {"scale": []}, {"strength": 2}, {"palette": 1}]
)
def test_pictures_can_look_in_some_ways_only(ask, value, look):
    (answer,) = ask("strip", value=value, look=look)
    assert answer["error"].startswith(f"The field look.{next(iter(look))} must be ")


def test_the_picture_of_another_captioner_is_refused(ask):
    (answer,) = ask("what_if", seen=data_url(Image.new("RGB", (96, 96)), "png"))
    assert answer["error"] == "Another captioner made this result: please upload its photo again."


def test_without_a_captioner_the_answer_says_why(seen):
    def load(folder):
        raise ValueError("config.json is missing.")

    (answer,) = Queries(Models(load, Path("tiny")), RecentPhotos()).answers(
        {"id": "1", "kind": "what_if", "seen": seen}
    )
    assert answer == {"id": "1", "error": "config.json is missing."}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "kind", "words", "covered", "settings", "compare", "beams", "count", "value")
WORDS = st.lists(st.sampled_from(tiny.WORDS) | st.text(max_size=4), max_size=3)
CELLS = st.lists(st.lists(st.integers(-1, 2), min_size=2, max_size=2), max_size=3)


@given(ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_whatever_is_sent_is_answered(queries, sent):
    (answer,) = queries.answers(sent)
    json.dumps(answer).encode()
    assert answer["error"].endswith(".")


@settings(max_examples=60)
@given(st.sampled_from([*KINDS]), st.data())
def test_an_ask_with_anything_in_one_field_is_answered(queries, seen, kind, data):
    sent = {
        **{"id": "1", "kind": kind, "seen": seen, "beams": 2, "count": 2, "settings": {}},
        **{"words": data.draw(WORDS), "covered": data.draw(CELLS)},
        data.draw(st.sampled_from(FIELDS[2:])): data.draw(ANYTHING),
    }
    *_, answer = queries.answers(sent)
    json.dumps(answer, allow_nan=False).encode()
    assert answer["id"] == "1"


def test_answers_go_to_the_prop_that_the_browser_watches(queries, seen):
    event = SimpleNamespace(_data={"id": "3", "kind": "what_if", "seen": seen})
    (update,) = queries.answer(event)
    assert update["__type__"] == "update" and update["answer"]["id"] == "3"


def test_a_saved_result_is_opened(queries, value):
    event = SimpleNamespace(_data={"text": json.dumps(value)})
    opened = queries.open(event)
    assert opened["words"] == value["words"] and opened["seen"] == value["seen"]
    assert "silent" not in opened
    query = {"id": "1", "kind": "what_if", "key": opened["keys"]["seen"]}
    (answer,) = queries.answers(query)  # its photo is known now
    assert answer["result"]["words"]


def test_of_a_captioner_that_is_gone_it_is_said_that_nobody_can_be_asked(queries, value):
    event = SimpleNamespace(_data={"text": json.dumps({**value, "checkpoint": "gone/best"})})
    opened = queries.open(event)
    assert opened["words"] == value["words"]
    assert "from the captioner “gone/best”, which is not here" in opened["silent"]


@pytest.mark.parametrize("sent", [None, [], {}, {"text": 7}, {"text": "<html>"}], ids=repr)
def test_a_file_that_is_no_result_is_refused(queries, sent):
    answer = queries.open(SimpleNamespace(_data=sent))
    assert answer.keys() == {"error"}
    assert answer["error"].startswith("This file is not a result saved by this page: ")
