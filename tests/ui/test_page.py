"""What the page asks of Gradio beyond what it looks like."""

from pathlib import Path

import gradio as gr
import pytest

from captioner.ui.page import build_page
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission


@pytest.mark.parametrize("name", ["sleep_when_free", "progress_update_sleep_when_free"])
def test_a_server_that_nobody_asks_rests(name):
    """These are Gradio's own, which another version may call otherwise: then this fails."""
    ours = build_page(Models(None, Path()), Permission(public=False))._queue
    assert hasattr(gr.Blocks().queue()._queue, name)
    assert 0.01 <= getattr(ours, name) <= 0.1  # seconds
