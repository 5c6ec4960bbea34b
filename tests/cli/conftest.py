"""What tests of the command line share."""

import functools

import pytest

from captioner import Captioner


@pytest.fixture(scope="module", autouse=True)
def loaded_once():
    """A captioner is loaded and compiled once, not for every command."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Captioner, "load", functools.cache(Captioner.load))
        yield
