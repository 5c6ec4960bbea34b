"""Many visitors at once, many captions after another, on the real server."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visitor import Visitor

from tests.support.process import server_memory
from tests.support.serving import serving

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
        assert answer["result"]["words"][:2] == value["words"][:2]
        chances = [word["probability"] for word in value["words"]]
        assert answer["kept"] == pytest.approx(chances, abs=1e-4)


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


@pytest.mark.slow
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
