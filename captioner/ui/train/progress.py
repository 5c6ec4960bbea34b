"""The view of a run: how far it is, and what it says about a few photos as it learns."""

from collections.abc import Callable

import gradio as gr

from captioner.rendering.overlay_style import page_style
from captioner.ui.shared import assets


def learning_view(metrics: Callable[[dict], dict]) -> gr.HTML:
    """The component, without a run. Its event "advance" says that the run is at another stage.

    It is drawn in the browser (assets/train). Its value (the samples of each snapshot) and its prop
    `curves` are JSON texts, its prop `status` is a dict; all three come from the module `run_view`.

    Args:
        metrics: returns {text} for {runs}: the metrics of the runs with these names, as CSV.
    """
    return gr.HTML(
        html_template=assets.read("train/run.html"),
        css_template=assets.read("shared/panel.css", "train/run.css"),
        js_on_load=assets.mount("train/run.js", "advance", style=page_style()),
        server_functions=[metrics],
        apply_default_css=False,
        elem_id="learning",
        status=None,
        curves=None,
    )
