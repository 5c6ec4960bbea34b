"""The choice of a captioner."""

from types import SimpleNamespace

import pytest

from captioner.ui.explore.model_choice import model_choice


@pytest.fixture
def choice():
    return model_choice(SimpleNamespace(names=lambda: ["default", "other"]))


def test_a_captioner_that_was_trained_since_is_accepted(choice):
    assert choice.preprocess("mine/best") == "mine/best"
    assert choice.preprocess(None) is None


@pytest.mark.parametrize("sent", [7, True, ["default"], {"name": "default"}])
def test_whatever_a_browser_sends_is_a_name(choice, sent):
    assert isinstance(choice.preprocess(sent), str)


def test_one_captioner_is_no_choice(choice):
    assert choice.visible
    assert not model_choice(SimpleNamespace(names=lambda: ["default"])).visible
