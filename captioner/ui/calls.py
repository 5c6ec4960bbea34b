"""Calls of the page and of the web API without what Gradio does for features that are not used."""

from contextlib import nullcontext
from types import SimpleNamespace

from gradio import utils
from gradio.state_holder import SessionState

_init = SessionState.__init__


def make_cheap() -> None:
    """Holds for calls from now on."""
    # Each session describes all components, and again those that a call uses, for deep links. This
    # takes as long as a caption, and programs without Gradio's client begin one with each call.
    SessionState.__init__ = _begin_session
    SessionState._update_config = SessionState._update_value_in_config = _ignore
    # Around each call Gradio imports pyplot and sets its backend; nothing here draws with pyplot.
    utils.MatplotlibBackendMananger = nullcontext


def _begin_session(self, blocks) -> None:
    _init(self, SimpleNamespace(default_config=blocks.default_config, blocks=()))


def _ignore(self, *changed) -> None:
    pass
