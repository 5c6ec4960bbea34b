"""The explorer: the component that shows a caption and where its words looked.

All looking happens in the browser (assets/explorer). Its value is that of `results.Shown`, or
`{"error": sentence}`, or nothing while there is no photo. Its event "ask" carries a question
about the photo, whose answer comes back in the prop `answer` (see `asks`); "open" carries the
text of a saved result. While two captions are compared there is a second one, and the columns that
show both sentences word above word.
"""

import gradio as gr

from captioner.ui import assets
from captioner.ui.settings import USUAL

# They share one scope, in this order.
SCRIPTS = (
    *("elements", "colours", "maps", "painter", "state", "words", "stage", "marks"),
    *("playing", "queue", "asking", "align", "beside", "changes", "cause", "more"),
    *("similarity", "tour", "branches", "samples", "saving", "explorer"),
)
STYLES = ("explorer", "more", "similarity", "tour")


def explorer(pane: str = "first") -> gr.HTML:
    """The component, without a value; its prop `captioner` says how far loading has come, and
    `usual` holds the default settings. That of the "second" pane has an event "wanted": it asks for
    a caption."""
    return gr.HTML(
        html_template=assets.read("explorer/explorer.html"),
        css_template=assets.read(*(f"explorer/{name}.css" for name in STYLES)),
        js_on_load=assets.read(*(f"explorer/{name}.js" for name in SCRIPTS)),
        apply_default_css=False,
        elem_id="explorer" if pane == "first" else f"explorer-{pane}",
        captioner="loading",
        usual=USUAL.to_json(),
        answer=None,
    )


def columns() -> gr.HTML:
    """Both sentences word above word; it hears of them from the explorers, in the browser."""
    return gr.HTML(
        html_template=assets.read("explorer/columns.html"),
        css_template=assets.read("explorer/columns.css"),
        js_on_load=assets.read(
            *(f"explorer/{name}.js" for name in ("elements", "align", "columns"))
        ),
        apply_default_css=False,
        elem_id="aligned",
    )
