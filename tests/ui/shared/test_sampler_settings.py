"""Settings from outside are those that a visitor can set, or a sentence says what is wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner import Beam, Greedy, Sampling
from captioner.ui.shared.sampler_settings import RANGES, USUAL, Settings

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


def test_each_sampler_is_chosen_by_its_name():
    assert Settings.of({}).chooser == Greedy()
    sampling = {"sampler": "sampling", "temperature": 0.8, "top_k": 5, "top_p": 0.9, "seed": 7}
    assert Settings.of(sampling).chooser == Sampling(0.8, 5, 0.9, 7)
    assert Settings.of({"sampler": "beam", "beams": 4}).chooser == Beam(4)


def test_they_come_back_from_their_json():
    for settings in (USUAL, Settings("sampling", 0.35, 40, 0.5, None, 8)):
        assert Settings.of(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sampler": "magic"}, "The sampler must be one of greedy, sampling, beam."),
        ({"sampler": ["beam"]}, "The sampler must be one of"),
        ({"temperature": 0}, "The setting temperature must be a number from 0.1 to 2.0."),
        ({"temperature": "1"}, "The setting temperature must be a number"),
        ({"temperature": float("nan")}, "The setting temperature must be a number"),
        ({"temperature": None}, "The setting temperature must be a number"),
        ({"top_k": 2.5}, "The setting top_k must be a whole number."),
        ({"top_k": True}, "The setting top_k must be a number from 0 to 100."),
        ({"seed": -1}, "The setting seed must be a number from 0 to 1,000,000,000."),
        ({"seed": 10**400}, "The setting seed must be a number"),
        ({"beams": 9}, "The setting beams must be a number from 1 to 8."),
    ],
    ids=str,
)
def test_what_cannot_be_set_is_said(given, sentence):
    with pytest.raises(ValueError) as refused:
        Settings.of(given)
    assert str(refused.value).startswith(sentence)


@given(st.dictionaries(st.sampled_from([*USUAL.to_json(), "cls", "self", ""]), ANYTHING))
def test_whatever_comes_is_usable_or_refused(given):
    try:
        settings = Settings.of(given)
    except ValueError as refused:
        assert str(refused).endswith(".")
    else:
        assert settings.chooser
        for name, (least, most, _) in RANGES.items():
            value = getattr(settings, name)
            assert value is None if value is None else least <= value <= most
