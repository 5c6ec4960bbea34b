"""The explorer: the component that shows a caption and the attention of its words.

It runs in the browser (assets/explore). Its value is that of `results.ExplorerValue`, or
`{"error": sentence}`, or None while there is no photo. Its events "ask" and "recaption" carry a
query about the photo, whose answer comes back in the prop `answer` (see `queries`). "open" carries
the text of a saved result, and "wanted" requests a caption of the photo in the input. While two
captions are compared there is a second explorer, and columns with both sentences word above word.
"""

import gradio as gr

from captioner.rendering.overlay_style import page_style
from captioner.ui.explore import suggestions
from captioner.ui.shared import assets
from captioner.ui.shared.models import Models
from captioner.ui.shared.sampler_settings import DEFAULTS

# In the page's document, because the opening result needs them before there is a component.
STYLES = (
    "explorer.css",
    "photo/pointed.css",
    "sentence/suggestions.css",
    "heads/heads.css",
    "panels/panels.css",
    "panels/similarity.css",
    "tour/tour.css",
    "phone.css",
)


def styles() -> str:
    """The style sheet of explorers, as strong as that of a component of Gradio, which has an id."""
    return f":is(.explorer-scope, #_) {{ {assets.read(*(f'explore/{name}' for name in STYLES))} }}"


def explorer(models: Models, pane: str = "first", value: dict | None = None) -> gr.HTML:
    """The component.

    Its prop `captioner` says how far loading has come; `models` has the names of all captioners.
    """

    def suggest(request):  # Gradio sets attributes on it
        return suggestions.suggest(models, request)

    return gr.HTML(
        value,
        html_template=assets.read("explore/explorer.html"),
        js_on_load=assets.mount(
            "explore/explorer.js",
            *("ask", "recaption", "choose", "open", "wanted", "controls"),
            usual=DEFAULTS.to_json(),
            style=page_style(),
        ),
        server_functions=[suggest],
        apply_default_css=False,
        elem_id="explorer" if pane == "first" else f"explorer-{pane}",
        captioner=None,
        models=None,
        answer=None,
    )


def columns() -> gr.HTML:
    """Both sentences word above word. The explorers send them to it, in the browser."""
    return gr.HTML(
        html_template=assets.read("explore/compare/columns.html"),
        css_template=assets.read("explore/compare/columns.css"),
        js_on_load=assets.mount("explore/compare/columns.js", style=page_style()),
        apply_default_css=False,
        elem_id="aligned",
    )
