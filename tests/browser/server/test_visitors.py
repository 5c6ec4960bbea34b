"""Many visitors at once, many captions after another, on the real server."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from tests.support.browser.serving import serving
from tests.support.browser.visitor import Visitor
from tests.support.process import server_memory

pytestmark = pytest.mark.slow

VISITORS = 16
CAPTIONS = 500
GROWTH = 25  # megabytes; what visitors are shown would be over 50 if the server kept it


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> list[Path]:
    """Photos of which different things are said: blobs of random colours."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    paths = [folder / f"{number}.jpg" for number in range(VISITORS)]
    for path in paths:
        blobs = Image.fromarray(rng.integers(0, 256, (40, 60, 3)).astype(np.uint8))
        blobs.resize((600, 400), Image.Resampling.BICUBIC).save(path)
    return paths


@pytest.fixture(scope="module")
def visitors(server):
    everyone = [Visitor(server) for _ in range(VISITORS)]
    yield everyone
    for visitor in everyone:
        visitor.close()


def said(value: dict) -> tuple:
    """What tells one photo's answer from another's."""
    words = [(word["text"], word["probability"], word["attention"]) for word in value["words"]]
    return value["photo"], value["seen"], words


def assert_same(word: dict, other: dict) -> None:
    """Up to the last digits: those depend on what is computed together."""
    assert word["text"] == other["text"]
    assert word["probability"] == pytest.approx(other["probability"], abs=1e-5)
    np.testing.assert_allclose(word["attention"], other["attention"], atol=1e-5)
    texts, chances = zip(*word["alternatives"], strict=True)
    same_texts, same_chances = zip(*other["alternatives"], strict=True)
    assert texts == same_texts and chances == pytest.approx(same_chances, abs=1e-5)


def test_all_visitors_get_the_captions_of_their_own_photos(visitors, photos):
    alone = [said(visitors[0].caption(visitors[0].upload(photo))) for photo in photos]
    assert len({json.dumps(words) for _, _, words in alone}) == VISITORS

    def visit(visitor, photo):
        kept = visitor.upload(photo)
        return [said(visitor.caption(kept)) for _ in range(2)]

    with ThreadPoolExecutor(VISITORS) as pool:
        together = list(pool.map(visit, visitors, photos))
    for answers, expected in zip(together, alone, strict=True):
        for photo, seen, words in answers:
            assert (photo, seen) == expected[:2]
            assert [word[0] for word in words] == [word[0] for word in expected[2]]
            for word, same in zip(words, expected[2], strict=True):
                assert word[1] == pytest.approx(same[1], abs=1e-4)
                np.testing.assert_allclose(word[2], same[2], atol=1e-4)


def test_queries_of_many_visitors_are_answered_together(visitors, photos):
    values = [one.caption(one.upload(photo)) for one, photo in zip(visitors, photos, strict=True)]

    def ask(visitor, value):
        words = [word["text"] for word in value["words"]]
        asked = {"seen": value["seen"], "covered": [], "compare": words}
        return visitor.query("what_if", words=words[:2], **asked)

    with ThreadPoolExecutor(VISITORS) as pool:
        answers = list(pool.map(ask, visitors, values))
    for answer, value in zip(answers, values, strict=True):
        for word, same in zip(answer["result"]["words"][:2], value["words"][:2], strict=True):
            assert_same(word, same)
        chances = [word["probability"] for word in value["words"]]
        assert answer["kept"] == pytest.approx(chances, abs=1e-4)


def test_callers_of_the_web_api_get_their_own_what_ifs(server, photos):
    """Photos, words, samplers and seeds differ: what waits is computed together all the same."""
    samplers = [{"sampler": "greedy"}, {"sampler": "beam", "beams": 3}]
    samplers += [{"sampler": "sampling", "seed": seed} for seed in (1, 2)]
    beginnings = ["", "a", "the man in"]
    patient = {"timeout": 60}  # the machine may be busy
    callers = [Client(server, verbose=False, httpx_kwargs=patient) for _ in range(VISITORS)]

    def ask(number):
        settings = samplers[number % 4] | {"words": beginnings[number % 3]}
        photo = handle_file(photos[number])
        return callers[number].predict(photo, api_name="/what_if", **settings)

    alone = [ask(number) for number in range(VISITORS)]
    with ThreadPoolExecutor(VISITORS) as pool:
        together = list(pool.map(ask, range(VISITORS)))
    assert len({answer["caption"] for answer in alone}) > VISITORS // 2
    for number, (answer, expected) in enumerate(zip(together, alone, strict=True)):
        assert answer["photo"] == photos[number].name
        assert answer["caption"] == expected["caption"]
        assert answer["caption"].startswith(beginnings[number % 3])
        for word, same in zip(answer["words"], expected["words"], strict=True):
            assert_same(word, same)


def test_a_long_query_does_not_delay_others(visitors, photos):
    one, other = visitors[:2]
    photo = other.upload(photos[1])
    value = one.caption(one.upload(photos[0]))
    words = [word["text"] for word in value["words"]]
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(one.query, "cause", seen=value["seen"], words=words, covered=[])
        other.caption(photo)
        assert not long.done()
        answer = long.result()
    assert np.shape(answer["maps"]) == (len(words), 7, 7)
    assert len(answer["agreement"]) == len(words)


def test_what_one_visitor_saves_another_can_open(visitors, photos):
    one, other = visitors[:2]
    value = one.caption(one.upload(photos[2]))
    opened = other.open(json.dumps(value))
    assert (opened["words"], opened["seen"]) == (value["words"], value["seen"])
    assert other.open("<html>")["error"].startswith("This file is not a result saved by this page")


@pytest.fixture(scope="module")
def quick(saved_checkpoint):
    """The server with a captioner that takes little time: what it keeps is the same."""
    with serving(saved_checkpoint) as address:
        yield address


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="Linux only")
def test_memory_stays_flat(quick, photos):
    def visits(count):
        """Each in a session of its own, as when one visitor comes after another."""

        def visit(number):
            visitor = Visitor(quick, like=first)
            visitor.caption(kept[number % len(kept)], sampler="sampling", seed=number)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(visit, range(count)))
        return server_memory(quick)

    with Visitor(quick) as first:
        kept = [first.upload(photo) for photo in photos]
        before = visits(100)
        after = visits(CAPTIONS)
    assert after - before < GROWTH
