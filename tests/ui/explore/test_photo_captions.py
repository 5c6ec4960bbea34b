"""The explorer's value for a photo in the input."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from captioner import Captioner
from captioner.ui.explore.photo_captions import PhotoCaptions
from captioner.ui.explore.recent_photos import RecentPhotos
from captioner.ui.shared.models import Models
from captioner.ui.shared.sampler_settings import DEFAULTS
from tests.support import tiny

SETTINGS = DEFAULTS.to_json().values()


@pytest.fixture(scope="module")
def captioner():
    return Captioner(tiny.checkpoint())


@pytest.fixture
def store():
    return RecentPhotos()


@pytest.fixture
def captions(captioner, store):
    return PhotoCaptions(Models(lambda folder: captioner, Path("tiny")), store)


def test_a_picture_is_sent_once(captions, photo):
    first = captions.caption(photo, "", [], *SETTINGS)
    keys = first["keys"]
    assert first["photo"].startswith("data:image/jpeg") and first["seen"].startswith(
        "data:image/png"
    )
    second = captions.caption(photo, "", [*keys.values()], *SETTINGS)
    assert second.keys() == first.keys() - {"photo", "seen"}
    assert second["words"] == first["words"] and second["keys"] == keys
    third = captions.caption(photo, "", [keys["seen"]], *SETTINGS)
    assert third["photo"] == first["photo"] and "seen" not in third


def test_queries_find_what_the_network_saw(captions, captioner, store, photo):
    value = captions.caption(photo, "", None, *SETTINGS)
    assert np.array_equal(store.find(value["keys"]["seen"]), captioner.pixels(photo))


@pytest.mark.parametrize("known", ["all", [7], {"photo": 1}, ["x" * 100]], ids=repr)
def test_strange_keys_are_refused_in_a_sentence(captions, photo, known):
    value = captions.caption(photo, "", known, *SETTINGS)
    assert value.keys() == {"error"} and value["error"].startswith("The known pictures")


@pytest.fixture
def photo(tmp_path) -> str:
    path = tmp_path / "red.png"
    Image.new("RGB", (90, 70), "red").save(path)
    return str(path)
