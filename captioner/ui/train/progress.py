"""The view of a run: how far a run is, and what it says of a few pictures as it learns.

Drawn in the browser (assets/train). Its value is what `watching.learnt` returns, as JSON text;
its prop `status` is that of `watching.status`, `curves` that of `watching.curves` as JSON text.
"""

import gradio as gr

from captioner.ui.shared import assets

# The first ones are the explorer's: both paint maps over photos.
_SCRIPTS = (
    *(f"shared/{name}" for name in ("elements", "colours", "maps", "painter")),
    "shared/panel",
    *(f"train/{name}" for name in ("state", "progress", "pictures", "each", "chart")),
    "train/timeline",
)


def learning_view() -> gr.HTML:
    """The component, without a run."""
    return gr.HTML(
        html_template=assets.read("train/learning.html"),
        css_template=assets.read("shared/panel.css", "train/learning.css"),
        js_on_load=assets.read(*(f"{name}.js" for name in _SCRIPTS)),
        apply_default_css=False,
        elem_id="learning",
        status=None,
        curves=None,
    )
