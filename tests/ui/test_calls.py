"""What Gradio does around each call, and what is left out of it."""

from contextlib import nullcontext
from pathlib import Path

import gradio as gr
import pytest
from gradio import utils
from gradio.state_holder import SessionState

from captioner.ui import calls


@pytest.fixture
def cheap(monkeypatch):
    """These are Gradio's own, which another version may call otherwise: then this fails."""
    for name in ("__init__", "_update_config", "_update_value_in_config"):
        monkeypatch.setattr(SessionState, name, getattr(SessionState, name))
    monkeypatch.setattr(utils, "MatplotlibBackendMananger", utils.MatplotlibBackendMananger)
    calls.make_cheap()


def test_a_session_describes_no_components(cheap):
    with gr.Blocks() as page:
        box, state = gr.Textbox("hello"), gr.State([1])
    session = SessionState(page)
    assert session.config_values == {}
    assert session[box._id] is box and session[state._id] == [1]
    session._update_value_in_config(box._id, "other")
    session._update_config(box._id)
    assert session.config_values == {}
    session[box._id] = other = gr.Textbox("other", render=False)
    assert session[box._id] is other and SessionState(page)[box._id] is box


def test_a_call_does_not_touch_pyplot(cheap):
    assert utils.MatplotlibBackendMananger is nullcontext
    source = Path(gr.route_utils.__file__).read_text()
    assert "with utils.MatplotlibBackendMananger():" in source
