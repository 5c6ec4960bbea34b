"""The result that the page opens on."""

import json

import numpy as np
import pytest

from captioner import Captioner
from captioner.paths import BUNDLED
from captioner.ui.explore import exchange, opening
from captioner.ui.explore.opening import Opening
from captioner.ui.shared.models import Models

AGAIN = "The captioner or the example has changed: run `python -m docs.opening`."


@pytest.fixture(scope="module")
def stored():
    return opening.read()


def test_it_is_what_the_bundled_captioner_says(stored):
    made = opening.make(Captioner.load(), stored["example"])
    assert stored["caption"] == made["caption"], AGAIN
    for field in ("words", "probabilities"):
        now, then = (
            [word["attention" if field == "words" else "probability"] for word in value["words"]]
            for value in (made, stored)
        )
        np.testing.assert_allclose(now, then, atol=0.01, err_msg=AGAIN)
    assert set(stored) == set(made)


def test_it_is_a_saved_result_like_any_other(stored):
    value = exchange.parse(json.dumps(stored))
    assert value.result.caption.text == stored["caption"]
    assert value.checkpoint in Models(None, BUNDLED).names()
    assert max(value.photo.size) == opening.SIDE


def test_the_document_has_its_words_and_no_more_than_the_browser_draws(stored):
    html = Opening(Models(None, BUNDLED)).html()
    assert f"data-caption>{stored['caption']}</h2>" in html
    assert stored["photo"] in html and stored["seen"] not in html
    assert '"seconds":null' in html  # nothing is known of this machine


def test_another_captioner_does_not_open_on_the_words_of_the_bundled_one(tmp_path):
    assert opening.is_for(Models(None, BUNDLED))
    assert not opening.is_for(Models(None, tmp_path))
