"""Settings from outside are those that a visitor can set, or a sentence says what is wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner import Beam, Greedy, Sampling
from captioner.ui.shared import untrusted
from captioner.ui.shared.sampler_settings import DEFAULTS, RANGES, Settings

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


def checked(value) -> Settings:
    return untrusted.checked(Settings, value)


def test_each_sampler_is_chosen_by_its_name():
    assert checked({}).make_sampler() == Greedy()
    sampling = {"sampler": "sampling", "temperature": 0.8, "top_k": 5, "top_p": 0.9, "seed": 7}
    assert checked(sampling).make_sampler() == Sampling(0.8, 5, 0.9, 7)
    assert checked({"sampler": "beam", "beams": 4}).make_sampler() == Beam(4)


def test_they_come_back_from_their_json():
    chosen = Settings.from_controls("sampling", 0.35, 40.0, 0.5, None, 8)
    assert chosen.top_k == 40 and chosen.seed is None
    for settings in (DEFAULTS, chosen):
        assert checked(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sampler": "magic"}, "The field sampler must be 'greedy', 'sampling' or 'beam'."),
        ({"sampler": ["beam"]}, "The field sampler must be 'greedy'"),
        ({"temperature": 0}, "The field temperature must be at least 0.1."),
        ({"temperature": 2.01}, "The field temperature must be at most 2."),
        ({"temperature": "1"}, "The field temperature must be a number."),
        ({"temperature": float("nan")}, "The field temperature must be a finite number."),
        ({"temperature": None}, "The field temperature must be a number."),
        ({"top_k": 2.5}, "The field top_k must be a whole number."),
        ({"top_k": True}, "The field top_k must be a whole number."),
        ({"seed": -1}, "The field seed must be at least 0."),
        ({"seed": 10**400}, "The field seed must be at most 1000000000."),
        ({"beams": 9}, "The field beams must be at most 8."),
    ],
    ids=str,
)
def test_what_cannot_be_set_is_said(given, sentence):
    with pytest.raises(ValueError) as refused:
        checked(given)
    assert str(refused.value).startswith(sentence)


@given(st.dictionaries(st.sampled_from([*DEFAULTS.to_json(), "cls", "self", ""]), ANYTHING))
def test_whatever_comes_is_usable_or_refused(given):
    try:
        settings = checked(given)
    except ValueError as refused:
        assert str(refused).endswith(".")
    else:
        assert settings.make_sampler()
        for name, (least, most, _) in RANGES.items():
            value = getattr(settings, name)
            assert value is None if value is None else least <= value <= most
