"""The explorer: the component that shows a caption and where its words looked.

All looking happens in the browser (assets/explore). Its value is that of `results.Shown`, or
`{"error": sentence}`, or nothing while there is no photo. Its event "ask" carries a question
about the photo, whose answer comes back in the prop `answer` (see `asks`); "open" carries the
text of a saved result. While two captions are compared there is a second one, and the columns that
show both sentences word above word.
"""

import gradio as gr

from captioner.overlay_style import page_style
from captioner.ui.shared import assets
from captioner.ui.shared.sampler_settings import USUAL

# They share one scope, in this order.
SHARED = ("elements", "colours", "maps", "painter")
OWN = (
    *("state", "words", "stage", "marks"),
    *("playing", "queue", "asking", "align", "beside", "changes", "cause", "more"),
    *("similarity", "tour", "branches", "samples", "saving", "explorer"),
)
SCRIPTS = (*(f"shared/{name}.js" for name in SHARED), *(f"explore/{name}.js" for name in OWN))
STYLES = ("explorer", "more", "similarity", "tour")


def explorer(pane: str = "first") -> gr.HTML:
    """The component, without a value; its prop `captioner` says how far loading has come, and
    `usual` holds the default settings. That of the "second" pane has an event "wanted": it asks for
    a caption."""
    return gr.HTML(
        html_template=assets.read("explore/explorer.html"),
        css_template=assets.read(*(f"explore/{name}.css" for name in STYLES)),
        js_on_load=assets.read(*SCRIPTS),
        apply_default_css=False,
        elem_id="explorer" if pane == "first" else f"explorer-{pane}",
        captioner="loading",
        usual=USUAL.to_json(),
        answer=None,
        style=page_style(),
    )


def columns() -> gr.HTML:
    """Both sentences word above word; it hears of them from the explorers, in the browser."""
    return gr.HTML(
        html_template=assets.read("explore/columns.html"),
        css_template=assets.read("explore/columns.css"),
        js_on_load=assets.read("shared/elements.js", "explore/align.js", "explore/columns.js"),
        apply_default_css=False,
        elem_id="aligned",
    )
