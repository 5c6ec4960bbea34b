"""The view of kept results: side by side as table and charts, and photo by photo.

Drawn in the browser (assets/evaluate). Its value is what `comparison.compared` returns, as JSON
text, with the number of results that are kept; its prop `status` is that of `Progress.to_json`,
and {doing: ""} while nothing goes on.
Its event "begin" asks for the first evaluation, "explore" carries {result, number} of a photo,
"forget" the {result} that is to be deleted. For photos and files it asks by itself.
"""

import gradio as gr

from captioner.ui.evaluate.controls import Evaluator
from captioner.ui.shared import assets

_SCRIPTS = (
    *("shared/elements", "shared/panel"),
    *(f"evaluate/{name}" for name in ("progress", "chart", "table", "photos", "evaluation")),
)


def measured_view(evaluator: Evaluator) -> gr.HTML:
    """The component, without a result."""

    def photos(wish):  # Gradio marks what the browser may call, which methods do not let it
        return evaluator.photos(wish)

    def export(wish):
        return evaluator.export(wish)

    return gr.HTML(
        html_template=assets.read("evaluate/evaluation.html"),
        css_template=assets.read(
            "shared/panel.css", "evaluate/evaluation.css", "evaluate/photos.css"
        ),
        js_on_load=assets.read(*(f"{name}.js" for name in _SCRIPTS)),
        server_functions=[photos, export],
        apply_default_css=False,
        elem_id="measured",
        status={"doing": ""},
        first=evaluator.models.names()[0],
        permitted=evaluator.permission.possible,
    )
